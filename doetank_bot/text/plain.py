"""A document tree as plain text: for the terminal, for notifications, for whoever sees no formatting."""

import unicodedata
from collections.abc import Callable

from doetank_bot.domain.document import (
    Block,
    Bullets,
    Code,
    Document,
    Emphasis,
    Heading,
    Inline,
    Line,
    Mention,
    Paragraph,
    Quote,
    SourceLink,
    Strong,
    Text,
    shown,
)
from doetank_bot.domain.reference import MessageRef

Link = Callable[[MessageRef], str]

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})


def plain(document: Document, link: Link | None = None) -> str:
    """Return the document as lines of text, paragraphs apart by a blank line; words are literal.

    A quote reads “words” — author, or bare. With `link`, quotes and source links end in the address it gives.
    """
    text = ""
    before: Block | None = None
    for block in document.blocks:
        if before:
            is_titled = isinstance(before, Heading) and not isinstance(block, Heading)
            text += "\n" if is_titled or _continues(before, block) else "\n\n"
        text += _block(block, link)
        before = block
    return text


def isolated(text: str) -> str:
    """Return `text` such that right-to-left words in it cannot turn those around it (Unicode UAX #9)."""
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def _continues(before: Block, block: Block) -> bool:
    return isinstance(before, Paragraph) and isinstance(block, Bullets)


def _block(block: Block, link: Link | None) -> str:
    match block:
        case Heading():
            return _line(block.line, link)
        case Paragraph():
            return "\n".join(_line(line, link) for line in block.lines)
        case Bullets():
            return "\n".join(
                (f"{index}. " if block.ordered else "- ") + _line(item, link).replace("\n", "\n  ")
                for index, item in enumerate(block.items, start=1)
            )


def _line(line: Line, link: Link | None) -> str:
    return "".join(_inline(node, link) for node in line)


def _inline(node: Inline, link: Link | None) -> str:
    match node:
        case Text() | Strong() | Emphasis() | Code():
            return node.text
        case Mention():
            return isolated(node.name)
        case Quote():
            author = f" — {isolated(node.author)}" if node.author else ""
            words = isolated(shown(node))
            return f"{f'“{words}”' if node.marks else words}{author}{_address(node.source, link)}"
        case SourceLink():
            return f"{node.text}{_address(node.source, link)}"


def _address(source: MessageRef | None, link: Link | None) -> str:
    return f" ({link(source)})" if source and link else ""
