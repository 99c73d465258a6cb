"""The door: what the sync and the adapter ask of encryption."""

import asyncio
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from vodozemac import PickleException

from doetank_bot.chat.matrix.client import Client, path
from doetank_bot.chat.matrix.crypto.machine import ONE_TIME, Machine
from doetank_bot.chat.matrix.crypto.rooms import EncryptedRooms
from doetank_bot.chat.matrix.crypto.store import KeyStore, keys_file
from doetank_bot.chat.matrix.crypto.trust import own_keys, vouch
from doetank_bot.chat.matrix.crypto.upkeep import Upkeep
from doetank_bot.chat.matrix.event import Event, events, part
from doetank_bot.domain.error import Unreachable

_OUR_MARK = "org.doetank.keys"
"""Account data: how often this device's keys moved on, as told to the homeserver. Nobody else sees it."""
_MARK_AFTER = timedelta(hours=1)
"""What we only received is told so seldom: going back before it makes nothing unreadable to others."""

log = structlog.get_logger(__name__)


class KeysLost(Exception):
    """The keys of our device are gone, or of an earlier moment: it must go, and a new one come. The text says why."""


class Crypt:
    """Encryption for one login. `begin` comes first, and may be asked for again; it does its work once."""

    def __init__(self, client: Client, store_dir: Path) -> None:
        """Take the connection and where the keys are; no I/O."""
        self._client = client
        self._store_dir = store_dir
        self._turn = asyncio.Lock()
        self._opened: _Opened | None = None
        self._mark_again_at = 0.0
        self.untrusted: str | None = None
        """Why others may not trust this device; None when its owner vouches for it."""

    async def begin(self, password: str | None = None) -> None:
        """Open the keys, or make them; publish them, and let the account vouch for them.

        Raises KeysLost, Unreachable, AuthLost, OSError.
        """
        if self._opened is not None:
            return
        async with self._turn:
            if self._opened is None:
                opened = await asyncio.to_thread(_open, self._client, self._store_dir)
                try:
                    is_known = await self._is_known(opened)
                    await opened.upkeep.publish(is_known=is_known)
                    self.untrusted = await vouch(self._client, opened.machine, self._store_dir, password)
                except BaseException:
                    opened.store.close()
                    raise
                if self.untrusted:
                    log.warning("device_not_trusted", reason=self.untrusted, remedy="run `doetank-bot init` again")
                self._opened = opened

    def close(self) -> None:
        """Let go of the file."""
        if self._opened is not None:
            self._opened.store.close()
            self._opened = None

    async def take(self, answer: Event, *, is_first: bool) -> bool:
        """Take what a sync answer says of keys, devices and rooms; it is on the disk when this returns.

        Returns whether something may be readable now that was not before. Comes before anything of the answer is
        read. `is_first`: it is about how things stand, not about what changed. Raises KeysStuck.
        """
        async with self._turn:
            here = self._here
            with here.store.kept():
                return await self._take(here, answer, is_first=is_first)

    async def _take(self, here: "_Opened", answer: Event, *, is_first: bool) -> bool:
        has_come = False
        if is_first:
            here.store.set_all_stale()
        lists = part(answer, "device_lists")
        here.store.set_stale(_texts(lists.get("changed")) + _texts(lists.get("left")))
        for number, event in enumerate(events(part(answer, "to_device"))):
            has_come |= here.machine.receive(event)
            if number % 50 == 49:  # noqa: PLR2004 - 10 ms
                await asyncio.sleep(0)
        await _learn(here.rooms, part(answer, "rooms"))
        await here.upkeep.commit()
        await self._keep_up(here, answer, has_moved_on=has_come)
        return has_come

    def opened(self, room: str, event: Event) -> Event:
        """Return the event as if it had never been encrypted, where its key is here; any other as it is."""
        if event.get("type") != "m.room.encrypted" or self._opened is None:
            return event
        with self._opened.store.kept():
            return self._opened.machine.opened(room, event) or event

    async def settle(self) -> None:
        """Let be on the disk what was read. Raises KeysStuck."""
        await self._here.upkeep.commit()

    async def sealed(self, room: str, kind: str, content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the type and content to send into `room`: encrypted where the room is, with the key handed out.

        Raises NotIn, Unreachable, AuthLost, KeysStuck.
        """
        await self.begin()
        async with self._turn:
            here = self._here
            with here.store.kept():
                if not await here.rooms.is_encrypted(room):
                    return kind, content
                await self._hand_out(here, room)
                sealed = here.machine.sealed(room, kind, content)
        return "m.room.encrypted", sealed

    async def is_encrypted(self, room: str) -> bool:
        """Say whether what is said in `room` is encrypted. Raises Unreachable, AuthLost, KeysStuck."""
        await self.begin()
        with self._here.store.kept():
            return await self._here.rooms.is_encrypted(room)

    async def is_anyones(self, user: str) -> bool:
        """Say whether this user is in an encrypted room with us. Raises Unreachable, AuthLost."""
        await self.begin()
        return await self._here.rooms.is_anyones(user)

    @property
    def _here(self) -> "_Opened":
        if self._opened is None:
            raise RuntimeError("begin comes first")
        return self._opened

    async def _hand_out(self, here: "_Opened", room: str) -> None:
        """See to it that every device in the room has our key, and none that is not there any more."""
        users = await here.rooms.readers(room)
        await here.upkeep.refresh(users)
        devices = here.machine.devices(users)
        if here.machine.readers(room) == devices:
            return
        await self._mark(here)
        here.machine.begin_room_key(room, here.store.rules(room) or {})
        await here.upkeep.meet(here.machine.strangers(devices))
        for letter in here.machine.letters(room, users):
            await here.upkeep.send(letter)
        # Those that could not be met are not tried again with every message: the next key is for them, too.
        here.machine.handed_out(room, devices)

    async def _keep_up(self, here: "_Opened", answer: Event, *, has_moved_on: bool) -> None:
        """Do what others need to write to us; without an answer, at the next opportunity."""
        counts, unused = answer.get("device_one_time_keys_count"), answer.get("device_unused_fallback_key_types")
        n_there = counts.get(ONE_TIME, 0) if isinstance(counts, dict) else None
        needs_fallback = isinstance(unused, list) and ONE_TIME not in unused
        try:
            await here.upkeep.replenish(n_there if isinstance(n_there, int) else None, needs_fallback=needs_fallback)
            await here.upkeep.mend()
            if has_moved_on and asyncio.get_running_loop().time() >= self._mark_again_at:
                await self._mark(here)
        except Unreachable as trouble:
            log.info("keys_wait", reason=str(trouble))

    async def _is_known(self, here: "_Opened") -> bool:
        """Say whether the homeserver knows our keys; raise KeysLost when it knows others, or later ones."""
        if doubt := here.store.fact("doubt"):
            raise KeysLost(doubt)
        me, device = here.machine.user_id, here.machine.device_id
        told = part(part(part(await own_keys(self._client, me), "device_keys"), me), device)
        known = part(told, "keys")
        if known and dict(known) != dict(here.machine.identity):
            raise KeysLost("the keys of this device are not here")
        answer = await self._client.request("GET", path("user", me, "account_data", _OUR_MARK))
        if not answer.is_ok and answer.status != HTTPStatus.NOT_FOUND:
            answer.refuse()
        n_marked = part(answer.body, "moved_on").get(device, 0)
        if isinstance(n_marked, int) and n_marked > int(here.store.fact("moved_on") or 0):
            raise KeysLost("the keys of this device are of an earlier moment")
        return bool(known)

    async def _mark(self, here: "_Opened") -> None:
        """Tell the homeserver that our keys moved on: a store of before that is found out by it."""
        n_moved = int(here.store.fact("moved_on") or 0) + 1
        here.store.set_fact("moved_on", str(n_moved))
        await here.upkeep.commit()
        where = path("user", here.machine.user_id, "account_data", _OUR_MARK)
        body = {"moved_on": {here.machine.device_id: n_moved}}
        answer = await self._client.request("PUT", where, body)
        if not answer.is_ok:
            answer.refuse()
        self._mark_again_at = asyncio.get_running_loop().time() + _MARK_AFTER.total_seconds()


class _Opened:
    """What is there once the keys are open."""

    def __init__(self, client: Client, store: KeyStore) -> None:
        self.store = store
        self.machine = Machine(client.session.user_id, client.session.device_id, store)
        self.upkeep = Upkeep(client, self.machine, store)
        self.rooms = EncryptedRooms(client, store)


def _open(client: Client, store_dir: Path) -> _Opened:
    try:
        return _Opened(client, KeyStore(keys_file(store_dir, client.session.device_id)))
    except (sqlite3.DatabaseError, ValueError, PickleException) as trouble:
        raise KeysLost(f"the file of its keys cannot be read ({type(trouble).__name__})") from None


async def _learn(rooms: EncryptedRooms, told: Event) -> None:
    for room in part(told, "leave"):
        rooms.leave(room)
    for room, section in part(told, "join").items():
        for where in ("state", "timeline"):
            for event in events(part(section, where)):
                rooms.learn(room, event)
        # A first sync tells of a thousand rooms.
        await asyncio.sleep(0)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
