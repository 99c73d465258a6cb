"""When a cycle does what, in a group's own time zone. Pure: the preview and the timers use the same plan."""

from doetank_bot.domain.calendar import next_working_day
from doetank_bot.domain.pack import Late
from doetank_bot.domain.schedule.clock import to_local, to_utc
from doetank_bot.domain.schedule.late import GRACE, Drop, Now, Verdict, Wait, late, next_due
from doetank_bot.domain.schedule.occurrence import REMINDERS, Dropped, DropReason, Occurrence, Plan, Run, choose
from doetank_bot.domain.schedule.plan import phase_of, plan, shares

__all__ = [
    "GRACE",
    "REMINDERS",
    "Drop",
    "DropReason",
    "Dropped",
    "Late",
    "Now",
    "Occurrence",
    "Plan",
    "Run",
    "Verdict",
    "Wait",
    "choose",
    "late",
    "next_due",
    "next_working_day",
    "phase_of",
    "plan",
    "shares",
    "to_local",
    "to_utc",
]
