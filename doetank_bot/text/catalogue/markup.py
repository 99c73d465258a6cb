"""The tiny markup of our own texts, compiled to a template; values put into it are never read as markup.

A blank line starts a new paragraph, a line break a new line. `# ` and `## ` make headings, `- ` a bullet;
in a line `**bold**`, code between backticks, `_small print_` and `{name}` for a value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from doetank_bot.domain.document import (
    Block,
    Bullets,
    Code,
    Document,
    Emphasis,
    Heading,
    Inline,
    Line,
    Paragraph,
    Strong,
    Text,
)
from doetank_bot.text.catalogue.value import Shown

_SPAN = re.compile(r"\*\*(?P<strong>.+?)\*\*|`(?P<code>[^`]+)`|(?<!\w)_(?P<small>[^_\s](?:.*?\S)??)_(?!\w)")
_CODE = re.compile(r"`([^`]+)`")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LEFT_OVER = re.compile(r"\*\*|[`{}]")

Value = Callable[[str], Shown]
Style = Literal["text", "strong", "code", "small"]
Kind = Literal["title", "heading", "bullet", "line"]

_PREFIXES: tuple[tuple[str, Kind], ...] = (("## ", "heading"), ("# ", "title"), ("- ", "bullet"))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one style: literal text and, at the odd places, names of placeholders."""

    style: Style
    parts: tuple[str, ...]

    def filled(self, value: Value) -> Iterator[Inline]:
        """Yield its nodes; a mention or quote inside bold or code stands on its own there."""
        text = ""
        for index, part in enumerate(self.parts):
            piece = value(part) if index % 2 else part
            if isinstance(piece, str):
                text += piece
                continue
            yield from self._styled(text)
            yield piece
            text = ""
        yield from self._styled(text)

    def _styled(self, text: str) -> Iterator[Inline]:
        if not text:
            return
        match self.style:
            case "text":
                yield Text(text=text)
            case "strong":
                yield Strong(text=text)
            case "code":
                yield Code(text=text)
            case "small":
                yield Emphasis(text=text)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a text."""

    kind: Kind
    spans: tuple[Span, ...]

    def filled(self, value: Value) -> Line:
        """Return its nodes."""
        return tuple(node for span in self.spans for node in span.filled(value))


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text: paragraphs of rows."""

    paragraphs: tuple[tuple[Row, ...], ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names between braces."""
        rows = (row for paragraph in self.paragraphs for row in paragraph)
        return frozenset(name for row in rows for span in row.spans for name in span.parts[1::2])

    def filled(self, value: Value) -> Document:
        """Return the tree, with `value(name)` at each placeholder."""
        return Document(blocks=tuple(block for rows in self.paragraphs for block in _blocks(rows, value)))


def parse(text: str) -> Template:
    """Compile a text. Raises ValueError when bold, code or a placeholder is not closed."""
    paragraphs = re.split(r"\n[ \t]*\n", text.strip("\n"))
    return Template(tuple(tuple(map(_row, paragraph.splitlines())) for paragraph in paragraphs))


def _row(line: str) -> Row:
    for prefix, kind in _PREFIXES:
        if line.startswith(prefix):
            return Row(kind, tuple(_spans(line.removeprefix(prefix))))
    return Row("line", tuple(_spans(line)))


def _spans(line: str) -> Iterator[Span]:
    end = 0
    for match in _SPAN.finditer(line):
        if match.start() > end:
            yield _span("text", line[end : match.start()])
        end = match.end()
        if match["code"]:
            yield _span("code", match["code"])
        else:
            yield from _around_code("strong" if match["strong"] else "small", match["strong"] or match["small"])
    if end < len(line):
        yield _span("text", line[end:])


def _around_code(style: Style, text: str) -> Iterator[Span]:
    """Code inside bold or small print is code; what stands around it keeps its style."""
    for index, piece in enumerate(_CODE.split(text)):
        if piece:
            yield _span("code" if index % 2 else style, piece)


def _span(style: Style, text: str) -> Span:
    parts = tuple(_PLACEHOLDER.split(text))
    for literal in parts[::2]:
        if left_over := _LEFT_OVER.search(literal):
            raise ValueError(f"{left_over[0]!r} is not closed in {text!r}")
    return Span(style, parts)


def _blocks(rows: tuple[Row, ...], value: Value) -> Iterator[Block]:
    for kind, group in groupby(rows, key=lambda row: row.kind):
        lines = tuple(row.filled(value) for row in group)
        match kind:
            case "bullet":
                yield Bullets(items=lines)
            case "line":
                yield Paragraph(lines=lines)
            case "title" | "heading":
                yield from (Heading(level=2 if kind == "title" else 3, line=line) for line in lines)
