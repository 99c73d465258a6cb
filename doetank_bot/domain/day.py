"""Dates as people type them, Dutch and English: a small, strict grammar. Whatever else stands there is no date."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LEAP_YEAR = 2028

_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "febr"),
    ("maart", "march", "mrt", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augustus", "august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTH_NUMBER = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_WEEKDAY = (
    r"(?:(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday),? )?"
)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_FIGURES = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII)
_WORDS = re.compile(_WEEKDAY + r"(?P<day>\d{1,2}) (?P<name>[a-z]{3,9})\.?(?: (?P<year>\d{4}))?", re.ASCII)
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Day:
    """A date someone typed; without `year` it is the next such day."""

    day: int
    month: int
    year: int | None = None

    def on(self, today: date) -> date:
        """Return the date, seen from `today`."""
        if self.year is not None:
            return date(self.year, self.month, self.day)
        year = today.year
        while self.day > monthrange(year, self.month)[1] or date(year, self.month, self.day) < today:
            year += 1
        return date(year, self.month, self.day)


def parse_day(text: str) -> Day | None:
    """Return the date that is the whole of `text`, or None.

    Takes 2027-02-08, 8-2-2027 (also with / or .), 8 februari, 8 feb 2027, monday 8 february.
    """
    text = " ".join(text[: _LONGEST + 1].casefold().split())
    match = _ISO.fullmatch(text) or _FIGURES.fullmatch(text) or _WORDS.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        return None
    parts = match.groupdict()
    month = int(parts["month"]) if "month" in parts else _MONTH_NUMBER.get(parts["name"], 0)
    return _existing(int(parts["day"]), month, int(parts["year"]) if parts["year"] else None)


def _existing(day: int, month: int, year: int | None) -> Day | None:
    if year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    if not 1 <= month <= len(_MONTHS) or not 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]:
        return None
    return Day(day, month, year)
