"""A document tree as the HTML that Matrix clients show. Pure; only tags of the specification's list (section 11.2.1.1).

Every word goes through one escape, so no tree can hold markup, a mention or a link that was not meant.
"""

from collections.abc import Callable
from html import escape
from urllib.parse import quote

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
from doetank_bot.domain.reference import MessageRef, UserRef

Link = Callable[[MessageRef], str]
_TAGS = {"strong": "strong", "emphasis": "em", "code": "code"}
_ISOLATE, _POP = "\u2068", "\u2069"


def html(document: Document, link: Link, pinged: frozenset[UserRef]) -> str:
    """Return the document as HTML. Only people in `pinged` become a pill; others are named."""
    return "".join(_block(block, link, pinged) for block in document.blocks)


def message_link(user_id: str, room_id: str, event_id: str) -> str:
    """Return the matrix.to address of a message, by way of our own homeserver (room versions from 12 name none)."""
    server = user_id.partition(":")[2]
    return f"https://matrix.to/#/{quote(room_id, safe='')}/{quote(event_id, safe='')}?via={quote(server, safe='')}"


def _block(block: Block, link: Link, pinged: frozenset[UserRef]) -> str:
    def inner(line: Line) -> str:
        return "".join(_inline(node, link, pinged) for node in line)

    match block:
        case Heading():
            return f"<h{block.level}>{inner(block.line)}</h{block.level}>"
        case Paragraph():
            return f"<p>{'<br>'.join(map(inner, block.lines))}</p>"
        case Bullets():
            tag = "ol" if block.ordered else "ul"
            return f"<{tag}>{''.join(f'<li>{inner(item)}</li>' for item in block.items)}</{tag}>"


def _inline(node: Inline, link: Link, pinged: frozenset[UserRef]) -> str:
    match node:
        case Text():
            return _literal(node.text)
        case Strong() | Emphasis() | Code():
            tag = _TAGS[node.node]
            return f"<{tag}>{_literal(node.text)}</{tag}>"
        case Mention():
            return _mention(node, pinged)
        case Quote():
            return _quote(node, link)
        case SourceLink():
            return _anchor(link(node.source), _literal(node.text))


def _mention(node: Mention, pinged: frozenset[UserRef]) -> str:
    if node.user not in pinged:
        return _isolated(node.name)
    return _anchor(f"https://matrix.to/#/{quote(node.user.native, safe='@:')}", _literal(node.name))


def _quote(node: Quote, link: Link) -> str:
    author = f" — {_isolated(node.author)}" if node.author else ""
    words = f"“{_isolated(shown(node))}”" if node.marks else _isolated(shown(node))
    return (_anchor(link(node.source), words) if node.source else words) + author


def _anchor(address: str, inner: str) -> str:
    return f'<a href="{escape(address)}">{inner}</a>'


def _isolated(text: str) -> str:
    """Words of others, right to left or not, cannot turn those around them (Unicode UAX #9)."""
    return f"{_ISOLATE}{_literal(text)}{_POP}"


def _literal(text: str) -> str:
    return escape(text).replace("\n", "<br>")
