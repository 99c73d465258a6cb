"""A clock that is set back: steps are looked for all the same."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import apscheduler.schedulers.base
import pytest
from house import FakeClock
from test_timers_order import DueRows

from doetank_bot.ports import TimerRow
from doetank_bot.service.patience import Patience
from doetank_bot.service.timers import Timers


class SetBack(datetime):
    """The clock of the machine as APScheduler reads it; `by` is how far it was set back."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # its own class is not needed
        return datetime.now(tz) - cls.by


async def test_a_clock_that_is_set_back_by_a_year_stops_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SetBack)
    monkeypatch.setattr(SetBack, "by", timedelta())
    store: Any = DueRows(1)
    looks = []

    async def fire(row: TimerRow, turn: Callable[[], Awaitable[object]]) -> None:
        await turn()
        looks.append(row.id)

    clock = FakeClock("2027-02-03 10:00")
    running = asyncio.create_task(Timers(store, clock, fire, Patience(), tick_for=timedelta(seconds=0.05)).run())
    await asyncio.sleep(0.2)
    monkeypatch.setattr(SetBack, "by", timedelta(days=365))
    await asyncio.sleep(0.2)
    n_before = len(looks)
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(looks) > n_before
