"""The bot on a store that ends the process before and after commits: each place in the code once in each step.

The program is not told: the store is wrapped where the engine gets it, as `app.serve` puts the two together.
"""

import asyncio
import os
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from doetank_bot.app import SystemClock, rules_of
from doetank_bot.cli.options import settings_at
from doetank_bot.device import connected
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import NoTally, Views, Work
from doetank_bot.service.engine import Engine, Texts
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

STEP = "step"
"""The file in the bot's folder that says in which step of the scenario we are."""
REACHED = "reached"
"""The file that lists the points that were reached, one a line."""


@dataclass(frozen=True, slots=True)
class Deal:
    """Which points a play has: those of one of so many parts; of each place the first so many times."""

    part: int
    parts: int
    times: int = 1

    def __str__(self) -> str:
        return f"{self.part}/{self.parts}/{self.times}"

    def has(self, point: str) -> bool:
        """Whether a bot of this play dies there."""
        return zlib.crc32(point.encode()) % self.parts == self.part


class Doom:
    """Ends this process at each point that is dealt to it, the first time it is reached in any life."""

    def __init__(self, deal: Deal) -> None:
        self._deal = deal
        reached = Path(REACHED)
        self._reached = set(reached.read_text().splitlines()) if reached.exists() else set()

    def reach(self, place: str) -> None:
        """Be at a place in the code."""
        step = Path(STEP).read_text()
        points = (f"{step}: {place} {number}" for number in range(1, self._deal.times + 1))
        point = next((each for each in points if each not in self._reached), None)
        if point is None:
            return
        self._reached.add(point)
        with Path(REACHED).open("a") as file:
            file.write(f"{point}\n")
        if self._deal.has(point):
            os._exit(9)


class DoomedStore:
    """A unit of work that may not survive its commits."""

    def __init__(self, store: Store, doom: Doom) -> None:
        self._store, self._doom = store, doom

    def read(self) -> AbstractAsyncContextManager[Views]:
        """Read as ever."""
        return self._store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Work]:
        """Write, and perhaps die before or after it is committed."""
        place = _place(sys._getframe())
        async with self._store.write() as work:
            yield work
            self._doom.reach(f"before the commit in {place}")
        self._doom.reach(f"after the commit in {place}")


def life(_url: str, _user_id: str, _token: str, deal: str) -> None:
    """Run the bot of the current folder; `deal` is like `2/6/1`: the third of six parts, each place once."""
    asyncio.run(_run(Doom(Deal(*map(int, deal.split("/"))))))


async def _run(doom: Doom) -> None:
    settings = settings_at(Path("doetank.yaml"))
    rules = rules_of(settings)
    await migrate(settings.database.url)
    store = Store(settings.database.url, rules.me.account, FLOW_STATES)
    await store.open()
    chat = await connected(settings, NoTally())
    engine = Engine(DoomedStore(store, doom), chat, SystemClock(), rules, Texts.load())
    await engine.run(asyncio.Event(), lambda: None)


def _place(frame: FrameType | None) -> str:
    """The function of the program that asked, as `module.function`."""
    while frame is not None and not str(frame.f_globals.get("__name__", "")).startswith("doetank_bot."):
        frame = frame.f_back
    return "nowhere" if frame is None else f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
