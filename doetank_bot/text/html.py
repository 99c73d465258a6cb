"""A document tree as HTML: for Matrix clients (only tags of its specification's list, section 11.2.1.1) and the export.

Every word goes through one escape, so no tree can hold markup, a mention or a link that was not meant.
"""

from collections.abc import Callable
from html import escape

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
from doetank_bot.text.plain import Link, isolated

Profile = Callable[[Mention], str | None]
"""The address of a person, or None: then they are named and no more."""
_TAGS = {"strong": "strong", "emphasis": "em", "code": "code"}
_LOWEST = 6


def html(document: Document, link: Link | None = None, profile: Profile = lambda _: None, *, deeper: int = 0) -> str:
    """Return the document as HTML, its headings `deeper` levels down, so that they stand under those of a page.

    With `link`, quotes and source links lead to the address it gives.
    """
    return "".join(_Writer(link, profile, deeper).block(block) for block in document.blocks)


def literal(text: str) -> str:
    """Return `text` such that HTML shows it as it is; its line breaks stay line breaks."""
    return escape(isolated(text)).replace("\n", "<br>")


class _Writer:
    def __init__(self, link: Link | None, profile: Profile, deeper: int) -> None:
        self._link = link
        self._profile = profile
        self._deeper = deeper

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                tag = f"h{min(block.level + self._deeper, _LOWEST)}"
                return f"<{tag}>{self._line(block.line)}</{tag}>"
            case Paragraph():
                return f"<p>{'<br>'.join(map(self._line, block.lines))}</p>"
            case Bullets():
                tag = "ol" if block.ordered else "ul"
                return f"<{tag}>{''.join(f'<li>{self._line(item)}</li>' for item in block.items)}</{tag}>"

    def _line(self, line: Line) -> str:
        return "".join(map(self._inline, line))

    def _inline(self, node: Inline) -> str:
        match node:
            case Text():
                return _escaped(node.text)
            case Strong() | Emphasis() | Code():
                tag = _TAGS[node.node]
                return f"<{tag}>{_escaped(node.text)}</{tag}>"
            case Mention():
                return _anchor(self._profile(node), literal(node.name))
            case Quote():
                return self._quote(node)
            case SourceLink():
                return _anchor(self._link(node.source) if self._link else None, _escaped(node.text))

    def _quote(self, node: Quote) -> str:
        author = f" — {literal(node.author)}" if node.author else ""
        words = f"“{literal(shown(node))}”" if node.marks else literal(shown(node))
        return _anchor(self._link(node.source) if self._link and node.source else None, words) + author


def _anchor(address: str | None, inner: str) -> str:
    return inner if address is None else f'<a href="{escape(address)}">{inner}</a>'


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")
