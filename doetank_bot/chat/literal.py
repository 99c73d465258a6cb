"""The last look at a document's words before they leave, whatever wrote them. Pure."""

from typing import Any

from doetank_bot.domain.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Inline,
    Line,
    Mention,
    Paragraph,
    Quote,
    lines_of,
)
from doetank_bot.domain.hygiene import clean


def literal(document: Document) -> Document:
    """Return the tree with its words fit to show: a lone surrogate fails at every try, a direction mark deceives."""
    return Document(blocks=tuple(map(_block, document.blocks)))


def _block(block: Block) -> Block:
    lines = tuple(map(_line, lines_of(block)))
    match block:
        case Heading():
            return block.model_copy(update={"line": lines[0]})
        case Paragraph():
            return block.model_copy(update={"lines": lines})
        case Bullets():
            return block.model_copy(update={"items": lines})


def _line(line: Line) -> Line:
    return tuple(map(_node, line))


def _node(node: Inline) -> Inline:
    match node:
        case Mention():
            words: dict[str, Any] = {"name": clean(node.name)}
        case Quote():
            words = {"text": clean(node.text), "author": clean(node.author)}
        case _:
            words = {"text": clean(node.text)}
    return node.model_copy(update=words)
