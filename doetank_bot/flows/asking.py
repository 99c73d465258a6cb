"""Asking a prompt of the pack, planned or by hand, and all that it leads to. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from doetank_bot.domain.effect import Ask, Effect, SetTimer
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.schedule import Occurrence, Run
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, series
from doetank_bot.flows.consequence import opening_after
from doetank_bot.flows.prompt import members_asked, post_prompt
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.reminder import reminder
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_NUDGE_AFTER = timedelta(days=2)


def asked(
    prompt_id: str, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue, step: Occurrence | None = None
) -> tuple[Effect, ...]:
    """Return the effects that ask it: of each in private, or of the room, with what follows there.

    The first one of a cycle brings the personal questions along. `step` is the planned one, if it is. Raises KeyError
    for an unknown prompt, UserError as `course.pack_of`.
    """
    pack = course.pack_of(stage.cycle, rules)
    if pack.prompts[prompt_id].is_private:
        return tuple(_ask_each((prompt_id,), scene, pack, stage))
    personal = () if stage.asked or not pack.personal else tuple(_ask_each(pack.personal, scene, pack, stage))
    return (
        post_prompt(prompt_id, scene, rules, stage, catalogue, step),
        *series.next_of(prompt_id, None, scene, rules, stage, first=prompt_id),
        *_nudge(prompt_id, scene, rules, stage),
        *personal,
    )


def _ask_each(prompts: tuple[str, ...], scene: Scene, pack: Pack, stage: Stage) -> Iterator[Effect]:
    for member in members_asked(stage, course.today(stage.group, scene.now)):
        yield Ask(member, QuestionState(pack=pack.name, prompts=prompts, cycle=stage.cycle.id))


def _nudge(prompt_id: str, scene: Scene, rules: Rules, stage: Stage) -> tuple[Effect, ...]:
    """Return the reminder to who has not answered by then, where the group wants that."""
    if not stage.group.settings.nudges:
        return ()
    where = replace(scene, cycle=stage.cycle, group=stage.group)
    at = opening_after(scene.now + _NUDGE_AFTER, where, rules)
    return (SetTimer(reminder("nudge", Run.NUDGE, at, where, prompts=(prompt_id,))),)
