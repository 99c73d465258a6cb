"""A document tree as Markdown (CommonMark, safe in GitHub's dialect), for the export and the archive."""

import re

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
from doetank_bot.text.plain import Link, isolated

_ANYWHERE = re.compile(r"[\\`*_{}\[\]<>|~$&@!#]")
# What makes a list, heading, quote, rule or fence, but only where a line begins.
_AT_START = re.compile(r"^([ \t]*[0-9]*)([-+=.):])")
# GitHub turns bare addresses into links.
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(:)|(www)(\.)")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BREAK = "\\\n"
_LOWEST = 6
_SPACE_AROUND = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


def markdown(document: Document, link: Link | None = None, *, deeper: int = 0) -> str:
    """Return the document as Markdown, ending in a line break; members' words are escaped, never markup.

    With `link`, quotes and source links lead to the address it gives. Its headings go `deeper` levels down, so that
    they stand under those of a larger document.
    """
    return "\n\n".join(_block(block, link, deeper) for block in document.blocks) + "\n"


def escaped(text: str) -> str:
    """Return `text` so that Markdown shows it as it is; its line breaks stay line breaks."""
    return _BREAK.join(map(_escaped_line, _LINE_ENDS.split(text)))


def _escaped_line(line: str) -> str:
    safe = _ANYWHERE.sub(r"\\\g<0>", line)
    safe = _ADDRESS.sub(lambda match: f"{match[1] or match[3]}\\{match[2] or match[4]}", safe)
    return _AT_START.sub(r"\1\\\2", safe)


def _block(block: Block, link: Link | None, deeper: int) -> str:
    match block:
        case Heading():
            return "#" * min(block.level + deeper, _LOWEST) + " " + _line(block.line, link).replace(_BREAK, " ")
        case Paragraph():
            return _trimmed(_BREAK.join(_line(line, link) for line in block.lines))
        case Bullets():
            return "\n".join(
                _item(f"{index}. " if block.ordered else "- ", _trimmed(_line(item, link)))
                for index, item in enumerate(block.items, start=1)
            )


def _item(marker: str, text: str) -> str:
    return marker + text.replace("\n", "\n" + " " * len(marker))


def _trimmed(text: str) -> str:
    """Take breaks off the end: there, the backslash of a break would show."""
    while text.endswith(_BREAK):
        text = text.removesuffix(_BREAK)
    return text


def _line(line: Line, link: Link | None) -> str:
    text = "".join(_inline(node, link) for node in line)
    # Spaces in front would make a code block of it.
    return "\n".join(part.strip(" \t") for part in text.split("\n"))


def _inline(node: Inline, link: Link | None) -> str:
    match node:
        case Strong():
            return _wrapped(node.text, "**")
        case Emphasis():
            return _wrapped(node.text, "*")
        case Code():
            return _code(node.text)
        case Quote():
            return _quote(node, link)
        case SourceLink():
            return _reference(node.text, node.source, link) or escaped(node.text)
        case Text() | Mention():
            return escaped(node.text if isinstance(node, Text) else isolated(node.name))


def _quote(quote: Quote, link: Link | None) -> str:
    author = f" — {escaped(isolated(quote.author))}" if quote.author else ""
    words = escaped(isolated(shown(quote)))
    return f"{f'“{words}”' if quote.marks else words}{author}{_reference(' ↗', quote.source, link)}"


def _wrapped(text: str, mark: str) -> str:
    found = _SPACE_AROUND.match(" ".join(text.split("\n")))
    before, words, after = found.groups() if found else ("", text, "")
    return f"{before}{mark}{escaped(words)}{mark}{after}" if words else before


def _code(text: str) -> str:
    words = " ".join(text.split("\n"))
    fence = "`" * (max(map(len, re.findall(r"`+", words)), default=0) + 1)
    pad = " " if words.startswith("`") or words.endswith("`") or words.strip(" ") != words else ""
    return f"{fence}{pad}{words}{pad}{fence}" if words.strip() else words


def _reference(text: str, source: MessageRef | None, link: Link | None) -> str:
    if not source or not link:
        return ""
    words = text.lstrip()
    return f"{text[: -len(words)]}[{escaped(words)}](<{_address(link(source))}>)"


def _address(address: str) -> str:
    return address.replace("<", "%3C").replace(">", "%3E").replace("\n", "").replace("\\", "%5C")
