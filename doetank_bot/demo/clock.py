"""A week in the past, and a clock that is put forward through it."""

import time
from datetime import date, datetime, timedelta

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.schedule import to_local

_N_WORKING_DAYS = 5


class DemoClock:
    """Shows the time it was put at, and goes on from there as clocks do."""

    def __init__(self, instant: datetime) -> None:
        self._at = instant
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the UTC instant it shows."""
        return self._at + timedelta(seconds=time.monotonic() - self._since)

    def put_forward(self, instant: datetime) -> None:
        """Let it show `instant` (UTC). Raises ValueError when it already shows a later time."""
        if instant < self.now():
            raise ValueError(f"the clock shows {self.now()} already")
        self._at = instant
        self._since = time.monotonic()


def last_whole_week(now: datetime, timezone: str, calendar: Calendar) -> date:
    """Return the Monday (local date) of the last week that is over at `now` and had five working days.

    Over, because the bot carries out no command that looks more than ten minutes old, and the homeserver puts
    today's date on what the demo's people say.
    """
    monday = monday_of(to_local(now, timezone).date()) - timedelta(weeks=1)
    while not _is_whole(monday, calendar):
        monday -= timedelta(weeks=1)
    return monday


def _is_whole(monday: date, calendar: Calendar) -> bool:
    return all(calendar.is_working(monday + timedelta(days=day)) for day in range(_N_WORKING_DAYS))
