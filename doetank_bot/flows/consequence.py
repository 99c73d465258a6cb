"""What follows later from what someone gave: a plan comes back, an experiment is looked at, an ask goes out. Pure."""

from datetime import date, datetime, time, timedelta

from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.effect import ClearTimer, Effect, Reclassify, SetTimer
from doetank_bot.domain.pack import FormField
from doetank_bot.domain.schedule import Run, to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.cue import cue
from doetank_bot.flows.reminder import reminder

LOOK_AT = time(10)
"""Local time at which the group looks back on an experiment, and at which each next question of a series comes."""
_SOON = timedelta(minutes=15)
"""An ask waits so long for the day that it may still get."""


def of_gift(kind: ContributionKind, text: str, number: int, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """Return what follows from contribution `number` that the sender just gave: a plan comes back at its cue."""
    if kind is not ContributionKind.PLAN or scene.cycle is None or scene.group is None or scene.sender is None:
        return ()
    calendar = course.calendar_of(scene.group, rules)
    local = cue(text, to_local(scene.now, scene.group.timezone), calendar)
    at = to_utc(local, scene.group.timezone)
    return (SetTimer(reminder(f"plan.{number}", Run.PLAN, at, scene, number=number, member=scene.sender.id)),)


def of_field(
    form: str, field: FormField, value: str | date | None, card: int, audience: Audience, scene: Scene, rules: Rules
) -> tuple[Effect, ...]:
    """Return what follows from an answer about a card of this cycle: the name of a choice, or a local date.

    On the look-date of an experiment the group looks back; what is for the sponsor may be seen by the sponsor.
    """
    if scene.cycle is None or scene.group is None or audience is Audience.PRIVATE:
        return ()
    if (form, field.field) == ("experiment", "look_on") and isinstance(value, date):
        at = opening_after(to_utc(datetime.combine(value, LOOK_AT), scene.group.timezone), scene, rules)
        return (SetTimer(reminder(f"look.{card}", Run.LOOK, at, scene, number=card)),)
    if (form, field.field, value) == ("ask", "to", "sponsor"):
        at = opening_after(scene.now + _SOON, scene, rules)
        return Reclassify(card, Audience.SPONSOR), SetTimer(reminder(f"ask.{card}", Run.ASK, at, scene, number=card))
    if (form, field.field) == ("ask", "to") and value is not None:
        # Perhaps it was for the sponsor before.
        return Reclassify(card, Audience.GROUP), ClearTimer(f"ask.{card}")
    return ()


def opening_after(instant: datetime, scene: Scene, rules: Rules) -> datetime:
    """Return the first UTC instant from `instant` on at which the group may be written to. The scene has a group."""
    if scene.group is None:
        return instant
    local = to_local(instant, scene.group.timezone)
    calendar = course.calendar_of(scene.group, rules)
    return instant if calendar.is_open(local) else to_utc(calendar.next_opening(local), scene.group.timezone)
