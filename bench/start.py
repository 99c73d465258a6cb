"""Starting again after a long night: a stored cursor, 200 rooms of ten people, twenty commands waiting in each."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bench.block import TICKER, Block, Rounds, longest
from bench.people import FILTER, Tally, tally
from bench.stage import Show, Stage, prepare

READY_BAR = 4.0
MEMORY_BAR = 150.0
N_PEOPLE = 10
N_WAITING = 20
WATCHED_FOR = 20.0


@dataclass(frozen=True, slots=True)
class Run:
    """One start: seconds from exec to `ready`, and while it works through what waited the longest block of its loop."""

    ready: float
    block: Block
    peak_mib: float
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Rounds[Run]):
    """All rounds."""

    n_rooms: int


async def measure(kept: Path, scratch: Path, n_rounds: int, n_rooms: int) -> Start:
    """Start the bot on fresh copies; `kept` holds the prepared homeserver."""
    stage = await prepare(kept / f"start-{n_rooms}", n_rooms, N_PEOPLE, N_WAITING)
    rounds = []
    for number in range(n_rounds):
        rounds.append(await _run(stage, scratch / "copy"))
        print(f"  start {number + 1}: {rounds[-1]}", flush=True)
    return Start(rounds=rounds, n_rooms=n_rooms)


async def _run(stage: Stage, copy: Path) -> Run:
    """Twice: `ready` and memory without the ticker in the loop, then the ticker on another copy."""
    async with stage.copied(copy) as show:
        await _warm(show)
        bot = show.bot()
        ready = await bot.start()
        try:
            await asyncio.sleep(WATCHED_FOR)
            peak = bot.peak_mib
        finally:
            await bot.kill()
        counted = await tally(show.people[0], stage.rooms, stage.bot.user_id, set(stage.commands))
    async with stage.copied(copy) as show:
        await _warm(show)
        bot = show.bot(wrapper=TICKER)
        await bot.start()
        try:
            await asyncio.sleep(WATCHED_FOR)
        finally:
            await bot.kill()
        block = longest(bot)
    return Run(ready, block, peak, counted)


async def _warm(show: Show) -> None:
    """Let someone read all rooms: the bot was down, not the homeserver, which has just seen these messages."""
    await show.people[0].call("GET", "/sync", filter=FILTER, timeout=0)
