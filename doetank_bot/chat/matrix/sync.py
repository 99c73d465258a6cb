"""The sync loop: one answer of the homeserver after another, gaps filled, with patience when there is trouble.

A batch is handed out only when it is complete; until then the same token is asked again.
The token is the caller's to keep.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import structlog

from doetank_bot.chat.matrix import gap
from doetank_bot.chat.matrix.client import Answer, Client, path
from doetank_bot.chat.matrix.crypto.crypt import Crypt
from doetank_bot.chat.matrix.event import Event, events, is_redacted, part, text_or_none
from doetank_bot.chat.matrix.message import PICTURES, RIGHTS
from doetank_bot.chat.matrix.translate import Room, happened, invited, own_change, standing, timeline_of
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import Batch, Counted, Incoming, MessageDeleted, NoTally, Tally
from doetank_bot.service.backoff import Backoff

TIMELINE = [
    "m.room.message",
    "m.room.encrypted",
    # As state alone it would not come: what the filter takes out of a timeline is in no state of that answer either.
    "m.room.encryption",
    "m.room.redaction",
    "m.room.member",
    "m.room.name",
    *PICTURES,
    *RIGHTS,
]
STATE = ["m.room.create", "m.room.encryption", "m.room.member", "m.room.name"]
_POLL = timedelta(seconds=30)
_GRACE = timedelta(seconds=30)
_CATCH_UP = timedelta(minutes=5)
_SUSPICIOUS = 0.5
_ANY_MILLISECONDS = 1000
_CHUNK = 50
"""Events decrypted in one go: 15 ms."""

log = structlog.get_logger(__name__)


class Sync:
    """Follows the rooms of one login; `is_away` while the homeserver does not answer."""

    def __init__(
        self,
        client: Client,
        crypt: Crypt,
        me: UserRef,
        allow_invites_from: Sequence[str],
        backoff: Backoff | None = None,
        tally: Tally | None = None,
    ) -> None:
        """Take the collaborators; `allow_invites_from` are globs over Matrix ids."""
        self._client = client
        self._crypt = crypt
        self._me = me
        self._allowed = tuple(allow_invites_from)
        self._backoff = backoff or Backoff()
        self._tally = tally or NoTally()
        self.is_away = False

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield batches after `cursor`, for ever. Raises AuthLost.

        The first answer, also after trouble, comes at once and is handed out even if empty: the homeserver is there.
        """
        poll = timedelta()
        while True:
            started = asyncio.get_running_loop().time()
            try:
                batch = await self._next(cursor, poll)
            except Unreachable as trouble:
                poll, self.is_away = timedelta(), True
                await self._pause(str(trouble), trouble)
                continue
            self._tally.count(Counted.SYNC_ANSWERED)
            if self.is_away:
                log.info("sync_back")
                self.is_away = False
            is_quick = asyncio.get_running_loop().time() - started < _SUSPICIOUS
            if poll and is_quick and batch.cursor == cursor:
                await self._pause("no progress")
            else:
                self._backoff.succeeded()
            if not poll or batch.cursor != cursor or batch.incoming:
                yield batch
            cursor, poll = batch.cursor, _POLL

    async def _pause(self, reason: str, trouble: Unreachable | None = None) -> None:
        wait = self._backoff.failed(trouble.after if trouble else None)
        log.warning("sync_failed", reason=reason, wait_seconds=round(wait, 1))
        await asyncio.sleep(wait)

    async def _next(self, cursor: str | None, poll: timedelta) -> Batch:
        answer = await self._ask(cursor, poll)
        following = answer.body.get("next_batch")
        if not isinstance(following, str):
            raise Unreachable("no token in the answer")
        # The keys first, and on the disk: the homeserver forgets them when this answer's token is used.
        keys_came = await self._crypt.take(answer.body, is_first=cursor is None)
        rooms = part(answer.body, "rooms")
        incoming: list[Incoming] = []
        for room_id, section in _sections(rooms, "invite"):
            state = events(part(section, "invite_state"))
            found = invited(self._me, self._space(room_id), state, cursor or "", self._allowed)
            incoming += [found] if found else []
        for kind in ("join", "leave"):
            for room_id, section in _sections(rooms, kind):
                room = await self._whole(room_id, section, cursor, following, has_ended=kind == "leave")
                incoming += [item for item in self._read(room, cursor) if await self._is_true(item, room)]
                await asyncio.sleep(0)
        await self._crypt.settle()
        return Batch(following, tuple(incoming), keys_came=keys_came or not poll)

    async def _ask(self, cursor: str | None, poll: timedelta) -> Answer:
        """Ask for what is new; without a cursor, for where we stand."""
        await self._crypt.begin()
        query: dict[str, str | int] = {"filter": FILTER, "timeout": int(poll.total_seconds() * 1000)}
        if cursor is None:
            # Synapse answers the same question within two minutes as it did then; the first is never made to wait.
            query = {"filter": FIRST_FILTER, "timeout": secrets.randbelow(_ANY_MILLISECONDS)}
        if cursor is not None:
            query["since"] = cursor
        answer = await self._client.request("GET", "/sync", query=query, timeout=poll + _GRACE if poll else _CATCH_UP)
        if not answer.is_ok:
            answer.refuse()
        return answer

    async def _whole(
        self, room_id: str, section: Event, cursor: str | None, following: str, *, has_ended: bool
    ) -> Room:
        """Return what the answer says of a room, with its gap filled."""
        space = self._space(room_id)
        timeline, state = timeline_of(section), events(part(section, "state"))
        start = part(section, "timeline").get("prev_batch")
        if cursor is None:
            return Room(space, timeline, state)
        if part(section, "timeline").get("limited") is True and isinstance(start, str):
            has_joined = any(own_change(self._me, event) == "join" for event in timeline)
            if has_joined:
                # After a join homeservers go back beyond `since`: what was heard before would be heard again.
                state = state + [event for event in timeline if "state_key" in event]
                timeline, start = [], following
            missed = await gap.fill(self._client, room_id, TIMELINE, newest=start, oldest=cursor)
            if has_joined:
                missed = await self._since_we_left(room_id, missed, start)
            else:
                self._tally.count(Counted.GAP_FILLED)
            timeline = _joined(missed, timeline)
        end = f"left:{sha256(cursor.encode()).hexdigest()[:16]}" if has_ended else None
        return Room(space, await self._opened(room_id, timeline), state, end)

    async def _opened(self, room_id: str, timeline: Sequence[Event]) -> list[Event]:
        """Return the timeline with all that can be decrypted."""
        opened: list[Event] = []
        for number, event in enumerate(timeline, start=1):
            opened.append(self._crypt.opened(room_id, event))
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
        return opened

    async def _since_we_left(self, room_id: str, events: list[Event], newest: str) -> list[Event]:
        """Return the events of a room that we came back to, from our leaving it on; `events` when we never did.

        What was kept from messages there may have been edited or deleted while we were away.
        """
        left = await gap.departure(self._client, room_id, self._me.native, newest=newest)
        if left is None or any(event.get("event_id") == left for event in events):
            return events
        return await gap.fill(self._client, room_id, TIMELINE, newest=newest, until=left)

    def _read(self, room: Room, cursor: str | None) -> Iterable[Incoming]:
        return standing(self._me, room) if cursor is None else happened(self._me, room)

    async def _is_true(self, item: Incoming, room: Room) -> bool:
        """Say whether a deletion is one: the homeserver shows its target as deleted.

        Who may delete is the homeserver's rule. Someone's own deletion, seen in the same answer, needs no question.
        """
        if not isinstance(item, MessageDeleted) or item.key:
            return True
        target = item.target.native
        if any(is_redacted(event) for event in room.timeline if event.get("event_id") == target):
            return True
        answer = await self._client.request("GET", path("rooms", room.space.native, "event", target))
        if answer.is_ok:
            return is_redacted(answer.body)
        if answer.status not in _ABSENT:
            answer.refuse()
        return True

    def _space(self, room_id: str) -> SpaceRef:
        return SpaceRef(self._me.account, room_id)


def _sections(rooms: Event, kind: str) -> Iterator[tuple[str, Event]]:
    for room_id, section in part(rooms, kind).items():
        if isinstance(section, Mapping):
            yield room_id, section


def _joined(missed: list[Event], timeline: list[Event]) -> list[Event]:
    """Homeservers may repeat an event at the seam."""
    known = {text_or_none(event, "event_id") for event in timeline}
    return [event for event in missed if text_or_none(event, "event_id") not in known] + timeline


def _filter(limit: int) -> str:
    nothing: dict[str, Any] = {"types": []}
    room = {
        # Members are not lazy: who joins or leaves in a gap is told once, or never.
        "timeline": {"types": TIMELINE, "limit": limit, "lazy_load_members": False},
        "state": {"types": STATE, "lazy_load_members": False},
        "ephemeral": nothing,
        "account_data": nothing,
    }
    return json.dumps({"presence": nothing, "account_data": nothing, "room": room}, separators=(",", ":"))


FILTER = _filter(50)
FIRST_FILTER = _filter(1)
_ABSENT = (403, 404)
