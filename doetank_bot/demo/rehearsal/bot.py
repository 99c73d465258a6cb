"""The whole bot over a chat in memory, at a time that stands still until it is moved: for rehearsals, and for tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.group import Language
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import UserRef
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import Tally
from doetank_bot.resources import breaks_file
from doetank_bot.service.engine import Engine, Texts
from doetank_bot.settings import read_school
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

TIMEZONE = "Europe/Amsterdam"
_NEVER = timedelta(days=1)
_SHORTLY = 0.001
_PATIENCE = timedelta(seconds=30)


class StandingClock:
    """A clock that stands still until it is moved. `instant` (UTC) is what it shows."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the UTC instant it shows."""
        return self.instant


class RehearsedBot:
    """One bot, with its database in `folder`. It works inside `running`."""

    def __init__(
        self,
        folder: Path,
        clock: StandingClock,
        chat: MemoryChat,
        rules: Rules,
        texts: Texts,
        tally: Tally | None = None,
        patience: timedelta = _PATIENCE,
    ) -> None:
        """Wire everything; no I/O. It may take `patience` to settle: machines are busy at times."""
        self.folder = folder
        self.clock = clock
        self.chat = chat
        self.rules = rules
        self.url = f"sqlite+aiosqlite:///{folder / 'doetank.db'}"
        self.store = Store(self.url, chat.me.account, FLOW_STATES)
        self.engine = Engine(self.store, chat, clock, rules, texts, tick_for=_NEVER, tally=tally)
        self._patience = patience
        self._working: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let it work as long as the block lasts. What ends it before that is raised when the block ends."""
        stop, ready = asyncio.Event(), asyncio.Event()
        working = self._working = asyncio.create_task(self._work(stop, ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        try:
            if not working.done():
                yield
        finally:
            stop.set()
            await working

    async def settle(self) -> None:
        """Wait until it is done with all that was said and fell due.

        Raises what ended the bot, and TimeoutError when that takes too long.
        """
        async with asyncio.timeout(self._patience.total_seconds()):
            while not (self.chat.is_heard and self.engine.is_idle):
                if self._working is not None and self._working.done():
                    await self._working
                await asyncio.sleep(_SHORTLY)

    async def advance_to(self, instant: datetime) -> None:
        """Let the time be `instant` (UTC); everything due on the way happens at its own moment."""
        while (due := await self.next_due(instant)) is not None:
            self.clock.instant = max(due, self.clock.instant)
            await self.engine.timers.run_due()
            await self.settle()
        self.clock.instant = max(instant, self.clock.instant)

    async def next_due(self, before: datetime) -> datetime | None:
        """Return the UTC instant of the first thing it will do of its own accord; None when nothing is due by then."""
        async with self.store.read() as views:
            due = await views.due_timers(before)
        return min((timer.due_at for timer in due), default=None)

    async def _work(self, stop: asyncio.Event, ready: asyncio.Event) -> None:
        await migrate(self.url)
        await self.store.open()
        try:
            await self.engine.run(stop, ready.set)
        finally:
            await self.store.close()


def rules_for(me: UserRef, language: Language, packs: Mapping[str, Pack]) -> Rules:
    """Return the rules of a bot that is configured with nothing but its language."""
    return Rules(
        me=me,
        prefix="!",
        language=language,
        timezone=TIMEZONE,
        packs=packs,
        calendar=calendar_for(),
        school=read_school(breaks_file()),
    )
