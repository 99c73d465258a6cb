"""The moment that someone moves the clock to, as typed. Pure."""

import re
from datetime import date, datetime, time, timedelta

from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.rehearsal.texts import HOW_AFTER, HOW_TO
from doetank_bot.domain.day import parse_day
from doetank_bot.flows.cue import day_in
from doetank_bot.flows.later import parse_delay

_MOMENT = re.compile(r"(?P<day>.*?)[ ,]*(?:\b(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?: ?uur)?)?", re.ASCII)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


def moment_of(text: str, now: datetime) -> datetime:
    """Return the local moment that `text` names, seen from the local `now`: a day, a time, or both.

    Without a day it is today, without a time the time that it is; a weekday is the next that is still to come. Raises
    Slip when it names none.
    """
    found = _MOMENT.fullmatch(" ".join(text.split()))
    if not text or found is None:
        raise Slip(HOW_TO)
    day = _day(found["day"], now.date())
    at = time(int(found["hour"]), int(found["minute"])) if found["hour"] else now.time()
    moment = datetime.combine(day, at)
    return moment + _WEEK if moment <= now and _comes_weekly(found["day"], now.date()) else moment


def moment_after(text: str, now: datetime) -> datetime:
    """Return the local moment `2d`, `3 uur`, `30 min` or `1w` after the local `now`. Raises Slip for other words."""
    delay = parse_delay(text)
    if delay is None:
        raise Slip(HOW_AFTER)
    return now + delay


def _day(text: str, today: date) -> date:
    if not text:
        return today
    typed = parse_day(text)
    day = typed.on(today) if typed else day_in(text, today) if text.isalpha() else None
    if day is None:
        raise Slip(HOW_TO)
    return day


def _comes_weekly(text: str, today: date) -> bool:
    return text.isalpha() and day_in(text, today + _DAY) == today + _WEEK
