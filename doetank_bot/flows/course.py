"""What is still to come of a cycle, and how it ends: for the start, a resume, a digest sent early and the timers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time

from doetank_bot.domain.calendar import Calendar, Window
from doetank_bot.domain.cycle import Cycle, CycleState, end, resume, without
from doetank_bot.domain.effect import About, Effect, Purpose, Say, StoreCycle
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Group, Region
from doetank_bot.domain.pack import Pack, with_rhythm
from doetank_bot.domain.reference import Room
from doetank_bot.domain.schedule import Late, Occurrence, Plan, Run, phase_of, plan, to_local, to_utc
from doetank_bot.domain.view import Rules
from doetank_bot.text.preview import Course

DIGEST_RUNS = frozenset({Run.DRAFT, Run.DIGEST})
_GOES_ON_AT = time(9)


def pack_of(cycle: Cycle, rules: Rules) -> Pack:
    """Return the cycle's pack. Raises UserError when the operator took it away, or made it too short or long for it."""
    pack = fitting_pack(cycle, rules)
    if pack is None:
        raise UserError("cycle.pack_gone", pack=cycle.pack)
    return pack


def fitting_pack(cycle: Cycle, rules: Rules) -> Pack | None:
    """Return the cycle's pack, or None when there is none any more that can last as many weeks."""
    pack = rules.packs.get(cycle.pack)
    return pack if pack is not None and pack.weeks.min <= len(cycle.weeks) <= pack.weeks.max else None


def calendar_of(group: Group, rules: Rules) -> Calendar:
    """Return the operator's calendar with the group's own hours and breaks, and its region's school holidays."""
    usual, settings = rules.calendar, group.settings
    window = Window(settings.opens or usual.window.opens, settings.closes or usual.window.closes)
    breaks = tuple((rest.first, rest.last) for rest in settings.breaks)
    region = region_of(group, rules)
    school = rules.school.get(region, ()) if region else ()
    return replace(usual, window=window, breaks=(*usual.breaks, *breaks), school=school)


def region_of(group: Group, rules: Rules) -> Region | None:
    """Return the region of the group's school holidays: its own choice, else the operator's."""
    return group.settings.region or rules.region


def own_pack(cycle: Cycle, group: Group, rules: Rules) -> Pack:
    """Return the cycle's pack in the group's own rhythm. Raises UserError as `pack_of`."""
    return with_rhythm(pack_of(cycle, rules), group.settings.rhythm)


def today(group: Group, now: datetime) -> date:
    """Return the group's local date."""
    return to_local(now, group.timezone).date()


def ahead(cycle: Cycle, group: Group, rules: Rules, now: datetime) -> Plan:
    """Return the plan without what lies before `now` (UTC) or was settled by hand. Raises UserError as `pack_of`."""
    whole = _whole(cycle, group, rules)
    local = to_local(now, group.timezone)
    return Plan(
        tuple(one for one in whole.occurrences if one.due_at > now and one.key not in cycle.settled),
        tuple(one for one in whole.dropped if one.planned_local > local and one.key not in cycle.settled),
    )


def stopped(cycle: Cycle, group: Group, rules: Rules, waiting: Iterable[Occurrence]) -> Cycle:
    """Return a cycle that is paused now, in which what no longer waits of its weeks so far does not come again.

    Raises UserError as `pack_of`.
    """
    left, week = {one.key for one in waiting}, cycle.week_on(cycle.paused_on) if cycle.paused_on else 0
    past = (one.key for one in _whole(cycle, group, rules).occurrences if one.week <= week)
    return without(cycle, *(key for key in past if key not in left and key not in cycle.settled))


def going_on(cycle: Cycle, group: Group, rules: Rules, today: date) -> Cycle:
    """Return a paused cycle as it goes on that local date. Raises UserError as `pack_of`, or when it is not paused."""
    week = cycle.week_on(cycle.paused_on) if cycle.paused_on else 0
    of_week = {one.key for one in _whole(cycle, group, rules).occurrences if one.week == week}
    return resume(cycle, today, is_week_over=week > 0 and of_week <= set(cycle.settled))


def _whole(cycle: Cycle, group: Group, rules: Rules) -> Plan:
    pack, calendar = own_pack(cycle, group, rules), calendar_of(group, rules)
    return plan(pack, cycle.weeks, group.timezone, calendar, phases=cycle.phases)


def to_come(cycle: Cycle, group: Group, rules: Rules, now: datetime) -> tuple[Occurrence, ...]:
    """Return all that is to come of a cycle as it stands: of a paused one no more than that it goes on by itself.

    Raises UserError as `pack_of`.
    """
    if cycle.state is CycleState.RUNNING:
        return ahead(cycle, group, rules, now).occurrences
    return (goes_on(cycle, cycle.paused_until, group, rules),) if cycle.paused_until else ()


def goes_on(cycle: Cycle, day: date, group: Group, rules: Rules) -> Occurrence:
    """Return the step with which a paused cycle goes on by itself on that local date. Raises UserError as `pack_of`."""
    local, week = datetime.combine(day, _GOES_ON_AT), cycle.week_on(day)
    phase = phase_of(pack_of(cycle, rules), len(cycle.weeks), week, cycle.phases).name
    due_at = to_utc(local, group.timezone)
    return Occurrence(f"resume.{day.isoformat()}", week, phase, Run.RESUME, local, due_at, Late.SEND)


def to_show(cycle: Cycle, group: Group, rules: Rules, ahead: Plan) -> Course:
    """Return what the texts of a preview are made from. Raises UserError as `pack_of`."""
    calendar = calendar_of(group, rules)
    return Course(cycle.title, own_pack(cycle, group, rules), cycle.weeks, ahead, calendar, cycle.phases)


def digest_until(schedule: Iterable[Occurrence], week: int) -> tuple[Occurrence, ...]:
    """Return the draft and digest that a digest sent by hand in that week of the cycle stands for: the next ones.

    A digest that moved past a holiday is still that of its own week; those of later weeks go out as planned.
    """
    digests = [one for one in schedule if one.run in DIGEST_RUNS and one.week <= week]
    first = min((one.week for one in digests), default=0)
    return tuple(one for one in digests if one.week == first)


def stored(cycle: Cycle, schedule: tuple[Occurrence, ...], group: Group, now: datetime) -> tuple[Effect, ...]:
    """Return the effects that store a cycle with what is left of its schedule; with nothing left it ends.

    A digest that is held keeps it open.
    """
    if schedule or cycle.is_held or cycle.state is not CycleState.RUNNING:
        return (StoreCycle(cycle, schedule),)
    goodbye = Say(Room(group.space), "cycle.over", {"title": cycle.title}, about=About(Purpose.NOTICE, cycle.id))
    return (StoreCycle(end(cycle, now), ()), goodbye)


def next_steps(schedule: Iterable[Occurrence]) -> tuple[tuple[str, date], ...]:
    """Return the keys (`w2.do`) and local dates of what members will see next, as a digest's material holds them."""
    return tuple((one.key, one.planned_local.date()) for one in schedule if one.run in {Run.PROMPT, Run.DIGEST})
