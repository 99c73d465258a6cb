"""The Matrix side of `ChatPort`."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from doetank_bot.chat.matrix import private
from doetank_bot.chat.matrix.client import Answer, Client, path
from doetank_bot.chat.matrix.crypto.crypt import Crypt
from doetank_bot.chat.matrix.crypto.rooms import NotIn
from doetank_bot.chat.matrix.event import Event, Malformed, events, is_redacted, part, sent_at, text_or_none
from doetank_bot.chat.matrix.link import message_link
from doetank_bot.chat.matrix.media import Uploads, with_file
from doetank_bot.chat.matrix.message import Reader
from doetank_bot.chat.matrix.power import is_moderator, may_send
from doetank_bot.chat.matrix.render import MAX_BYTES, edit, render
from doetank_bot.chat.matrix.render import picture as image
from doetank_bot.chat.matrix.result import attempt
from doetank_bot.chat.matrix.session import Session
from doetank_bot.chat.matrix.sync import Sync
from doetank_bot.domain.document import Document
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Encryption, Privacy, Snapshot
from doetank_bot.ports import (
    Ambiguous,
    Batch,
    Capabilities,
    Deferred,
    Denied,
    Incoming,
    MessageEdited,
    MessageReceived,
    Payload,
    Picture,
    Rejected,
    Rendered,
    Result,
    Sent,
    Style,
    Tally,
    Undecryptable,
)
from doetank_bot.service.backoff import Backoff

_NO_STATE = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
_PAGE = 100


class MatrixChat:
    """One login on one homeserver. The account in our references is its Matrix id."""

    def __init__(
        self,
        session: Session,
        *,
        store_dir: Path,
        allow_invites_from: Sequence[str],
        backoff: Backoff | None = None,
        tally: Tally | None = None,
    ) -> None:
        """Take the login; no I/O. `allow_invites_from` are globs over Matrix ids, `backoff` is for impatient tests."""
        self._me = UserRef(session.user_id, session.user_id)
        self._client = Client(session, str(store_dir), tally)
        self._crypt = Crypt(self._client, store_dir)
        self._sync = Sync(self._client, self._crypt, self._me, allow_invites_from, backoff, tally)
        self._uploads = Uploads(self._client)
        self._creations: dict[SpaceRef, Event] = {}

    async def begin(self, password: str | None = None) -> str | None:
        """Open the keys, and let the account vouch for this device; where nobody asks for it, the first use does.

        Returns why others may not trust the device, if so. Raises KeysLost, Unreachable, AuthLost, OSError.
        """
        await self._crypt.begin(password)
        return self._crypt.untrusted

    @property
    def me(self) -> UserRef:
        """The bot's own Matrix id."""
        return self._me

    @property
    def is_away(self) -> bool:
        """Whether the last sync failed."""
        return self._sync.is_away

    def capabilities(self) -> Capabilities:
        """Return what Matrix can do."""
        return Capabilities(max_bytes=MAX_BYTES, has_threads=True, has_reactions=True, has_pictures=True)

    def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Return what happens after the sync token `cursor`."""
        return self._sync.batches(cursor)

    def render(self, document: Document, style: Style) -> Sequence[Rendered]:
        """Return the contents of events for `document`."""
        return render(document, style, self.link)

    def picture(self, picture: Picture, style: Style) -> Payload:
        """Return the content of an m.image, with the file that `send` uploads."""
        return with_file(image(picture, style), picture)

    def echo(self, space: SpaceRef, payload: Payload) -> MessageReceived:
        """Read the payload as the event that it becomes. Raises ValueError for one that is no message."""
        event = {"type": "m.room.message", "event_id": "", "sender": self._me.native, "origin_server_ts": 0}
        read = Reader(self._me, space).read({**event, "content": payload})
        if not isinstance(read, MessageReceived):
            raise ValueError("no message")  # noqa: TRY004 - it is the payload that is wrong
        return read

    def readable(self, sealed: Undecryptable) -> Incoming | None:
        """Decrypt it with the keys that are here."""
        event = self._opened(sealed.ref.space, sealed.payload)
        try:
            return Reader(self._me, sealed.ref.space).read(event)
        except Malformed:
            return None

    def retold(self, sealed: Undecryptable, edit: MessageEdited) -> MessageReceived | None:
        """Put the edit's text in the place of the ciphertext; what it is tied to was never encrypted."""
        if edit.editor != sealed.sender:
            return None
        relation = part(part(sealed.payload, "content"), "m.relates_to")
        content = {"msgtype": "m.text", "body": edit.text, "m.relates_to": relation}
        event = {**sealed.payload, "type": "m.room.message", "content": content}
        found = Reader(self._me, sealed.ref.space).read(event)
        return found if isinstance(found, MessageReceived) else None

    def link(self, message: MessageRef) -> str:
        """Return a matrix.to address."""
        return message_link(self._me.native, message.space.native, message.native)

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        """Post; the homeserver answers a transaction id that it knows with the event of then, for 24 hours at least.

        A picture is uploaded first.
        """
        try:
            is_encrypted = await self._crypt.is_encrypted(space.native)
        except Unreachable as trouble:
            return Deferred(trouble.after, str(trouble))
        content = await self._uploads.content(payload, key, is_encrypted=is_encrypted)
        if isinstance(content, Deferred | Denied | Rejected):
            return content
        result = await self._say(space, content, key)
        if not isinstance(result, Deferred | Ambiguous):
            self._uploads.settled(key)
        return result

    async def edit(self, message: MessageRef, payload: Payload, key: str) -> Result:
        """Post a replacement (m.replace) of one of our own messages."""
        return await self._say(message.space, edit(payload, message.native), key)

    async def delete(self, message: MessageRef, key: str) -> Result:
        """Redact."""
        return await self._put(("rooms", message.space.native, "redact", message.native, key), {})

    async def react(self, message: MessageRef, sign: str, key: str) -> Result:
        """Annotate; a sign that is there already is as good."""
        relation = {"rel_type": "m.annotation", "event_id": message.native, "key": sign}
        where = ("rooms", message.space.native, "send", "m.reaction", key)
        result = await self._put(where, {"m.relates_to": relation})
        is_there = isinstance(result, Rejected) and "M_DUPLICATE_ANNOTATION" in result.reason
        return Sent("") if is_there else result

    async def join(self, space: SpaceRef) -> Result:
        """Join; for whoever is in, the homeserver says so."""
        request = self._client.request("POST", path("join", space.native), {})
        return await attempt(request, "room_id")

    async def leave(self, space: SpaceRef) -> Result:
        """Leave; a room that the homeserver does not know is left already."""
        request = self._client.request("POST", path("rooms", space.native, "leave"), {})
        result = await attempt(request, None, space.native)
        is_unknown = isinstance(result, Rejected) and result.reason.startswith(str(int(HTTPStatus.NOT_FOUND)))
        return Sent(space.native) if is_unknown else result

    async def private(self, user: UserRef, key: str) -> Result:
        """Make a room for the two of us, found again by an alias made from `key`."""
        is_encrypted = await self._crypt.is_anyones(user.native)
        return await private.open_room(self._client, self._me.native, user.native, key, is_encrypted=is_encrypted)

    async def find(self, space: SpaceRef, key: str, since: datetime) -> str | None:
        """Page back through our own events; their transaction id stays readable to our device."""
        query: dict[str, str | int] = {"dir": "b", "limit": _PAGE}
        query["filter"] = json.dumps({"senders": [self._me.native]})
        while True:
            answer = await self._client.request("GET", path("rooms", space.native, "messages"), query=query)
            if answer.status in _NO_STATE:
                return None
            for event in events(_ok(answer).body, "chunk"):
                if part(event, "unsigned").get("transaction_id") == key:
                    return text_or_none(event, "event_id")
                if _instant(event) < since:
                    return None
            end = answer.body.get("end")
            if not isinstance(end, str) or end == query.get("from"):
                return None
            query["from"] = end

    async def may_moderate(self, user: UserRef, space: SpaceRef) -> bool:
        """Read the room's state as it is now, all at once; whoever is not in the room has no power."""
        create, levels, people = await self._rights(space)
        return user.native in people and create is not None and is_moderator(user.native, create, levels)

    async def access(self, space: SpaceRef) -> Access | None:
        """Read the room's state as it is now, and as it was when it was closed, if it was."""
        (create, levels, people), successor, is_encrypted = await asyncio.gather(
            self._rights(space), self._successor(space), self._crypt.is_encrypted(space.native)
        )
        me = self._me.native
        if create is None or me not in people:
            return None
        has_moderator = any(is_moderator(user, create, levels) for user in people if user != me)
        kinds = ("m.room.encrypted" if is_encrypted else "m.room.message", "m.room.redaction")
        may_post, may_delete = (may_send(me, kind, create, levels) for kind in kinds)
        return Access(may_post, may_delete, has_moderator, successor)

    async def encryption(self, space: SpaceRef) -> Encryption | None:
        """Tell from what the sync told; asked for once where it told nothing."""
        return Encryption(await self._crypt.is_encrypted(space.native), is_trusted=self._crypt.untrusted is None)

    async def privacy(self, space: SpaceRef) -> Privacy | None:
        """Read the room's state as it is now."""
        is_encrypted, rule, visibility = await asyncio.gather(
            self._crypt.is_encrypted(space.native),
            self._state(space, "m.room.join_rules"),
            self._state(space, "m.room.history_visibility"),
        )
        return Privacy(
            is_encrypted,
            is_public=(rule or {}).get("join_rule") == "public",
            is_world_readable=(visibility or {}).get("history_visibility") == "world_readable",
        )

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        """Read the event with the newest edit by its author, which the homeserver bundles with it."""
        answer = await self._client.request("GET", path("rooms", message.space.native, "event", message.native))
        if answer.status in _NO_STATE:
            return None
        event = await self._with_edit(message.space, self._opened(message.space, _ok(answer).body))
        try:
            incoming = Reader(self._me, message.space).read(event)
        except Malformed:
            return None
        if not isinstance(incoming, MessageReceived) or not incoming.is_text:
            return None
        return Snapshot(incoming.sender, incoming.text)

    async def log_out(self) -> None:
        """Let the homeserver forget this login and its device. Raises Unreachable, AuthLost."""
        _ok(await self._client.request("POST", "/logout", {}))

    async def close(self) -> None:
        """Close the connections, and the file with the keys."""
        await self._client.close()
        self._crypt.close()

    async def _say(self, space: SpaceRef, content: Payload, key: str) -> Result:
        try:
            kind, sealed = await self._crypt.sealed(space.native, "m.room.message", content)
        except NotIn as refused:
            return Denied(str(refused))
        except Unreachable as trouble:
            return Deferred(trouble.after, str(trouble))
        return await self._put(("rooms", space.native, "send", kind, key), sealed)

    def _opened(self, space: SpaceRef, event: Event) -> Event:
        return self._crypt.opened(space.native, event)

    async def _put(self, where: Sequence[str], content: Mapping[str, Any]) -> Result:
        return await attempt(self._client.request("PUT", path(*where), dict(content)), "event_id")

    async def _creation(self, space: SpaceRef) -> Event | None:
        """Return the room's creation event, sender included; it never changes."""
        if space not in self._creations:
            event = await self._state(space, "m.room.create", query={"format": "event"})
            if event is None or "sender" not in event:
                return None
            self._creations[space] = event
        return self._creations[space]

    async def _rights(self, space: SpaceRef) -> tuple[Event | None, Event | None, Event]:
        """Return the room's creation event, its power levels and who is in it."""
        return await asyncio.gather(
            self._creation(space), self._state(space, "m.room.power_levels"), self._people(space)
        )

    async def _people(self, space: SpaceRef) -> Event:
        """Return who is in the room; nobody unless we are: to whoever left, a homeserver shows the state of then."""
        answer = await self._client.request("GET", path("rooms", space.native, "joined_members"))
        return {} if answer.status in _NO_STATE else part(_ok(answer).body, "joined")

    async def _successor(self, space: SpaceRef) -> SpaceRef | None:
        """Return the room that takes this one's place, when who said so moderated it at that moment."""
        tombstone = await self._state(space, "m.room.tombstone", query={"format": "event"}) or {}
        native = text_or_none(part(tombstone, "content"), "replacement_room")
        event_id, sender = text_or_none(tombstone, "event_id"), text_or_none(tombstone, "sender")
        if not native or event_id is None or sender is None:
            return None
        answer = await self._client.request("GET", path("rooms", space.native, "context", event_id), query={"limit": 0})
        if answer.status in _NO_STATE:
            return None
        then = {event.get("type"): event for event in events(_ok(answer).body, "state") if event.get("state_key") == ""}
        levels = then.get("m.room.power_levels")
        create, content = then.get("m.room.create", {}), None if levels is None else part(levels, "content")
        return SpaceRef(space.account, native) if is_moderator(sender, create, content) else None

    async def _state(
        self, space: SpaceRef, kind: str, state_key: str = "", query: Mapping[str, str] | None = None
    ) -> Event | None:
        where = path("rooms", space.native, "state", kind, state_key)
        answer = await self._client.request("GET", where, query=query)
        return None if answer.status in _NO_STATE else _ok(answer).body

    async def _with_edit(self, space: SpaceRef, event: Event) -> Event:
        """Return the event as its newest edit makes it read."""
        replacement = part(part(part(event, "unsigned"), "m.relations"), "m.replace")
        edit_id = text_or_none(replacement, "event_id")
        if not edit_id or is_redacted(event):
            return event
        if "content" not in replacement:
            # Before Matrix 1.4 homeservers bundled the edit's id alone.
            answer = await self._client.request("GET", path("rooms", space.native, "event", edit_id))
            replacement = {} if answer.status in _NO_STATE else _ok(answer).body
        replacement = self._opened(space, replacement)
        content = part(part(replacement, "content"), "m.new_content")
        is_own = replacement.get("sender") == event.get("sender")
        return {**event, "content": content} if content and is_own else event


def _ok(answer: Answer) -> Answer:
    if not answer.is_ok:
        answer.refuse()
    return answer


def _instant(event: Event) -> datetime:
    try:
        return sent_at(event)
    except Malformed:
        return datetime.max.replace(tzinfo=UTC)
