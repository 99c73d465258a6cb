"""When the cue of an if-then plan comes: the day in the member's own words, else two working days later. Pure."""

import re
from datetime import date, datetime, time, timedelta

from doetank_bot.domain.calendar import Calendar, next_working_day
from doetank_bot.domain.day import parse_day

_WEEKDAYS = (
    ("maandag", "monday", "ma", "mon"),
    ("dinsdag", "tuesday", "di", "tue"),
    ("woensdag", "wednesday", "wo", "wed"),
    ("donderdag", "thursday", "do", "thu"),
    ("vrijdag", "friday", "vr", "fri"),
    ("zaterdag", "saturday", "za", "sat"),
    ("zondag", "sunday", "zo", "sun"),
)
_SHORT = 2  # letters: "do" and "wo" are also plain words, so only whole names count in a sentence
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names if len(name) > _SHORT + 1}
_SOON = {
    "vandaag": 0,
    "vanmiddag": 0,
    "vanavond": 0,
    "today": 0,
    "tonight": 0,
    "morgen": 1,
    "tomorrow": 1,
    "morgenochtend": 1,
    "morgenmiddag": 1,
    "overmorgen": 2,
}
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2} [a-z]{3,9}(?: \d{4})?|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.IGNORECASE)
AT = time(16)
"""Local time: towards the end of the day, when what was planned may have happened."""
_USUAL = 2  # working days
_FARTHEST = timedelta(days=21)


def cue(text: str, now: datetime, calendar: Calendar) -> datetime:
    """Return the local moment at which the plan `text`, written at the local `now`, comes back to its author.

    On the day the plan names, within three weeks; else two working days later. Never today after four, and always on a
    working day.
    """
    named = day_in(text, now.date())
    is_near = named is not None and named - now.date() <= _FARTHEST
    day = named if named is not None and is_near else _working_days_after(now.date(), _USUAL, calendar)
    if datetime.combine(day, AT) <= now:
        day = next_working_day(now.date(), calendar)
    return datetime.combine(day if calendar.is_working(day) else next_working_day(day, calendar), AT)


def day_in(text: str, today: date) -> date | None:
    """Return the first day that a sentence names, seen from `today`: a date, a weekday, `morgen`; or None."""
    for match in _DATE.finditer(text):
        day = parse_day(match[0])
        if day is not None:
            return day.on(today)
    for word in _WORD.findall(text.casefold()):
        if word in _SOON:
            return today + timedelta(days=_SOON[word])
        if word in _WEEKDAY:
            return today + timedelta(days=(_WEEKDAY[word] - today.weekday()) % 7)
    return None


def _working_days_after(day: date, n_days: int, calendar: Calendar) -> date:
    for _ in range(n_days):
        day = next_working_day(day, calendar)
    return day
