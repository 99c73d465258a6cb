"""Our keys on the homeserver, the devices of others, and messages to them. Everything raises Unreachable, AuthLost.

What is sent is on the disk before: a bot that is killed in between must not use a key for two things.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog

from doetank_bot.chat.matrix.client import Answer, Client, path
from doetank_bot.chat.matrix.crypto.machine import ONE_TIME, Device, Letter, Machine
from doetank_bot.chat.matrix.crypto.store import KeyStore
from doetank_bot.chat.matrix.event import Event, part
from doetank_bot.domain.error import Unreachable

_FEWEST = 25
"""One-time keys, of the 50 that are there at best: whoever writes to us first takes one."""
_AT_ONCE = 10
"""Devices we begin to talk to in one go: 15 ms."""
_PATIENCE_MS = 10_000
"""How long our homeserver waits for those of others."""
_ASK_AGAIN_AFTER = timedelta(minutes=5)
_TAKEN = "already exists"
"""What Synapse says of a one-time key whose name it knows with another key; there is no code for it."""

log = structlog.get_logger(__name__)


class Upkeep:
    """What a device does so that others can write to it, and it to them."""

    def __init__(self, client: Client, machine: Machine, store: KeyStore) -> None:
        """Take the collaborators; no I/O."""
        self._client = client
        self._machine = machine
        self._store = store
        self._silent_until: dict[str, float] = {}

    async def commit(self) -> None:
        """Let everything so far be on the disk; the disk is waited for in a thread."""
        if self._store.is_changed:
            await asyncio.to_thread(self._store.commit)

    async def publish(self, *, is_known: bool) -> None:
        """Tell the homeserver our device's keys, if it does not know them."""
        if not (is_known and self._machine.is_published):
            device = {"device_keys": self._machine.device_keys()}
            await self._upload(device | self._one_time(0) | {"fallback_keys": self._machine.fallback_key()})

    async def replenish(self, n_there: int | None, *, needs_fallback: bool) -> None:
        """Add one-time keys and a fallback key where the homeserver says that they ran short."""
        content: dict[str, Any] = {}
        if n_there is not None and n_there < _FEWEST:
            content |= self._one_time(n_there)
        if needs_fallback:
            content["fallback_keys"] = self._machine.fallback_key()
        if content:
            await self._upload(content)

    async def refresh(self, users: Collection[str]) -> None:
        """Ask for the devices of these users, where they may have changed."""
        now = asyncio.get_running_loop().time()
        stale = {user for user in self._store.stale(users) if now >= self._silent_until.get(user, 0)}
        if not stale:
            return
        question = {"device_keys": {user: [] for user in sorted(stale)}, "timeout": _PATIENCE_MS}
        told = part(await self._asked("query", question), "device_keys")
        # A homeserver that is away must not hold up every message.
        self._silent_until |= dict.fromkeys(stale - told.keys(), now + _ASK_AGAIN_AFTER.total_seconds())
        for number, user in enumerate(sorted(stale & told.keys())):
            self._machine.learn(user, part(told, user))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        await self.commit()

    async def meet(self, devices: Sequence[Device]) -> None:
        """Begin to talk to these devices, so far as they can be talked to."""
        wanted: dict[str, dict[str, str]] = {}
        for user, device in devices:
            wanted.setdefault(user, {})[device] = ONE_TIME
        if not wanted:
            return
        given = part(await self._asked("claim", {"one_time_keys": wanted, "timeout": _PATIENCE_MS}), "one_time_keys")
        for some in _chunks(devices):
            for user, device in some:
                if claimed := part(part(given, user), device):
                    self._machine.acquaint((user, device), claimed)
            await asyncio.sleep(0)
        await self.commit()

    async def mend(self) -> None:
        """Begin anew with devices whose messages we cannot read any more, and tell them so."""
        if broken := self._machine.estranged:
            await self.meet(broken)
            self._machine.give_up()
        for letter in self._machine.greetings():
            await self.send(letter)

    async def send(self, letter: Letter) -> None:
        """Send encrypted messages to devices."""
        await self.commit()
        where = path("sendToDevice", "m.room.encrypted", uuid4().hex)
        _ok(await self._client.request("PUT", where, {"messages": letter.messages}))

    def _one_time(self, n_there: int) -> dict[str, Any]:
        return {"one_time_keys": self._machine.one_time_keys(n_there)}

    async def _upload(self, content: dict[str, Any]) -> None:
        await self.commit()
        answer = await self._client.request("POST", "/keys/upload", content)
        if answer.status == HTTPStatus.BAD_REQUEST and _TAKEN in str(answer.body.get("error")):
            # Other keys were published under these names, so this store is of an earlier moment.
            self._store.set_fact("doubt", "the homeserver has other one-time keys of this device")
            log.error("keys_doubtful", remedy="restart the bot")
        else:
            _ok(answer)
            self._machine.published()
        await self.commit()

    async def _asked(self, what: str, question: dict[str, Any]) -> Event:
        return _ok(await self._client.request("POST", path("keys", what), question)).body


def _chunks(devices: Sequence[Device]) -> Iterator[Sequence[Device]]:
    for start in range(0, len(devices), _AT_ONCE):
        yield devices[start : start + _AT_ONCE]


def _ok(answer: Answer) -> Answer:
    if not answer.is_ok:
        raise Unreachable(f"keys: {answer.reason}", answer.retry_after)
    return answer
