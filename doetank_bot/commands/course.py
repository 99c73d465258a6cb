"""`!cycle next` and `!cycle undo`: the moderator's hand on the course of a cycle."""

from dataclasses import dataclass, replace

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.cycle import load_stage, running
from doetank_bot.commands.spec import Call, Command, Sources, Who
from doetank_bot.domain.cycle import Before, Cycle, CycleState, end
from doetank_bot.domain.effect import Effect, Forget, ForgetAct, Outcome, Params, StoreCycle, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.schedule import shares
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage
from doetank_bot.flows.steps import resumed


@dataclass(frozen=True, slots=True)
class _Act:
    """The last moderator's act, and whether anything was asked or sent since."""

    before: Before | None
    went_out: bool
    stage: Stage | None


def next_phase(weeks: tuple[int, ...], week: int) -> tuple[int, ...]:
    """Return the weeks of each phase when `week` (1 and up) becomes the first of the phase after its own.

    Together they stay as many. Raises UserError in the last phase.
    """
    index = next(number for number in range(len(weeks)) if week <= sum(weeks[: number + 1]))
    following = next((number for number in range(index + 1, len(weeks)) if weeks[number]), None)
    if following is None:
        raise UserError("cycle.last_phase")
    spent = week - 1 - sum(weeks[:index])
    left = weeks[index] - spent
    changed = {index: spent, following: weeks[following] + left}
    return tuple(changed.get(number, each) for number, each in enumerate(weeks))


def _next(call: Call, stage: Stage | None) -> Outcome:
    now = running(call)
    week = now.cycle.week_on(now.today(call))
    if stage is None or now.cycle.state is not CycleState.RUNNING:
        raise UserError("cycle.not_running", prefix=call.rules.prefix)
    if not week:
        raise UserError("cycle.not_begun", first=now.cycle.weeks[0])
    pack = course.pack_of(now.cycle, call.rules)
    weeks = next_phase(shares(pack, len(now.cycle.weeks), now.cycle.phases), week)
    cycle = replace(now.cycle, phases=weeks)
    name = pack.phases[_phase_in(weeks, week)].title.get(call.scene.language)
    effects = resumed(cycle, call.scene, call.rules, stage)
    return Outcome((*effects, answer(call, "cycle.next_phase", phase=name, week=week)))


def _phase_in(weeks: tuple[int, ...], week: int) -> int:
    return next(number for number in range(len(weeks)) if week <= sum(weeks[: number + 1]))


async def _load_act(call: Call, sources: Sources) -> _Act:
    before = await sources.group.last_act() if sources.group else None
    if before is None or sources.group is None:
        return _Act(None, went_out=False, stage=None)
    return _Act(before, await sources.group.asked_anything_since(before.at), await load_stage(call, sources))


def _undo(call: Call, act: _Act) -> Outcome:
    """Bring back how things stood. Raises UserError when there is nothing to undo, or it was acted upon already."""
    before = act.before
    if before is None:
        raise UserError("cycle.nothing_to_undo")
    if act.went_out:
        raise UserError("cycle.undo_too_late")
    forgotten: tuple[Effect, ...] = () if before.number is None else (Forget(before.number),)
    effects = (StoreGroup(before.group), *_course_before(before, call, act.stage), *forgotten, ForgetAct())
    language = before.group.speech
    words = (call.words.word(meaning, language) for meaning in before.act.split("."))
    what: dict[str, Params] = {"prefix": call.rules.prefix, "act": " ".join(words)}
    return Outcome((*effects, shown(call, call.catalogue.document("cycle.undone", what, language))))


def _course_before(before: Before, call: Call, stage: Stage | None) -> tuple[Effect, ...]:
    now = call.scene.cycle
    if before.cycle is None:
        return (StoreCycle(end(now, call.scene.now), ()),) if now is not None else ()
    if now is not None and now.id != before.cycle.id:
        return ()
    return _planned(before.cycle, before, call, stage)


def _planned(cycle: Cycle, before: Before, call: Call, stage: Stage | None) -> tuple[Effect, ...]:
    if cycle.state is CycleState.RUNNING and stage is not None:
        return resumed(cycle, call.scene, call.rules, replace(stage, group=before.group))
    return (StoreCycle(cycle, course.to_come(cycle, before.group, call.rules, call.scene.now)),)


NEXT = Command(
    name="cycle.next",
    purpose="command.cycle_next",
    load=load_stage,
    decide=_next,
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
)
UNDO = Command(
    name="cycle.undo", purpose="command.cycle_undo", load=_load_act, decide=_undo, who=Who.MODERATOR, needs_room=True
)
