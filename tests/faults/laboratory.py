"""The long runs, one after another, each on a homeserver of its own; the short ones are in tests/test_fault_*.py."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from faults import bot
from faults.ablation import NAIVE, ablated
from faults.doom import Deal
from faults.figures import Figure, Load, Verdict
from faults.harness import new_account
from faults.intake import taken_in
from faults.outage import Outage, outages
from faults.points import Played, played
from faults.posting import laid_out, posted
from faults.proxy import Fault, by_chance
from faults.scenario import EXPECTED
from faults.stage import furnished
from homeserver import Homeserver, Person

POSTING = Load(n=10_000, n_rooms=100, n_kills=200, n_falls=20, within=3600, quiet_for=60)
BAD_LINE = Load(n=2_000, n_rooms=50, n_kills=20, within=1800, quiet_for=60)
SHARE_HURT = 0.3
INTAKE = Load(n=5_000, n_rooms=10, n_kills=100, gaps=(100, 300, 1000), within=3600, quiet_for=60)
N_PLAYS = 12
N_TIMES = 3
PLAYS_AT_ONCE = 4
SHORT_OUTAGES = [15.0] * 10 + [60.0] * 3
LONG_OUTAGE = [660.0]
N_WAITING = 20


@dataclass(frozen=True, slots=True)
class Away:
    """Outages of one kind."""

    name: str
    fault: Fault
    n_waiting: int
    found: Sequence[Outage]


Findings = Sequence[Figure | Away]


async def posting(folder: Path, seed: int) -> Findings:
    """Posts that are due, with kills of bot and homeserver."""
    return [await _posted("posting", replace(POSTING, seed=seed), folder)]


async def bad_line(folder: Path, seed: int) -> Findings:
    """Posts over a line that hurts."""
    load = replace(BAD_LINE, seed=seed, choose=by_chance(SHARE_HURT, seed))
    return [await _posted("posting over a bad line", load, folder)]


async def intake(folder: Path, seed: int) -> Findings:
    """Messages of people, with kills and gaps."""
    load = replace(INTAKE, seed=seed)
    async with _town(folder) as (server, reader):
        stage = await furnished(server, reader, new_account(server, "bot"), load.n_rooms)
        return [await taken_in("intake", stage, load, folder / "bot", bot.life)]


async def points(folder: Path, seed: int) -> Findings:
    """Every crash point of the main scenario, a few in each play."""
    began = asyncio.get_running_loop().time()
    async with _town(folder) as (server, _):
        turn = asyncio.Semaphore(PLAYS_AT_ONCE)

        async def play(part: int) -> Played:
            async with turn, _person(server, "coach") as coach, _person(server, "member") as member:
                deal = Deal(part, N_PLAYS, N_TIMES)
                return await played(server, coach, member, new_account(server, "bot"), folder / str(part), deal)

        plays = await asyncio.gather(*(play(part) for part in range(N_PLAYS)))
    wanted = len(EXPECTED) * N_PLAYS
    verdict = Verdict(
        lost=sum(max(EXPECTED.count(deed) - each.room.count(deed), 0) for each in plays for deed in set(EXPECTED)),
        doubled=sum(max(each.room.count(deed) - EXPECTED.count(deed), 0) for each in plays for deed in set(each.room)),
        disordered=sum(each.room != EXPECTED for each in plays),
    )
    n_deaths = sum(each.n_deaths for each in plays)
    load = Load(n=wanted, n_rooms=N_PLAYS, n_kills=n_deaths, seed=seed)
    seconds = asyncio.get_running_loop().time() - began
    return [Figure("each crash point of the main scenario", load, n_deaths, 0, 0.0, verdict, seconds)]


async def ablation(folder: Path, seed: int) -> Findings:
    """The usual ways to write it."""
    del seed
    async with _town(folder) as (server, reader):
        return await asyncio.gather(*(ablated(each, server, reader, folder) for each in NAIVE))


async def outage(folder: Path, seed: int) -> Findings:
    """A homeserver that is away for seconds, a minute and eleven minutes; three lines to it, side by side."""
    del seed
    async with _town(folder) as (server, reader):

        async def away(name: str, fault: Fault, lengths: list[float]) -> Away:
            account = new_account(server, "bot")
            stage = await furnished(server, reader, account, N_WAITING)
            return Away(name, fault, N_WAITING, await outages(stage, folder / account.device_id, lengths, fault))

        return await asyncio.gather(
            away("15 s and 60 s", Fault.BAD_GATEWAY, SHORT_OUTAGES),
            away("15 s and 60 s", Fault.CUT_BEFORE, SHORT_OUTAGES),
            away("11 minutes", Fault.BAD_GATEWAY, LONG_OUTAGE),
        )


LABS: dict[str, Callable[[Path, int], Awaitable[Findings]]] = {
    "ablation": ablation,
    "points": points,
    "line": bad_line,
    "intake": intake,
    "posting": posting,
    "outage": outage,
}


async def _posted(name: str, load: Load, folder: Path) -> Figure:
    async with _town(folder) as (server, reader):
        stage = await furnished(server, reader, new_account(server, "bot"), load.n_rooms)
        posts = await laid_out(stage, load, folder / "bot")
        return await posted(name, stage, load, posts, folder / "bot", bot.life)


@asynccontextmanager
async def _town(folder: Path) -> AsyncIterator[tuple[Homeserver, Person]]:
    server = await asyncio.to_thread(Homeserver.start, folder / "homeserver")
    try:
        async with _person(server, "reader") as reader:
            yield server, reader
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _person(server: Homeserver, name: str) -> AsyncIterator[Person]:
    async with Person(server.url, await asyncio.to_thread(new_account, server, name)) as someone:
        await someone.set_name(name)
        yield someone
