"""What to do with a step that is overdue because the bot was down, or the group could not be reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.pack import Late
from doetank_bot.domain.schedule.clock import to_local, to_utc
from doetank_bot.domain.schedule.occurrence import Occurrence, Run

GRACE = timedelta(hours=1)
"""A step this much overdue goes out as if nothing happened; a later one says for when it was meant."""

_ENDS = {
    Run.PROMPT: (Run.PROMPT, Run.DIGEST),
    Run.DRAFT: (Run.DIGEST,),
    Run.DIGEST: (Run.DIGEST,),
}


@dataclass(frozen=True, slots=True)
class Now:
    """Do it now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Do it at the UTC instant `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not do it any more, and tell the coach."""


Verdict = Now | Wait | Drop


def late(
    occurrence: Occurrence, now: datetime, calendar: Calendar, timezone: str, next_due: datetime | None
) -> Verdict:
    """Return what to do at the UTC instant `now` with a waiting step; `next_due` is what `next_due()` gives.

    Within an hour: now. Later: in the sending window now, outside it at the next opening, and not at all
    when the step that makes it pointless is due by then. The pack's `late: send` never waits, `late: skip`
    drops. Going on after a pause never waits.
    """
    if now < occurrence.due_at:
        return Wait(occurrence.due_at)
    if now - occurrence.due_at <= GRACE or occurrence.run is Run.RESUME:
        return Now()
    if occurrence.late is Late.SKIP:
        return Drop()
    local = to_local(now, timezone)
    is_now = calendar.is_open(local) or occurrence.late is Late.SEND
    at = now if is_now else to_utc(calendar.next_opening(local), timezone)
    if next_due is not None and next_due <= at:
        return Drop()
    return Now() if is_now else Wait(at)


def next_due(occurrence: Occurrence, schedule: Iterable[Occurrence]) -> datetime | None:
    """Return when the step that makes this one pointless is due (UTC), or None.

    For a prompt that is the next prompt or digest, for a draft its digest, for a digest the next one: it
    absorbs what was not sent.
    """
    ends = _ENDS.get(occurrence.run, ())
    later = (one.due_at for one in schedule if one.run in ends and one.due_at > occurrence.due_at)
    return min(later, default=None)
