"""Carrying out what a cycle's schedule says: prompts, digests (flows/weekly.py), going on after a pause. Pure."""

from collections.abc import Iterator

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import (
    Effect,
    Outcome,
    Say,
)
from doetank_bot.domain.reference import Private, Room
from doetank_bot.domain.schedule import Occurrence, Run, choose
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, weekly
from doetank_bot.flows.asking import asked
from doetank_bot.flows.attendance import now_reading
from doetank_bot.flows.prompt import post_prompt
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_DROPPED = {
    Run.PROMPT: "cycle.dropped_prompt",
    Run.DRAFT: "cycle.dropped_draft",
    Run.DIGEST: "cycle.dropped_digest",
}


def fire(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> Outcome:
    """Carry out a due step; after the last one the cycle ends by itself. `scene.now` is when it really happens."""
    match step.run:
        case Run.RESUME:
            return _resumed(scene, rules, stage)
        case Run.PROMPT:
            posts = _prompt(step, scene, rules, stage, catalogue)
            posts = (*posts, *(_reading(stage, rules) if posts else ()))
        case Run.DRAFT:
            # A coach who left the room reads the group's words no more; the digest goes out unread.
            is_in = stage.cycle.coach in {member.user for member in stage.material.members}
            posts = (weekly.draft_for_coach(step, scene, rules, stage, catalogue),) if is_in else ()
        case Run.DIGEST if stage.cycle.is_held:
            return weekly.held(step, rules, stage)
        case Run.DIGEST:
            posts = weekly.sent(scene, rules, stage, catalogue, step)
            # Made again, it has its copies and its picture already.
            posts = posts if step.post is None else posts[:1]
        case _:
            raise ValueError(f"{step.run} is no step of a pack")
    return Outcome((*posts, *_ending(step, scene, stage)))


def dropped(step: Occurrence, scene: Scene, stage: Stage) -> Outcome:
    """Tell the coach in private that a step did not go out and will not any more."""
    return Outcome((missed(step, stage.cycle), *_ending(step, scene, stage)))


def missed(step: Occurrence, cycle: Cycle) -> Say:
    """Tell the coach in private of a step that nobody was told, also when its cycle is over."""
    return Say(Private(cycle.coach), _DROPPED[step.run], {"title": cycle.title, "planned": step.due_at})


def _reading(stage: Stage, rules: Rules) -> Iterator[Effect]:
    for member in stage.quiet:
        yield from now_reading(member, stage.cycle.title, rules)


def _prompt(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> tuple[Effect, ...]:
    chosen = choose(step, stage.asked, stage.material.has_action)
    if chosen is None or chosen not in course.pack_of(stage.cycle, rules).prompts:
        return ()
    if step.post is not None:
        return (post_prompt(chosen, scene, rules, stage, catalogue, step),)
    return asked(chosen, scene, rules, stage, catalogue, step)


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
