"""What a crash test needs: people in a room with the bot, and an oracle that reads the homeserver as another user."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from homeserver import Account, Event, Homeserver, Person

from bench.people import answers_of
from bench.program import Program

A_DOUBLE_COMES_WITHIN = 1.0
_numbers = itertools.count(1)


def new_account(homeserver: Homeserver, name: str) -> Account:
    """An account of this test alone."""
    return homeserver.register(f"{name}-fault-{next(_numbers)}")


@dataclass(slots=True)
class Peer:
    """A bot under test, ours or a naive one: its program and who it is."""

    program: Program
    user_id: str

    async def crash(self) -> None:
        """SIGKILL, and at once a new life; returns when that is ready."""
        await self.program.kill()
        await self.program.start()


@contextlib.asynccontextmanager
async def running(program: Program, user_id: str) -> AsyncIterator[Peer]:
    """The bot, started; killed when the block ends, whatever happened."""
    await program.start()
    try:
        yield Peer(program, user_id)
    finally:
        await program.kill()


async def room_with(host: Person, others: Sequence[Person], bot: str) -> str:
    """A room of these people into which the host invited the bot, once it introduced itself."""
    room = await host.create_room(invite=[one.user_id for one in others], name="Parking")
    for one in others:
        await one.join(room)
    await host.invite(room, bot)
    await host.wait_for(room, lambda event: is_message(event, bot), timeout=30)
    return room


def is_message(event: Event, sender: str) -> bool:
    """Whether `sender` said this, edits not counted."""
    is_edit = event.get("content", {}).get("m.relates_to", {}).get("rel_type") == "m.replace"
    return event["type"] == "m.room.message" and event["sender"] == sender and not is_edit


@dataclass(frozen=True, slots=True)
class Verdict:
    """How each command fared, as another user sees it; `order` has the answered ones by the place of their answers."""

    never: list[str]
    more: list[str]
    order: list[str]

    @property
    def is_exactly_once(self) -> bool:
        """Whether nothing was lost or doubled."""
        return not self.never and not self.more


async def verdict(reader: Person, room: str, bot: str, commands: Iterable[str]) -> Verdict:
    """Read the room and judge."""
    events = await reader.messages(room)
    wanted = list(commands)
    answers = answers_of(events, bot)
    counts = Counter({command: len(answers.get(command, ())) for command in wanted})
    place = {event["event_id"]: number for number, event in enumerate(events)}
    answered = [command for command in wanted if counts[command]]
    answered.sort(key=lambda command: place[answers[command][0]["event_id"]])
    never = [command for command in wanted if counts[command] == 0]
    return Verdict(never, [command for command in wanted if counts[command] > 1], answered)


async def all_answered(reader: Person, bot: str, commands: dict[str, list[str]], within: float) -> dict[str, Verdict]:
    """Wait until every command has an answer (by room) or `within` seconds are over; the verdict on each room."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            for room, wanted in commands.items():
                await _answered(reader, room, bot, wanted)
            await asyncio.sleep(A_DOUBLE_COMES_WITHIN)
    return {room: await verdict(reader, room, bot, wanted) for room, wanted in commands.items()}


async def _answered(reader: Person, room: str, bot: str, commands: list[str]) -> None:
    missing = set(commands)

    def is_last(event: Event) -> bool:
        missing.difference_update(answers_of([event], bot))
        return not missing

    await reader.wait_for(room, is_last, timeout=600)
