"""A document as the content of Matrix events. Pure.

`m.mentions` is always there: without it homeservers look for names and `@room` in the text (Matrix 1.7, MSC3952).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from doetank_bot.chat.literal import literal
from doetank_bot.chat.matrix.link import pills
from doetank_bot.chat.split import split
from doetank_bot.domain.document import Document
from doetank_bot.domain.reference import MessageRef, UserRef
from doetank_bot.ports import Payload, Picture, Rendered, Style
from doetank_bot.text.html import html
from doetank_bot.text.plain import Link, plain

MAX_BYTES = 32 * 1024
"""The most canonical JSON in one content: half of an event: encryption needs its share (reliability.md 0.11)."""

# An edit holds the text once more (as its fallback, without HTML), and relations and mentions take some.
_TEXT_BYTES = 15 * 1024


def render(document: Document, style: Style, link: Link) -> list[Rendered]:
    """Return the messages for `document`, in order: each within `MAX_BYTES`, also when it is sent as an edit.

    The first alone replies and mentions; all are in the style's thread.
    """
    pinged = frozenset(style.mentions)

    def fits(part: Document) -> bool:
        return size(_text(part, link, pinged)) <= _TEXT_BYTES

    parts = split(literal(document), fits)
    return [
        Rendered(part, _content(_text(part, link, pinged), style, is_first=index == 0))
        for index, part in enumerate(parts)
    ]


def picture(shown: Picture, style: Style) -> dict[str, Any]:
    """Return the content that shows a picture, but for its address: clients put the body under it (Matrix 1.10)."""
    info = {"w": shown.width, "h": shown.height, "mimetype": "image/png", "size": len(shown.png)}
    text = {"body": shown.alternative, "filename": shown.name, "info": info}
    return {**_content(text, style, is_first=True), "msgtype": "m.image"}


def edit(payload: Payload, target: str) -> Payload:
    """Return the content that makes the event `target` read as `payload`; it pings nobody anew (Matrix 1.7)."""
    replacement = {key: value for key, value in payload.items() if key != "m.relates_to"}
    return {
        "msgtype": payload["msgtype"],
        "body": f"* {payload['body']}",
        "m.mentions": {},
        "m.new_content": replacement,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }


def size(content: Mapping[str, Any]) -> int:
    """Return how many bytes the content is as canonical JSON."""
    return len(json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())


def _text(document: Document, link: Link, pinged: frozenset[UserRef]) -> dict[str, Any]:
    return {
        "body": plain(document),
        "format": "org.matrix.custom.html",
        "formatted_body": html(document, link, pills(pinged)),
    }


def _content(text: Mapping[str, Any], style: Style, *, is_first: bool) -> dict[str, Any]:
    users: Sequence[str] = [user.native for user in style.mentions] if is_first else []
    content = {
        "msgtype": "m.notice" if style.is_notice else "m.text",
        **text,
        "m.mentions": {"user_ids": users} if users else {},
    }
    relation = _relation(style.root, style.reply_to if is_first else None)
    return content | {"m.relates_to": relation} if relation else content


def _relation(root: MessageRef | None, reply_to: MessageRef | None) -> dict[str, Any]:
    answered = reply_to or root
    relation: dict[str, Any] = {"m.in_reply_to": {"event_id": answered.native}} if answered else {}
    if root:
        relation |= {"rel_type": "m.thread", "event_id": root.native, "is_falling_back": reply_to is None}
    return relation
