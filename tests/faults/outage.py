"""An outage: the homeserver is away for a while, people go on; what the bot asks meanwhile, and how soon it is back."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from faults import bot
from faults.figures import Load
from faults.proxy import Fault
from faults.run import Run
from faults.stage import Stage

from bench.people import Watcher, all_of

_BACK_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class Outage:
    """How long it was away, how often it was asked meanwhile, and what came how many seconds after its end.

    `asked` is the bot's next request, which only its own waiting decides; `first` and `last` are answers that a person
    sees, which the machine decides too.
    """

    seconds: float
    n_requests: int
    asked: float
    first: float
    last: float


async def outages(stage: Stage, folder: Path, lengths: list[float], fault: Fault) -> list[Outage]:
    """One outage after another of so many seconds each; in each someone says something in every room."""
    load = Load(n=len(stage.rooms), n_rooms=len(stage.rooms), n_kills=0)
    async with (
        Run(stage, load, folder, bot.life).going_on() as run,
        Watcher(stage.reader, [stage.account.user_id]).watching() as watcher,
    ):
        await stage.greeted()
        return [await _outage(stage, run, watcher, seconds, fault) for seconds in lengths]


async def _outage(stage: Stage, run: Run, watcher: Watcher, seconds: float, fault: Fault) -> Outage:
    n_before, run.proxy.down = run.proxy.n_requests, fault
    commands: list[str] = []

    async def say(room: str) -> None:
        commands.append(await stage.reader.send(room, "!observe Nobody heard me"))

    began = time.monotonic()
    await all_of(lambda room=room: say(room) for room in stage.rooms)  # type: ignore[misc]
    await asyncio.sleep(seconds - (time.monotonic() - began))
    n_requests, run.proxy.down, back = run.proxy.n_requests - n_before, None, time.monotonic()
    answered = sorted([await watcher.answered(command, _BACK_WITHIN) - back for command in commands])
    asked = min(moment for moment, _ in run.proxy.moments if moment >= back) - back
    return Outage(seconds, n_requests, asked, answered[0], answered[-1])
