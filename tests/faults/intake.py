"""The intake lab: N messages of people, some while the bot is dead; each has one answer, in order, or it is a fault.

The oracle is the people's own view: which message has which answers, and where these stand.
"""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from faults.figures import Figure, Load, Verdict
from faults.lives import Life
from faults.run import Run
from faults.stage import Stage

from bench.people import all_of, answers_of

_LISTENS_WITHIN = 60.0
Said = Mapping[str, list[str]]
"""The commands in each room, as they stand there."""


async def taken_in(name: str, stage: Stage, load: Load, folder: Path, life: Life, mode: str = "") -> Figure:
    """People speak while the bot is killed, and in gaps; until all is answered or the time is over."""
    said: dict[str, list[str]] = {room: [] for room in stage.rooms}
    n_between = (load.n - sum(load.gaps)) // max(len(load.gaps), 1)
    async with Run(stage, load, folder, life, mode).going_on(is_safe_at_first=True) as run:
        await _listens(run)
        run.endanger()
        for number, n_missed in enumerate(load.gaps):
            room = stage.rooms[number % len(stage.rooms)]
            async with run.lives.dead():
                await _say(stage, said, room, n_missed)
            each = n_between // len(stage.rooms)
            await asyncio.gather(*(_say(stage, said, room, each) for room in stage.rooms))
        verdict = await run.settled(lambda: _read(stage, said))
    return run.figure(name, verdict)


async def _listens(run: Run) -> None:
    """Wait until the bot asks for the second time what is new: it knows where it stands."""
    async with asyncio.timeout(_LISTENS_WITHIN):
        while sum(1 for _, is_sync in run.proxy.moments if is_sync) < 2:  # noqa: ASYNC110 - another program's doing
            await asyncio.sleep(0.05)


async def _say(stage: Stage, said: Said, room: str, n: int) -> None:
    for _ in range(n):
        said[room].append(await stage.reader.send(room, f"!observe Sight {len(said[room])}"))


async def _read(stage: Stage, said: Said) -> Verdict:
    lost = doubled = disordered = 0

    async def look(room: str) -> None:
        nonlocal lost, doubled, disordered
        events = await stage.reader.messages(room)
        place = {event["event_id"]: number for number, event in enumerate(events)}
        answers = answers_of(events, stage.account.user_id)
        lost += sum(1 for command in said[room] if command not in answers)
        doubled += sum(len(found) - 1 for found in answers.values())
        places = [place[answers[command][0]["event_id"]] for command in said[room] if command in answers]
        disordered += sum(1 for one, following in pairwise(places) if one > following)

    await all_of(lambda room=room: look(room) for room in stage.rooms)  # type: ignore[misc]
    return Verdict(lost, doubled, disordered)
