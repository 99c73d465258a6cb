"""Two hundred rooms due at once: messages go in rounds, listening waits a moment, answers share a transaction."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from faults.leaping import leaping
from house import FakeClock, of_bot, running

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.reference import PostId, SpaceRef
from doetank_bot.domain.view import Encryption
from doetank_bot.ports import Payload, PostState, Result, Sent
from doetank_bot.service.engine import LISTENS_AGAIN_AFTER
from doetank_bot.service.line import Line
from doetank_bot.service.outbox import MANY
from doetank_bot.service.patience import Patience
from doetank_bot.service.settlement import Settlement
from doetank_bot.service.window import AT_FIRST, Window

N_AT_ONCE = 16


@dataclass
class Homeserver:
    """One that takes a second or two for each message, and for some far longer; what was begun when."""

    slow: frozenset[int] = frozenset()
    begun: dict[int, float] = field(default_factory=dict)

    async def send(self, room: int) -> Sent:
        self.begun[room] = asyncio.get_running_loop().time()
        await asyncio.sleep(60 if room in self.slow else 1 + room % 10 / 10)
        return Sent("$there")


def sent_to(n_rooms: int, homeserver: Homeserver) -> list[float]:
    """At how many seconds each room's message was begun."""

    async def story() -> None:
        began = asyncio.get_running_loop().time()
        window = Window(Line(lambda: False), N_AT_ONCE, in_rounds=True)
        async with asyncio.TaskGroup() as tasks:
            for room in range(n_rooms):
                tasks.create_task(window.tried(room, lambda room=room: homeserver.send(room)))  # type: ignore[misc]
        homeserver.begun = {room: round(at - began, 1) for room, at in homeserver.begun.items()}

    leaping(story())
    return [homeserver.begun[room] for room in range(n_rooms)]


def test_in_a_rush_messages_go_in_rounds_that_grow_and_not_one_whenever_one_is_back() -> None:
    rounds = Counter(sent_to(60, Homeserver()))
    assert rounds[0.0] == AT_FIRST
    assert len(rounds) <= 6
    assert max(rounds.values()) > N_AT_ONCE - AT_FIRST


def test_a_round_does_not_wait_for_the_few_that_are_slow() -> None:
    begun = sent_to(60, Homeserver(slow=frozenset({5, 6})))
    assert max(begun) < 10


class Clogged(MemoryChat):
    """Lets nothing out while it is closed."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        await self.is_open.wait()
        return await super().send(space, payload, key)


async def until(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait for it. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def test_while_many_messages_are_on_their_way_people_are_heard_a_moment_later_and_no_more(tmp_path: Path) -> None:
    chat = Clogged(FakeClock("2027-02-03 10:00").now)
    async with running(tmp_path, chat=chat) as house:
        coach = chat.person("@anna:test", "Anna")
        rooms = [await house.open_room(f"Parkeren {number}", coach) for number in range(MANY + 1)]
        room = rooms[0]
        chat.is_open.clear()
        for each in rooms:
            coach.say(each, "!status")
        await until(lambda: house.engine.outbox.is_rush, 10)
        coach.say(room, "!status")
        await asyncio.sleep(0.2)
        coach.say(room, "!status")
        with pytest.raises(TimeoutError):
            await until(lambda: chat.is_heard, 0.2)
        await until(lambda: chat.is_heard, LISTENS_AGAIN_AFTER.total_seconds() + 10)
        assert house.engine.outbox.is_rush
        chat.is_open.set()
        await house.settle()
        assert len(of_bot(house, coach, room)) == 1 + 3


async def test_much_to_say_in_one_room_is_no_rush(tmp_path: Path) -> None:
    chat = Clogged(FakeClock("2027-02-03 10:00").now)
    async with running(tmp_path, chat=chat) as house:
        coach = chat.person("@anna:test", "Anna")
        room = await house.open_room("Parkeren", coach)
        chat.is_open.clear()
        for _ in range(2 * MANY):
            coach.say(room, "!status")
        await until(lambda: house.engine.outbox.depth > MANY, 10)
        assert not house.engine.outbox.is_rush
        chat.is_open.set()
        await house.settle()


class Asked(MemoryChat):
    """Remembers of which rooms it was asked whether they are encrypted."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.asked: list[SpaceRef] = []

    async def encryption(self, space: SpaceRef) -> Encryption | None:
        self.asked.append(space)
        return await super().encryption(space)


async def test_after_a_start_it_asks_of_each_open_room_what_the_first_message_needs_and_no_other(
    tmp_path: Path,
) -> None:
    chat = Asked(FakeClock("2027-02-03 10:00").now)
    coach = chat.person("@anna:test", "Anna")
    async with running(tmp_path, chat=chat) as house:
        *open_rooms, muted = [await house.open_room(f"Parkeren {number}", coach) for number in range(3)]
        coach.mute_bot(muted)
        await house.settle()
        chat.asked.clear()
    async with running(tmp_path, chat=chat):
        await until(lambda: len(chat.asked) >= len(open_rooms), 10)
        assert chat.asked == open_rooms


class Disk:
    """A store that counts its transactions, each of which takes a while."""

    def __init__(self) -> None:
        self.transactions: list[int] = []

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        self.transactions.append(0)
        yield self
        await asyncio.sleep(0.001)

    async def settle(self, *_: object) -> None:
        self.transactions[-1] += 1


def test_answers_that_come_one_by_one_in_a_rush_share_transactions_and_the_first_waits_for_none() -> None:
    async def story() -> None:
        disk: Any = Disk()
        settlement = Settlement(disk, FakeClock("2027-02-03 10:00"), Patience(), lambda: True)
        running = asyncio.create_task(settlement.run())

        async def answered(number: int) -> None:
            await asyncio.sleep(number / 100)
            await settlement.settle(PostId(number), PostState.SENT, "$there")

        await asyncio.gather(*(answered(number) for number in range(100)))
        running.cancel()
        assert disk.transactions[0] == 1
        assert sum(disk.transactions) == 100
        assert len(disk.transactions) < 30

    leaping(story())
