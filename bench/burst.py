"""A thousand commands at once: ten people, a hundred rooms, every command answered exactly once."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench.people import Tally, Watcher, all_of, tally
from bench.program import Program
from bench.stage import Show, Stage, prepare

BAR = 1.15
N_PEOPLE = 10
QUIET_FOR = 20.0
WITHIN = 240.0


@dataclass(frozen=True, slots=True)
class Run:
    """One burst: seconds from the first send to the last answer (the homeserver's clock), and what was counted."""

    seconds: float
    tally: Tally
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Round:
    """The bot and the raw echo, each on its own copy of the same homeserver."""

    bot: Run
    raw: Run


@dataclass(frozen=True, slots=True)
class Burst:
    """All rounds."""

    rounds: list[Round]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(one.bot.seconds / one.raw.seconds for one in self.rounds)

    @property
    def is_exact(self) -> bool:
        """Whether the bot answered every command exactly once in every round."""
        return all(one.bot.tally.once == one.bot.tally.n_commands for one in self.rounds)


async def measure(kept: Path, scratch: Path, n_rounds: int, n_rooms: int) -> Burst:
    """Alternate the bot and the raw echo; who begins alternates by round. `kept` holds the prepared homeserver."""
    stage = await prepare(kept / f"burst-{n_rooms}", n_rooms, N_PEOPLE)
    rounds = []
    for number in range(n_rounds):
        runs = {}
        for who in ("bot", "raw") if number % 2 == 0 else ("raw", "bot"):
            runs[who] = await _run(stage, scratch / "copy", who)
            print(f"  burst {number + 1} {who}: {runs[who]}", flush=True)
        rounds.append(Round(runs["bot"], runs["raw"]))
    return Burst(rounds)


async def _run(stage: Stage, copy: Path, who: str) -> Run:
    async with stage.copied(copy) as show:
        peer = show.bot() if who == "bot" else show.echo()
        await peer.start()
        try:
            return await _burst(show, peer)
        finally:
            await peer.kill()


async def _burst(show: Show, peer: Program) -> Run:
    bot = show.stage.bot.user_id
    commands: set[str] = set()

    async def say(person: int, room: str) -> None:
        commands.add(await show.people[person].send(room, "!cycle status"))

    async with Watcher(show.people[0], [bot], pause=1.0).watching() as watcher:
        spent, began = peer.cpu_seconds, time.time()
        everyone = ((person, room) for person in range(len(show.people)) for room in show.stage.rooms)
        await all_of((lambda p=person, r=room: say(p, r)) for person, room in everyone)  # type: ignore[misc]
        await watcher.quiet(len(commands), QUIET_FOR, WITHIN)
    counted = await tally(show.people[0], show.stage.rooms, bot, commands)
    return Run(counted.last_at - began, counted, peer.cpu_seconds - spent, peer.peak_mib)
