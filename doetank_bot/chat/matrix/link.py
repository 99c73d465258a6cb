"""The addresses of messages and people on Matrix, that every client opens (specification, appendix "matrix.to")."""

from collections.abc import Container
from urllib.parse import quote

from doetank_bot.domain.document import Mention
from doetank_bot.domain.reference import UserRef
from doetank_bot.text.html import Profile


def message_link(user_id: str, room_id: str, event_id: str) -> str:
    """Return the matrix.to address of a message, by way of our own homeserver (room versions from 12 name none)."""
    server = user_id.partition(":")[2]
    return f"https://matrix.to/#/{quote(room_id, safe='')}/{quote(event_id, safe='')}?via={quote(server, safe='')}"


def pills(pinged: Container[UserRef]) -> Profile:
    """Return what makes a pill of people in `pinged`; others are named."""

    def profile(mention: Mention) -> str | None:
        is_pinged = mention.user in pinged
        return f"https://matrix.to/#/{quote(mention.user.native, safe='@:')}" if is_pinged else None

    return profile
