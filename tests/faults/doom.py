"""The bot on a store that ends the process before and after commits: each place in the code once in each step.

The program is not told: the store is wrapped where the engine gets it, as `app.serve` puts the two together.
"""

import asyncio
import os
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import FrameType

from doetank_bot.app import SystemClock, log_in, rules_of
from doetank_bot.chat.matrix import MatrixChat
from doetank_bot.cli.options import settings_at
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import Views, Work
from doetank_bot.service.engine import Engine, Texts
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

STEP = "step"
"""The file in the bot's folder that says in which step of the scenario we are."""
REACHED = "reached"
"""The file that lists the points that were reached, one a line."""


def is_chosen(point: str, part: int, parts: int) -> bool:
    """Whether the point is one of those at which a run of this part dies."""
    return zlib.crc32(point.encode()) % parts == part


class Doom:
    """Ends this process at each point of its part, the first time it is reached in any life."""

    def __init__(self, part: int, parts: int) -> None:
        self._part, self._parts = part, parts
        reached = Path(REACHED)
        self._reached = set(reached.read_text().splitlines()) if reached.exists() else set()

    def reach(self, place: str) -> None:
        """Be at a place in the code."""
        point = f"{Path(STEP).read_text()}: {place}"
        if point in self._reached:
            return
        self._reached.add(point)
        with Path(REACHED).open("a") as file:
            file.write(f"{point}\n")
        if is_chosen(point, self._part, self._parts):
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


def life(_url: str, _user_id: str, _token: str, part: str) -> None:
    """Run the bot of the current folder; `part` is like `2/6`: the third of six sets of points."""
    number, _, parts = part.partition("/")
    asyncio.run(_run(Doom(int(number), int(parts))))


async def _run(doom: Doom) -> None:
    settings = settings_at(Path("doetank.yaml"))
    rules = rules_of(settings)
    await migrate(settings.database.url)
    store = Store(settings.database.url, rules.me.account, FLOW_STATES)
    await store.open()
    session = await log_in(settings)
    matrix = settings.matrix
    chat = MatrixChat(session, store_dir=matrix.store_dir, allow_invites_from=matrix.allow_invites_from)
    engine = Engine(DoomedStore(store, doom), chat, SystemClock(), rules, Texts.load())
    await engine.run(asyncio.Event(), lambda: None)


def _place(frame: FrameType | None) -> str:
    """The function of the program that asked, as `module.function`."""
    while frame is not None and not str(frame.f_globals.get("__name__", "")).startswith("doetank_bot."):
        frame = frame.f_back
    return "nowhere" if frame is None else f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
