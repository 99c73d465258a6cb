"""Which rooms are encrypted, and who reads along in them: kept as the sync tells it, asked for once a start."""

from http import HTTPStatus

from doetank_bot.chat.matrix.client import Client, path
from doetank_bot.chat.matrix.crypto.store import KeyStore
from doetank_bot.chat.matrix.event import Event, part, text_or_none

_READS_ALONG = ("join", "invite")
"""Who is invited reads what is said from now on, once they come in."""

_NOT_OURS = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
"""What a homeserver says of state that is not there, and of a room that we are not in."""


class NotIn(Exception):
    """The homeserver does not show us who is in the room: we are not. The text is its answer, free of content."""


class EncryptedRooms:
    """What is known of rooms. Once encrypted, a room is never written to in the clear, whatever is said of it later."""

    def __init__(self, client: Client, store: KeyStore) -> None:
        """Take the collaborators; no I/O."""
        self._client = client
        self._store = store
        self._plain: set[str] = set()
        self._asked: set[str] = set()

    def learn(self, room: str, event: Event) -> None:
        """Take an event of the room's state, in order."""
        content, key = part(event, "content"), text_or_none(event, "state_key")
        match event.get("type"):
            case "m.room.encryption" if key == "" and text_or_none(content, "algorithm"):
                self._plain.discard(room)
                self._store.set_rules(room, content)
            # Of a room of which it was not asked yet who is there, a part of the list would look like all of it.
            case "m.room.member" if key and self._store.members(room):
                is_in = content.get("membership") in _READS_ALONG
                self._store.set_member(room, key, is_in=is_in)
            case _:
                pass

    def leave(self, room: str) -> None:
        """We are not there any more: who comes and goes meanwhile is not told, so it is asked for when we are back."""
        self._asked.discard(room)
        self._plain.discard(room)
        self._store.set_members(room, ())

    async def is_encrypted(self, room: str) -> bool:
        """Say whether the room is encrypted, as far as we may know. Raises Unreachable, AuthLost."""
        if self._store.rules(room) is not None:
            return True
        if room in self._plain:
            return False
        answer = await self._client.request("GET", path("rooms", room, "state", "m.room.encryption", ""))
        if answer.status in _NOT_OURS:
            if answer.status == HTTPStatus.NOT_FOUND:
                self._plain.add(room)
            return False
        if not answer.is_ok:
            answer.refuse()
        self._store.set_rules(room, answer.body)
        return True

    async def readers(self, room: str) -> set[str]:
        """Return who reads what is said in an encrypted room. Raises NotIn, Unreachable, AuthLost."""
        if room not in self._asked:
            query = {"not_membership": "leave"}
            answer = await self._client.request("GET", path("rooms", room, "members"), query=query)
            if answer.status == HTTPStatus.FORBIDDEN:
                raise NotIn(answer.reason)
            if not answer.is_ok:
                answer.refuse()
            self._store.set_members(room, _readers(answer.body))
            self._asked.add(room)
        return self._store.members(room)

    async def is_anyones(self, user: str) -> bool:
        """Say whether this user is in an encrypted room with us. Raises Unreachable, AuthLost."""
        if any(self._store.rooms_of(user)):
            return True
        for room in self._store.unlisted_rooms():
            answer = await self._client.request("GET", path("rooms", room, "joined_members"))
            if not answer.is_ok and answer.status not in _NOT_OURS:
                answer.refuse()
            if user in part(answer.body, "joined"):
                return True
        return False


def _readers(body: Event) -> set[str]:
    chunk = body.get("chunk")
    found = (event for event in (chunk if isinstance(chunk, list) else []) if isinstance(event, dict))
    return {
        user
        for event in found
        if part(event, "content").get("membership") in _READS_ALONG and (user := text_or_none(event, "state_key"))
    }
