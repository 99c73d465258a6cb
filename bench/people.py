"""The people of a bench: they log in, fill rooms, wait for answers and count them where another user sees them."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from doetank_bot.demo.homeserver import Account, Homeserver
from doetank_bot.demo.person import Event, Person

AT_ONCE = 20
FILTER = json.dumps({
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {"timeline": {"types": ["m.room.message"], "limit": 50}, "state": {"types": []},
             "ephemeral": {"types": []}, "account_data": {"types": []}},
})  # fmt: skip


@contextlib.asynccontextmanager
async def logged_in(url: str, accounts: Iterable[Account]) -> AsyncIterator[list[Person]]:
    """These accounts as people, for as long as the block runs."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Person(url, account)) for account in accounts]


def registered(server: Homeserver, n: int) -> list[Account]:
    """`n` new accounts."""
    return [server.register(f"person-{number}") for number in range(1, n + 1)]


async def all_of(tasks: Iterable[Callable[[], Awaitable[Any]]], at_once: int = AT_ONCE) -> None:
    """Do them all, `at_once` at a time."""
    waiting = list(reversed(list(tasks)))

    async def work() -> None:
        while waiting:
            await waiting.pop()()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


async def furnish(people: Sequence[Person], bot: str, n_rooms: int) -> list[str]:
    """Make `n_rooms` rooms in which all `people` are, and invite the bot into each. The first person made them."""
    host, *others = people
    rooms: list[str] = []

    async def room(number: int) -> None:
        made = await host.create_room(invite=[one.user_id for one in others], name=f"Group {number}")
        for one in others:
            await one.join(made)
        await host.invite(made, bot)
        rooms.append(made)

    await all_of(lambda n=n: room(n) for n in range(1, n_rooms + 1))  # type: ignore[misc]
    return rooms


def answers_of(events: Iterable[Event], sender: str) -> dict[str, list[Event]]:
    """What `sender` wrote in reply, by the message it answers; edits are not answers."""
    found: dict[str, list[Event]] = {}
    for event in events:
        content = event.get("content", {})
        relation = content.get("m.relates_to", {})
        asked = relation.get("m.in_reply_to", {}).get("event_id")
        is_answer = event["type"] == "m.room.message" and relation.get("rel_type") != "m.replace"
        if event["sender"] == sender and asked and is_answer:
            found.setdefault(asked, []).append(event)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each command was answered, as another user finds it; `last_at` is the homeserver's clock."""

    n_commands: int
    once: int
    never: int
    more: int
    last_at: float


async def tally(reader: Person, rooms: Iterable[str], bot: str, commands: set[str]) -> Tally:
    """Count from `/messages`."""
    counts: Counter[str] = Counter()
    last_at = 0.0

    async def read(room: str) -> None:
        nonlocal last_at
        for asked, answers in answers_of(await reader.messages(room), bot).items():
            if asked in commands:
                counts[asked] += len(answers)
                last_at = max([last_at, *(event["origin_server_ts"] / 1000 for event in answers)])

    await all_of(lambda room=room: read(room) for room in rooms)  # type: ignore[misc]
    once = sum(1 for command in commands if counts[command] == 1)
    more = sum(1 for command in commands if counts[command] > 1)
    return Tally(len(commands), once, len(commands) - once - more, more, last_at)


class Watcher:
    """One person's own long poll: tells when something was answered."""

    def __init__(self, person: Person, bots: Iterable[str], pause: float = 0.0) -> None:
        """`pause` seconds between two polls, so that looking costs the homeserver little."""
        self._person = person
        self._bots = tuple(bots)
        self._pause = pause
        self._answered: dict[str, float] = {}
        self._news = asyncio.Event()

    @property
    def n_answered(self) -> int:
        """How many messages have an answer."""
        return len(self._answered)

    async def answered(self, command: str, within: float) -> float:
        """The monotonic moment at which this person saw the answer to `command`. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while command not in self._answered:
                self._news.clear()
                await self._news.wait()
        return self._answered[command]

    async def quiet(self, n_expected: int, quiet_for: float, within: float) -> None:
        """Return once `n_expected` answers were seen, none came for `quiet_for` seconds, or `within` are over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.n_answered < n_expected:
                    self._news.clear()
                    await asyncio.wait_for(self._news.wait(), quiet_for)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator["Watcher"]:
        """Poll while the block runs, from now on."""
        batch = await self._person.call("GET", "/sync", filter=FILTER, timeout=0)
        task = asyncio.create_task(self._watch(batch["next_batch"]))
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, since: str) -> None:
        while True:
            batch = await self._person.call("GET", "/sync", filter=FILTER, since=since, timeout=30_000)
            now = time.monotonic()
            since = batch["next_batch"]
            for section in batch.get("rooms", {}).get("join", {}).values():
                events = section["timeline"]["events"]
                for bot in self._bots:
                    for command in answers_of(events, bot):
                        self._answered.setdefault(command, now)
                        self._news.set()
            await asyncio.sleep(self._pause)
