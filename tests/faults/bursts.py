"""The burst test: commands in three rooms at once, and SIGKILL at the first answer, while other handlers work."""

import asyncio
from collections.abc import Sequence

from faults.harness import Peer, Verdict, all_answered
from homeserver import Person

from bench.people import answers_of

N_BURSTS = 3
N_EACH = 8


async def killed_in_bursts(
    people: Sequence[Person], rooms: Sequence[str], peer: Peer, within: float = 60
) -> list[Verdict]:
    """Three bursts of 8 commands in each room, each killed at its first answer; the verdict by room, over all."""
    reader = people[0]
    commands: dict[str, list[str]] = {room: [] for room in rooms}
    for burst in range(1, N_BURSTS + 1):
        sent = await _burst(people, rooms, peer, burst)
        for room, wanted in sent.items():
            commands[room] += wanted
        await all_answered(reader, peer.user_id, commands, within)
    return list((await all_answered(reader, peer.user_id, commands, within)).values())


async def _burst(people: Sequence[Person], rooms: Sequence[str], peer: Peer, burst: int) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {room: [] for room in rooms}
    seen = [asyncio.create_task(_first_answer(people[0], room, peer.user_id)) for room in rooms]

    async def say(room: str, number: int) -> None:
        author = people[number % len(people)]
        sent[room].append(await author.send(room, f"!observe Burst {burst}, sight {number}"))

    try:
        async with asyncio.TaskGroup() as tasks:
            for room in rooms:
                for number in range(N_EACH):
                    tasks.create_task(say(room, number))
            await asyncio.wait(seen, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            await peer.program.kill()
    finally:
        for task in seen:
            task.cancel()
        await asyncio.gather(*seen, return_exceptions=True)
    await peer.program.start()
    return sent


async def _first_answer(reader: Person, room: str, bot: str) -> None:
    """Return when an answer comes that was not there when this was called."""
    before = set(answers_of(await reader.messages(room), bot))
    await reader.wait_for(room, lambda event: bool(set(answers_of([event], bot)) - before), timeout=60)
