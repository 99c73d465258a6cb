"""A document too big for one message becomes several, cut where it hurts least: between blocks, lines, words. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

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
from doetank_bot.domain.hygiene import clip

Fits = Callable[[Document], bool]
Piece = TypeVar("Piece")

_NODE_BYTES = 1500
"""How much of a text stays together when nothing bigger can: it fits any platform, also escaped and twice over."""


def split(document: Document, fits: Fits) -> list[Document]:
    """Return documents that each fit, in order, which together say what `document` says.

    A quote stays one, because it follows its contribution: too long by itself, it is cut short and keeps its link.
    """
    if fits(document):
        return [document]
    parts: list[Document] = []
    for group in _packed(document.blocks, lambda blocks: fits(Document(blocks=tuple(blocks)))):
        part = Document(blocks=tuple(group))
        parts += [part] if fits(part) else _split_block(group[0], fits)
    return parts


def _split_block(block: Block, fits: Fits) -> list[Document]:
    def fit(lines: Sequence[Line]) -> bool:
        return fits(_document(block, lines))

    lines = [piece for line in lines_of(block) for piece in ([line] if fit([line]) else _split_line(line, fit))]
    if isinstance(block, Heading):
        return [_document(block, [line]) for line in lines]
    return [_document(block, group) for group in _packed(lines, fit)]


def _split_line(line: Line, fit: Callable[[Sequence[Line]], bool]) -> list[Line]:
    nodes = [piece for node in line for piece in _split_node(node)]
    return [tuple(group) for group in _packed(nodes, lambda group: fit([tuple(group)]))]


def _split_node(node: Inline) -> Iterator[Inline]:
    if isinstance(node, Quote):
        is_long = not node.limit or node.limit > _NODE_BYTES // 4
        yield node.model_copy(update={"limit": _NODE_BYTES // 4}) if is_long else node
    elif isinstance(node, Mention):
        yield node
    else:
        rest = node.text
        while rest:
            start, is_cut = clip(rest, _NODE_BYTES)
            start = start or rest[:1]
            yield node.model_copy(update={"text": start})
            rest = rest[len(start) :] if is_cut else ""


def _packed(pieces: Sequence[Piece], fits: Callable[[list[Piece]], bool]) -> Iterator[list[Piece]]:
    """Yield as few groups as order allows; a piece that fits nowhere is a group by itself."""
    group: list[Piece] = []
    for piece in pieces:
        if group and not fits([*group, piece]):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _document(block: Block, lines: Sequence[Line]) -> Document:
    match block:
        case Heading():
            return Document(blocks=(block.model_copy(update={"line": lines[0]}),))
        case Paragraph():
            return Document(blocks=(block.model_copy(update={"lines": tuple(lines)}),))
        case Bullets():
            return Document(blocks=(block.model_copy(update={"items": tuple(lines)}),))
