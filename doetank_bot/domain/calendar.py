"""Which days people work, and between which hours they may be written to. All days and times are local.

The days off are those of the Cao Gemeenten: 5 May every year, Good Friday a working day. They are computed here: the
`holidays` package has neither right and costs 17 MB of memory; tests hold this against it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

_SATURDAY = 5
_SUNDAY = 6
_YEARLY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_LEAP_YEAR = 2000


class Holiday(StrEnum):
    """A named day off; `day_off` is one that the operator added by its date, `break` one on which a group rests."""

    NEW_YEAR = "new_year"
    GOOD_FRIDAY = "good_friday"
    EASTER_MONDAY = "easter_monday"
    KINGS_DAY = "kings_day"
    LIBERATION_DAY = "liberation_day"
    ASCENSION_DAY = "ascension_day"
    WHIT_MONDAY = "whit_monday"
    CHRISTMAS_DAY = "christmas_day"
    BOXING_DAY = "boxing_day"
    DAY_OFF = "day_off"
    BREAK = "break"


CAO_GEMEENTEN = frozenset(Holiday) - {Holiday.GOOD_FRIDAY, Holiday.DAY_OFF, Holiday.BREAK}


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a working day in which the bot writes of its own accord; `closes` itself is outside."""

    opens: time = time(9)
    closes: time = time(17)

    def __contains__(self, at: time) -> bool:
        """Whether `at` (local) lies inside."""
        return self.opens <= at < self.closes


@dataclass(frozen=True, slots=True)
class NamedBreak:
    """Days on which nobody is asked anything, both included, and what people call them."""

    first: date
    last: date
    nl: str
    en: str

    def __contains__(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Calendar:
    """Monday to Friday without the days off. Make one with `calendar_for`.

    `dates` are single days off, `yearly` (month, day) of every year; `skipped` and `skipped_yearly` are
    worked after all. `breaks` are (first, last) day of a group's own rest, whatever else those days are;
    `school` are the school holidays that count for it.
    """

    holidays: frozenset[Holiday] = CAO_GEMEENTEN
    dates: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    skipped: frozenset[date] = frozenset()
    skipped_yearly: frozenset[tuple[int, int]] = frozenset()
    window: Window = field(default_factory=Window)
    breaks: tuple[tuple[date, date], ...] = ()
    school: tuple[NamedBreak, ...] = ()

    def is_working(self, day: date) -> bool:
        """Whether people work that day."""
        return day.weekday() < _SATURDAY and self.name_of(day) is None

    def name_of(self, day: date) -> Holiday | None:
        """Return which day off it is; None on any other day, a Saturday or Sunday included."""
        if any(first <= day <= last for first, last in self.breaks) or self.school_break(day):
            return Holiday.BREAK
        if day in self.skipped or (day.month, day.day) in self.skipped_yearly:
            return None
        found = _holiday_on(day)
        if found in self.holidays:
            return found
        return Holiday.DAY_OFF if day in self.dates or (day.month, day.day) in self.yearly else None

    def days_off(self, today: date, n_days: int = 13) -> tuple[tuple[date, Holiday], ...]:
        """Return the days off after `today`, of Monday to Friday; of a rest of several days only the first."""
        days = [today + timedelta(days=ahead) for ahead in range(n_days + 1)]
        named = [(day, self.name_of(day)) for day in days if day.weekday() < _SATURDAY]
        return tuple(
            (day, name)
            for (_, before), (day, name) in pairwise(named)
            if day > today and name is not None and (name is not before or name is not Holiday.BREAK)
        )

    def school_break(self, day: date) -> NamedBreak | None:
        """Return the school holiday that day lies in."""
        return next((one for one in self.school if day in one), None)

    def is_open(self, local: datetime) -> bool:
        """Whether the bot may write of its own accord at this naive local time."""
        return self.is_working(local.date()) and local.time() in self.window

    def next_opening(self, local: datetime) -> datetime:
        """Return the first naive local time after `local` at which a window opens."""
        is_before = self.is_working(local.date()) and local.time() < self.window.opens
        day = local.date() if is_before else next_working_day(local.date(), self)
        return datetime.combine(day, self.window.opens)


def calendar_for(add: Iterable[date | str] = (), skip: Iterable[date | str] = ()) -> Calendar:
    """Return the Cao Gemeenten calendar with days off added and skipped (configuration `bot.holidays`).

    A day is a date, `2027-05-07`, every year's `07-01`, or the name of a holiday (`good_friday`). What is in both is
    skipped. Raises ValueError for anything else.
    """
    added, removed = _sorted(add), _sorted(skip)
    return Calendar(
        holidays=(CAO_GEMEENTEN | added.holidays) - removed.holidays,
        dates=added.dates,
        yearly=added.yearly,
        skipped=removed.dates,
        skipped_yearly=removed.yearly,
    )


def next_working_day(day: date, calendar: Calendar) -> date:
    """Return the first working day after `day`. Raises ValueError when a whole year has none."""
    for ahead in range(1, 366):
        found = day + timedelta(days=ahead)
        if calendar.is_working(found):
            return found
    raise ValueError(f"no working day in the year after {day}")


def easter(year: int) -> date:
    """Return Easter Sunday in the Gregorian calendar (the anonymous algorithm in Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    leap_centuries, odd_centuries = divmod(century, 4)
    leaps, odd_years = divmod(rest, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leap_centuries - moon_shift + 15) % 30
    to_sunday = (32 + 2 * odd_centuries + 2 * leaps - epact - odd_years) % 7
    late_moon = (year % 19 + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late_moon + 114, 31)
    return date(year, month, day + 1)


def _holiday_on(day: date) -> Holiday | None:
    return _FIXED.get((day.month, day.day)) or _kings_day(day) or _MOVABLE.get((day - easter(day.year)).days)


def _kings_day(day: date) -> Holiday | None:
    birthday = date(day.year, 4, 27)
    kept_on = birthday - timedelta(days=1) if birthday.weekday() == _SUNDAY else birthday
    return Holiday.KINGS_DAY if day == kept_on else None


_FIXED = {
    (1, 1): Holiday.NEW_YEAR,
    (5, 5): Holiday.LIBERATION_DAY,
    (12, 25): Holiday.CHRISTMAS_DAY,
    (12, 26): Holiday.BOXING_DAY,
}
_MOVABLE = {
    -2: Holiday.GOOD_FRIDAY,
    1: Holiday.EASTER_MONDAY,
    39: Holiday.ASCENSION_DAY,
    50: Holiday.WHIT_MONDAY,
}


@dataclass(frozen=True, slots=True)
class _Days:
    holidays: frozenset[Holiday]
    dates: frozenset[date]
    yearly: frozenset[tuple[int, int]]


def _sorted(days: Iterable[date | str]) -> _Days:
    read = [_read(day) for day in days]
    return _Days(
        frozenset(day for day in read if isinstance(day, Holiday)),
        frozenset(day for day in read if isinstance(day, date)),
        frozenset(day for day in read if isinstance(day, tuple)),
    )


def _read(day: date | str) -> Holiday | date | tuple[int, int]:
    if isinstance(day, date):
        return day
    if day in CAO_GEMEENTEN | {Holiday.GOOD_FRIDAY}:
        return Holiday(day)
    yearly = _YEARLY.fullmatch(day)
    if yearly:
        leap = date(_LEAP_YEAR, int(yearly[1]), int(yearly[2]))
        return leap.month, leap.day
    return date.fromisoformat(day)
