"""Private chats that the bot opens: one room for each key, whatever fails on the way."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any

from doetank_bot.chat.matrix.client import Client, path
from doetank_bot.chat.matrix.crypto.machine import MEGOLM
from doetank_bot.chat.matrix.result import attempt
from doetank_bot.chat.matrix.translate import PRIVATE_MARK
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import Ambiguous, Deferred, Denied, Rejected, Result, Sent


async def open_room(client: Client, me: str, user: str, key: str, *, is_encrypted: bool) -> Result:
    """Make the room, or find the one that an earlier try made; the person is invited once.

    The alias comes from `key` and is the homeserver's to keep unique: that makes the try repeatable. Raises AuthLost.
    """
    local = f"doetank-{sha256(key.encode()).hexdigest()[:24]}"
    request = client.request("POST", "/createRoom", _room(local, user, is_encrypted=is_encrypted))
    result = await attempt(request, "room_id")
    if not (isinstance(result, Rejected) and "M_ROOM_IN_USE" in result.reason):
        return result
    alias = f"#{local}:{me.partition(':')[2]}"
    try:
        return await _found(client, me, user, alias)
    except Unreachable as trouble:
        return Deferred(reason=str(trouble))


def _room(local: str, user: str, *, is_encrypted: bool) -> dict[str, Any]:
    """Only the bot has power in it; the person can leave, and mute it for themselves."""
    # The alias is for us: clients would show it as the chat's name.
    state = [{"type": "m.room.canonical_alias", "state_key": "", "content": {}}]
    if is_encrypted:
        state.append({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}})
    return {
        "preset": "private_chat",
        "is_direct": True,
        "invite": [user],
        "room_alias_name": local,
        "creation_content": {PRIVATE_MARK: user},
        "initial_state": state,
    }


async def _found(client: Client, me: str, user: str, alias: str) -> Result:
    answer = await client.request("GET", path("directory", "room", alias))
    room_id = answer.body.get("room_id")
    if not answer.is_ok or not isinstance(room_id, str):
        return Ambiguous(answer.reason)
    creation = await client.request(
        "GET", path("rooms", room_id, "state", "m.room.create", ""), query={"format": "event"}
    )
    if creation.body.get("sender") != me:
        return Denied("the alias is someone else's") if creation.is_ok else Ambiguous(creation.reason)
    member = await client.request("GET", path("rooms", room_id, "state", "m.room.member", user))
    if member.status == HTTPStatus.NOT_FOUND:
        invitation = client.request("POST", path("rooms", room_id, "invite"), {"user_id": user})
        return await attempt(invitation, None, room_id)
    return Sent(room_id)
