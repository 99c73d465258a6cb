"""Whether a message speaks to the bot, and its words without that address. Pure.

A pill is a link in the HTML and only a name in the text (Matrix 1.13, 11.6). Clients count a reply as a mention too
(MSC3952), which says nothing about whom its words are for.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from doetank_bot.chat.matrix.event import Event, part, text_or_none

_QUOTED = re.compile(r"\A\s*<mx-reply>.*?</mx-reply>", re.DOTALL)
_PILL = re.compile(r"<a href=[\"'](https://matrix\.to/#/[^\"'<>]{1,600})[\"'][^<>]{0,200}>(.{0,600}?)</a>", re.DOTALL)
_BEGINNING = re.compile(r"(?:\s|<p>|<span[^<>]{0,200}>){0,8}")
_TAG = re.compile(r"<[^<>]{0,200}>")
_AFTER = ":, \t\u00a0"


def is_addressed(content: Event, me: str) -> bool:
    """Say whether the content mentions `me`, by more than being a reply."""
    is_named = me in (text_or_none(content, "body") or "") or any(_pills(_html(content), me))
    if "m.mentions" not in content:
        return is_named
    users = part(content, "m.mentions").get("user_ids")
    is_mentioned = isinstance(users, list) and me in users
    is_reply = "m.in_reply_to" in part(content, "m.relates_to")
    return is_mentioned and (is_named or not is_reply)


def without_address(body: str, content: Event, me: str) -> str:
    """Return the text without a pill of `me` at its beginning; verbatim where it has none."""
    html = _html(content)
    beginning = _BEGINNING.match(html)
    pill = _PILL.match(html, beginning.end() if beginning else 0)
    if pill is None or not _is_of(pill, me):
        return body
    words, name = body.lstrip(), unescape(_TAG.sub("", pill[2])).strip()
    for shown in (name, f"@{name}", f"[{name}]({pill[1]})", me):
        if shown.strip("@") and words.startswith(shown):
            return words[len(shown) :].lstrip(_AFTER)
    return body


def _html(content: Event) -> str:
    return _QUOTED.sub("", text_or_none(content, "formatted_body") or "", count=1)


def _pills(html: str, me: str) -> Iterator[bool]:
    return (_is_of(pill, me) for pill in _PILL.finditer(html))


def _is_of(pill: re.Match[str], me: str) -> bool:
    return unquote(unescape(pill[1])).partition("#/")[2].partition("?")[0] == me
