"""The database is the schedule; APScheduler is only the clock that wakes this loop.

When many are due at once, some are decided on while the one before them is carried out; they are carried out in order.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from doetank_bot.ports import Clock, TimerRow, UnitOfWork, first_of
from doetank_bot.service.patience import Patience

log = structlog.get_logger(__name__)

N_AT_ONCE = 3
"""Timers that are decided on at the same time: of four that may read the store at once, one is left for people."""

_ON_THE_SECOND = datetime(2000, 1, 1, tzinfo=UTC)
"""Steps are planned for whole minutes: looks are so many ticks from here, and not up to a tick late for each."""

_LOOKS_ANYWAY = 2
"""After so many ticks without one."""

Turn = Callable[[], Awaitable[object]]


class Timers:
    """Fires due timers, oldest first.

    `fire` must mark each one handled or put it off in the transaction that carries it out, once its turn has come.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        fire: Callable[[TimerRow, Turn], Awaitable[None]],
        patience: Patience,
        *,
        tick_for: timedelta,
    ) -> None:
        """Look at the clock every `tick_for`."""
        self._uow = uow
        self._clock = clock
        self._fire = fire
        self._patience = patience
        self._tick_for = tick_for
        self._wake = asyncio.Event()
        self._has_looked = False
        self._n_looking = 0

    @property
    def is_idle(self) -> bool:
        """Whether what is due is fired; not so before `run` has looked for the first time."""
        return self._has_looked and not self._n_looking

    async def run(self) -> None:
        """Fire what is due until cancelled.

        The wall clock is asked anew at every tick, so a jump or a suspended machine is seen.
        """
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self._tick,
            "interval",
            seconds=self._tick_for.total_seconds(),
            start_date=_ON_THE_SECOND,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        scheduler.start()
        try:
            while True:
                await self._patience.until_done(self.run_due)
                self._wake.clear()
                # APScheduler goes by the wall clock too: set back by an hour, it would be silent for an hour.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOKS_ANYWAY * self._tick_for.total_seconds()):
                        await self._wake.wait()
        finally:
            scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        # A coroutine runs on the event loop; APScheduler would run a plain function in a thread, where an Event may not
        # be set.
        self._wake.set()

    async def run_due(self) -> int:
        """Fire everything that is due now; return how many there were."""
        self._n_looking += 1
        try:
            async with self._uow.read() as views:
                due = await views.due_timers(self._clock.now())
            await self._fire_all(due)
        finally:
            self._n_looking -= 1
        self._has_looked = True
        return len(due)

    async def _fire_all(self, due: Sequence[TimerRow]) -> None:
        """Fire them, each when the one before it is through; what one raises ends them all."""
        window, before = asyncio.Semaphore(N_AT_ONCE), asyncio.Event()
        before.set()

        async def fire(row: TimerRow, before: asyncio.Event, through: asyncio.Event) -> None:
            await self._fire(row, before.wait)
            await before.wait()
            through.set()
            window.release()

        try:
            async with asyncio.TaskGroup() as tasks:
                for row in due:
                    await window.acquire()
                    through = asyncio.Event()
                    tasks.create_task(fire(row, before, through))
                    before = through
        except BaseExceptionGroup as trouble:
            raise first_of(trouble) from None
