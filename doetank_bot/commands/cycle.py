"""The cycle under way: how it stands, what is to come, and the coach's hand on it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who, nothing
from doetank_bot.domain import cycle as life
from doetank_bot.domain.cycle import Cycle, CycleState
from doetank_bot.domain.document import Document, Paragraph
from doetank_bot.domain.effect import Outcome, Params, StoreCycle
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Group
from doetank_bot.domain.schedule import Occurrence, Plan, Run, next_working_day, phase_of
from doetank_bot.domain.view import Encryption
from doetank_bot.flows import course
from doetank_bot.flows.picture import week_starts
from doetank_bot.flows.stage import Stage
from doetank_bot.flows.steps import resumed
from doetank_bot.text.preview import tree

FARTHEST = timedelta(days=366)
"""A pause until a day farther away is a slip in the year."""


@dataclass(frozen=True, slots=True)
class Running:
    """The group and its cycle, running or paused."""

    group: Group
    cycle: Cycle

    def today(self, call: Call) -> date:
        """Return the group's local date."""
        return course.today(self.group, call.scene.now)


def running(call: Call) -> Running:
    """Return the group with its cycle. Raises UserError, with what to do, when there is none."""
    if call.scene.group is None or call.scene.cycle is None:
        raise UserError("cycle.none", prefix=call.rules.prefix)
    return Running(call.scene.group, call.scene.cycle)


async def load_waiting(call: Call, sources: Sources) -> tuple[Occurrence, ...]:
    """Return the steps to come."""
    if sources.group is None or call.scene.cycle is None:
        return ()
    return await sources.group.waiting(call.scene.cycle.id)


async def load_stage(call: Call, sources: Sources) -> Stage | None:
    """Return what the cycle knows of itself; None without one."""
    scene, group = call.scene, sources.group
    if group is None or scene.group is None or scene.cycle is None:
        return None
    return Stage(
        cycle=scene.cycle,
        group=scene.group,
        material=await group.material(scene.cycle.id),
        asked=await group.prompts_asked(scene.cycle.id),
        waiting=await group.waiting(scene.cycle.id),
        per_week=await group.n_given(scene.cycle.id, week_starts(scene.cycle, scene.group)),
    )


@dataclass(frozen=True, slots=True)
class _Now:
    """The steps to come, and how encryption stands in the group's room, where that is known."""

    waiting: tuple[Occurrence, ...]
    encryption: Encryption | None


async def _load_now(call: Call, sources: Sources) -> _Now:
    group = call.scene.group
    encryption = await sources.chat.encryption(group.space) if group is not None and call.scene.cycle else None
    return _Now(await load_waiting(call, sources), encryption)


def _status(call: Call, now: _Now) -> Outcome:
    key, params = standing(call, now.waiting)
    if now.encryption is None:
        return Outcome((answer(call, key, **params),))
    filled: dict[str, Params] = {"prefix": call.rules.prefix, **params}
    head = call.catalogue.document(key, filled, call.scene.language, running(call).group.timezone)
    line = call.catalogue.line(_encryption(now.encryption), {}, call.scene.language)
    return Outcome((shown(call, Document(blocks=(*head.blocks, Paragraph(lines=(line,))))),))


def _encryption(encryption: Encryption) -> str:
    """Return the text that says in one line how encryption stands."""
    if not encryption.is_on:
        return "cycle.status_plain"
    return "cycle.status_encrypted" if encryption.is_trusted else "cycle.status_untrusted"


def standing(call: Call, waiting: tuple[Occurrence, ...]) -> tuple[str, dict[str, Params]]:
    """Return the text (key and parameters) that says where the cycle is. Raises UserError when there is none."""
    now = running(call)
    cycle, week = now.cycle, now.cycle.week_on(now.today(call))
    pack = course.pack_of(cycle, call.rules)
    phase = phase_of(pack, len(cycle.weeks), week, cycle.phases).title.get(call.scene.language)
    if cycle.state is CycleState.PAUSED and cycle.paused_on is not None:
        goes_on = next((one for one in waiting if one.run is Run.RESUME), None)
        if goes_on is not None:
            day = goes_on.planned_local.date()
            return "cycle.status_paused_until", {"title": cycle.title, "day": day}
        return "cycle.status_paused", {"title": cycle.title, "since": cycle.paused_on}
    if week == 0:
        return "cycle.status_before", {"title": cycle.title, "first": cycle.weeks[0]}
    place: dict[str, Params] = {"week": week, "weeks": len(cycle.weeks), "phase": phase}
    seen = next((one for one in waiting if one.run in {Run.PROMPT, Run.DIGEST}), None)
    if seen is None:
        return "cycle.status_last", {"title": cycle.title, **place}
    key = "cycle.status_digest" if seen.run is Run.DIGEST else "cycle.status_prompt"
    return key, {"title": cycle.title, "at": seen.due_at, **place}


def _preview(call: Call, waiting: tuple[Occurrence, ...]) -> Outcome:
    now = running(call)
    if now.cycle.state is CycleState.PAUSED:
        return _preview_paused(call, waiting, now)
    dropped = course.ahead(now.cycle, now.group, call.rules, call.scene.now).dropped
    return Outcome((shown(call, _tree(call, now, Plan(waiting, dropped))),))


def _preview_paused(call: Call, waiting: tuple[Occurrence, ...], now: Running) -> Outcome:
    """Say that it stands still; its days are known only when it goes on by itself."""
    until = now.cycle.paused_until
    if until is None:
        return _status(call, _Now(waiting, None))
    key, params = standing(call, waiting)
    later = replace(now, cycle=course.going_on(now.cycle, now.group, call.rules, until))
    at = course.goes_on(now.cycle, until, now.group, call.rules).due_at
    days = _tree(call, later, course.ahead(later.cycle, now.group, call.rules, at))
    head = call.catalogue.document(key, params, call.scene.language, now.group.timezone)
    return Outcome((shown(call, Document(blocks=(*head.blocks, *days.blocks))),))


def _tree(call: Call, now: Running, plan: Plan) -> Document:
    what = course.to_show(now.cycle, now.group, call.rules, plan)
    return tree(what, call.catalogue, call.scene.language, now.group.timezone)


def _pause(call: Call, waiting: tuple[Occurrence, ...]) -> Outcome:
    now = running(call)
    until = call.arguments.day("until")
    cycle = course.stopped(life.pause(now.cycle, now.today(call)), now.group, call.rules, waiting)
    if until is None:
        return Outcome((StoreCycle(cycle, ()), answer(call, "cycle.paused", title=cycle.title)))
    day = _working_day(until.on(now.today(call)), now, call)
    cycle = replace(cycle, paused_until=day)
    stored = StoreCycle(cycle, course.to_come(cycle, now.group, call.rules, call.scene.now))
    return Outcome((stored, answer(call, "cycle.paused_until", title=cycle.title, day=day)))


def _working_day(wanted: date, now: Running, call: Call) -> date:
    today = now.today(call)
    if not today < wanted <= today + FARTHEST:
        key = "cycle.until_past" if wanted <= today else "cycle.until_far"
        raise UserError(key, day=wanted, example=(today + timedelta(days=14)).isoformat(), prefix=call.rules.prefix)
    calendar = course.calendar_of(now.group, call.rules)
    return wanted if calendar.is_working(wanted) else next_working_day(wanted, calendar)


def _resume(call: Call, stage: Stage | None) -> Outcome:
    now = running(call)
    cycle = course.going_on(now.cycle, now.group, call.rules, now.today(call))
    if stage is None:
        raise UserError("cycle.none", prefix=call.rules.prefix)
    effects = resumed(cycle, call.scene, call.rules, stage)
    return Outcome((*effects, answer(call, "cycle.resumed", title=cycle.title)))


def _end(call: Call, _loaded: None) -> Outcome:
    cycle = life.end(running(call).cycle, call.scene.now)
    key = "cycle.ended_held" if cycle.is_held else "cycle.ended"
    return Outcome((StoreCycle(cycle, ()), answer(call, key, title=cycle.title)))


STATUS = Command(name="cycle.status", purpose="command.cycle_status", load=_load_now, decide=_status, is_default=True)
PREVIEW = Command(name="cycle.preview", purpose="command.cycle_preview", load=load_waiting, decide=_preview)
PAUSE = Command(
    name="cycle.pause",
    purpose="command.cycle_pause",
    load=load_waiting,
    decide=_pause,
    parameters=(Parameter("until", Shape.DAY),),
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
    example={"nl": "tot 8 maart", "en": "until 8 March"},
)
RESUME = Command(
    name="cycle.resume",
    purpose="command.cycle_resume",
    load=load_stage,
    decide=_resume,
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
)
END = Command(
    name="cycle.end",
    purpose="command.cycle_end",
    load=nothing,
    decide=_end,
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
)
