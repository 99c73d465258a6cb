"""Carrying out what a cycle's schedule says: prompts, digests (flows/weekly.py), going on after a pause. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import (
    NOTHING,
    Ask,
    Effect,
    Outcome,
    Say,
    SetTimer,
)
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import Private, Room
from doetank_bot.domain.schedule import Occurrence, Run, choose
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, series, weekly
from doetank_bot.flows.attendance import now_reading
from doetank_bot.flows.consequence import opening_after
from doetank_bot.flows.prompt import members_asked, post_prompt
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.reminder import reminder
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_NUDGE_AFTER = timedelta(days=2)


def fire(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> Outcome:
    """Carry out a due step; after the last one the cycle ends by itself. `scene.now` is when it really happens."""
    match step.run:
        case Run.RESUME:
            return _resumed(scene, rules, stage)
        case Run.PROMPT:
            asked = _prompt(step, scene, rules, stage, catalogue)
            posts: tuple[Effect, ...] = (*asked, *(_reading(stage, rules) if asked else ()))
            if asked and not stage.asked:
                posts = (*posts, *_personal(scene, rules, stage))
        case Run.DRAFT:
            # A coach who left the room reads the group's words no more; the digest goes out unread.
            is_in = stage.cycle.coach in {member.user for member in stage.material.members}
            posts = (weekly.draft_for_coach(step, scene, rules, stage, catalogue),) if is_in else ()
        case Run.DIGEST if stage.cycle.is_held:
            return weekly.held(step, rules, stage)
        case Run.DIGEST:
            posts = weekly.sent(scene, rules, stage, catalogue, step)
        case _:
            raise ValueError(f"{step.run} is no step of a pack")
    return Outcome((*posts, *_ending(step, scene, stage)))


def dropped(step: Occurrence, scene: Scene, stage: Stage) -> Outcome:
    """Tell the coach in private that a step did not go out and will not any more."""
    key = "cycle.dropped_digest" if step.run is Run.DIGEST else "cycle.dropped_prompt"
    if step.run is Run.DRAFT:
        return NOTHING
    told = Say(Private(stage.cycle.coach), key, {"title": stage.cycle.title, "planned": step.due_at})
    return Outcome((told, *_ending(step, scene, stage)))


def _reading(stage: Stage, rules: Rules) -> Iterator[Effect]:
    for member in stage.quiet:
        yield from now_reading(member, stage.cycle.title, rules)


def _personal(scene: Scene, rules: Rules, stage: Stage) -> Iterator[Effect]:
    """Yield the questions that each member gets in private when the cycle begins."""
    pack = course.pack_of(stage.cycle, rules)
    if pack.personal:
        yield from _ask_each(pack.personal, scene, pack, stage)


def _ask_each(prompts: tuple[str, ...], scene: Scene, pack: Pack, stage: Stage) -> Iterator[Effect]:
    for member in members_asked(stage, course.today(stage.group, scene.now)):
        yield Ask(member, QuestionState(pack=pack.name, prompts=prompts, cycle=stage.cycle.id))


def _prompt(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> tuple[Effect, ...]:
    pack = course.pack_of(stage.cycle, rules)
    chosen = choose(step, stage.asked, stage.material.has_action)
    if chosen is None or chosen not in pack.prompts:
        return ()
    if pack.prompts[chosen].is_private:
        return tuple(_ask_each((chosen,), scene, pack, stage))
    return (
        post_prompt(chosen, scene, rules, stage, catalogue, step),
        *series.next_of(chosen, None, scene, rules, stage, first=chosen),
        *_nudge(chosen, scene, rules, stage),
    )


def _nudge(prompt_id: str, scene: Scene, rules: Rules, stage: Stage) -> tuple[Effect, ...]:
    """Return the reminder to who has not answered by then, where the group wants that."""
    if not stage.group.settings.nudges:
        return ()
    where = replace(scene, cycle=stage.cycle, group=stage.group)
    at = opening_after(scene.now + _NUDGE_AFTER, where, rules)
    return (SetTimer(reminder("nudge", Run.NUDGE, at, where, prompts=(prompt_id,))),)


def _resumed(scene: Scene, rules: Rules, stage: Stage) -> Outcome:
    cycle = course.going_on(stage.cycle, stage.group, rules, course.today(stage.group, scene.now))
    effects = resumed(cycle, scene, rules, stage)
    return Outcome((*effects, Say(Room(stage.group.space), "cycle.resumed_itself", {"title": cycle.title})))


def resumed(cycle: Cycle, scene: Scene, rules: Rules, stage: Stage) -> tuple[Effect, ...]:
    """Return the effects that store a resumed cycle with its moved schedule."""
    schedule = course.ahead(cycle, stage.group, rules, scene.now).occurrences
    return course.stored(cycle, schedule, stage.group, scene.now)


def _ending(step: Occurrence, scene: Scene, stage: Stage) -> tuple[Effect, ...]:
    if stage.after(step):
        return ()
    return course.stored(stage.cycle, (), stage.group, scene.now)
