"""The document tree: what a message says, free of any platform's markup.

Members' words are literal: `Text` and `Quote` are escaped by every renderer, so no tree can smuggle markup, a mention
or a link. A tree is stored without the words inside its quotes (`emptied`) and filled again from the contributions
(`filled`): that is how an edit or a withdrawal reaches every message that quoted it.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Node):
    """Literal text."""

    node: Literal["text"] = "text"
    text: str


class Strong(_Node):
    """Text that stands out; the meaning never depends on it."""

    node: Literal["strong"] = "strong"
    text: str


class Emphasis(_Node):
    """Text in italics, for small print."""

    node: Literal["emphasis"] = "emphasis"
    text: str


class Code(_Node):
    """Something to type."""

    node: Literal["code"] = "code"
    text: str


class Mention(_Node):
    """A person by name; `user` is pinged only when the post says so in its mentions."""

    node: Literal["mention"] = "mention"
    user: UserRef
    name: str


class Quote(_Node):
    """A member's own words: contribution `number` of the post's group, on one line of `limit` characters (0: whole).

    `source` links to the message they came from; `author` is the name to show, never filled in without `shows_author`.
    Without `marks` it stands bare, as a short value in a sentence of ours: a date, an owner. `choices` are the words
    to show for those that are kept by their name in a list: a status.
    """

    node: Literal["quote"] = "quote"
    number: int
    text: str = ""
    author: str = ""
    shows_author: bool = True
    source: MessageRef | None = None
    limit: int = 160
    marks: bool = True
    choices: Mapping[str, str] = Field(default_factory=dict)


class SourceLink(_Node):
    """A link with a text of ours to a message in the chat."""

    node: Literal["source"] = "source"
    text: str
    source: MessageRef


Inline = Annotated[
    Text | Strong | Emphasis | Code | Mention | Quote | SourceLink,
    Field(discriminator="node"),
]
Line = tuple[Inline, ...]
STOP = Text(text=". ")
"""Stands between the sentences of a line."""
_END = Text(text=".")


class Heading(_Node):
    """A real heading; level 2 for a message's title, 3 for its sections."""

    node: Literal["heading"] = "heading"
    level: Literal[2, 3] = 3
    line: Line


class Paragraph(_Node):
    """Lines that belong together; each stays a line of its own."""

    node: Literal["paragraph"] = "paragraph"
    lines: tuple[Line, ...]


class Bullets(_Node):
    """A list."""

    node: Literal["bullets"] = "bullets"
    items: tuple[Line, ...]
    ordered: bool = False


Block = Annotated[Heading | Paragraph | Bullets, Field(discriminator="node")]


class Document(_Node):
    """One message."""

    blocks: tuple[Block, ...]


def paragraph(*lines: str) -> Document:
    """Return a document of one paragraph of literal lines."""
    return Document(blocks=(Paragraph(lines=tuple((Text(text=line),) for line in lines)),))


def lines_of(block: Heading | Paragraph | Bullets) -> tuple[Line, ...]:
    """Return the block's lines, in reading order."""
    match block:
        case Heading():
            return (block.line,)
        case Paragraph():
            return block.lines
        case Bullets():
            return block.items


def quotes(document: Document) -> Iterator[Quote]:
    """Yield every quote in reading order."""
    for block in document.blocks:
        for line in lines_of(block):
            yield from (node for node in line if isinstance(node, Quote))


def emptied(document: Document) -> Document:
    """Return the tree as it may be stored: no member's words or names in it."""
    return _mapped(document, lambda quote: quote.model_copy(update={"text": "", "author": ""}))


def filled(document: Document, words: Mapping[int, tuple[str, str]]) -> Document:
    """Return the tree with its quotes' (text, author) taken from `words` by number.

    A line whose quote is missing there (withdrawn) drops out whole, but of a line with a `STOP` only the sentence, when
    it is not the first. Without its first line a paragraph drops out (it is about that one), and without anything
    under it a heading.
    """
    present = _without_missing(document, words)
    return _mapped(
        present,
        lambda quote: quote.model_copy(
            update={
                "text": words[quote.number][0],
                "author": words[quote.number][1] if quote.shows_author else "",
            }
        ),
    )


def linked_within(document: Document, spaces: Container[SpaceRef | None]) -> Document:
    """Return the tree with the links of its quotes left out that lead anywhere else: into someone's private chat."""
    return _mapped(
        document,
        lambda quote: (
            quote if quote.source is None or quote.source.space in spaces else quote.model_copy(update={"source": None})
        ),
    )


def shown(quote: Quote) -> str:
    """Return a quote's words as they are shown: whole, or one line cut at its limit; bare without full stop."""
    words = quote.choices.get(quote.text) or (excerpt(quote.text, quote.limit) if quote.limit else quote.text)
    return words if quote.marks else words.rstrip(" .") or words


def sentences(line: Line, *others: Line) -> Line:
    """Return a line with other sentences after it; empty ones drop out."""
    said = [sentence for sentence in others if sentence]
    return (*line, *(node for sentence in said for node in (STOP, *sentence)), *((_END,) if said else ()))


def _mapped(document: Document, change: Callable[[Quote], Quote]) -> Document:
    def line(nodes: Line) -> Line:
        return tuple(change(node) if isinstance(node, Quote) else node for node in nodes)

    return Document(blocks=tuple(_with_lines(block, tuple(map(line, lines_of(block)))) for block in document.blocks))


def _present(line: Line, words: Mapping[int, tuple[str, str]]) -> Line:
    """Return the line without the sentences whose quote is missing; nothing without its first."""
    stops = [place for place, node in enumerate(line) if node == STOP]
    parts = [line[start:end] for start, end in zip([0, *(stop + 1 for stop in stops)], [*stops, None], strict=True)]
    kept = [all(node.number in words for node in part if isinstance(node, Quote)) for part in parts]
    if all(kept) or not kept[0]:
        return line if kept[0] else ()
    first, *others = (part for part, is_kept in zip(parts, kept, strict=True) if is_kept)
    return sentences(first, *(tuple(node for node in part if node != _END) for part in others)) if others else first


def _without_missing(document: Document, words: Mapping[int, tuple[str, str]]) -> Document:
    kept: list[Heading | Paragraph | Bullets] = []
    for block in document.blocks:
        present = tuple(_present(line, words) for line in lines_of(block))
        lines = tuple(filter(None, present))
        is_headless = isinstance(block, Paragraph) and bool(present) and not present[0]
        if not lines or is_headless:
            continue
        if isinstance(block, Heading) and _orphan(kept, block):
            kept.pop()
        kept.append(_with_lines(block, lines))
    if kept and isinstance(kept[-1], Heading) and len(kept) > 1:
        kept.pop()
    return Document(blocks=tuple(kept))


def _orphan(kept: list[Heading | Paragraph | Bullets], heading: Heading) -> bool:
    return bool(kept) and isinstance(kept[-1], Heading) and kept[-1].level >= heading.level


def _with_lines(block: Heading | Paragraph | Bullets, lines: tuple[Line, ...]) -> Heading | Paragraph | Bullets:
    match block:
        case Heading():
            return block.model_copy(update={"line": lines[0]})
        case Paragraph():
            return block.model_copy(update={"lines": lines})
        case Bullets():
            return block.model_copy(update={"items": lines})
