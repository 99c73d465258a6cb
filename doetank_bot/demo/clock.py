"""Some weeks in the past, and a clock that is put forward through them."""

import time
from datetime import date, datetime, timedelta

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.schedule import to_local

_N_WORKING_DAYS = 5
_MEETING_BEFORE = timedelta(days=4)


class DemoClock:
    """Shows the time it was put at, and goes on from there as clocks do."""

    def __init__(self, instant: datetime) -> None:
        self._at = instant
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the UTC instant it shows."""
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def put_forward(self, instant: datetime) -> None:
        """Let it show `instant` (UTC), unless it shows a later time already."""
        if instant > self.now():
            self._at = instant
            self._since = time.monotonic()


def last_whole_weeks(n_weeks: int, now: datetime, timezone: str, calendar: Calendar) -> date:
    """Return the Monday (local date) on which the last `n_weeks` weeks began that are over at `now`, without a holiday.

    Over, because the bot carries out no command that looks more than ten minutes old, and the homeserver puts
    today's date on what the demo's people say. The Thursday before, when they meet, is no holiday either.
    """
    monday = monday_of(to_local(now, timezone).date()) - timedelta(weeks=n_weeks)
    while not _are_whole(monday, n_weeks, calendar):
        monday -= timedelta(weeks=1)
    return monday


def _are_whole(monday: date, n_weeks: int, calendar: Calendar) -> bool:
    weeks = [monday + timedelta(weeks=week) for week in range(n_weeks)]
    days = [week + timedelta(days=day) for week in weeks for day in range(_N_WORKING_DAYS)]
    return all(map(calendar.is_working, (monday - _MEETING_BEFORE, *days)))
