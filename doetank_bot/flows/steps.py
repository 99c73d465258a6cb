"""Carrying out what a cycle's schedule says: prompts, digests (flows/weekly.py), going on after a pause. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle, resume
from doetank_bot.domain.document import Block, Document, Paragraph, Quote, Text
from doetank_bot.domain.effect import (
    NOTHING,
    About,
    Ask,
    Effect,
    Outcome,
    Purpose,
    Say,
    SetTimer,
    Show,
)
from doetank_bot.domain.group import Member
from doetank_bot.domain.pack import Pack, Placeholder, Prompt, PromptKind
from doetank_bot.domain.reference import Private, Room
from doetank_bot.domain.schedule import Occurrence, Run, choose
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, series, weekly
from doetank_bot.flows.attendance import now_reading
from doetank_bot.flows.consequence import opening_after
from doetank_bot.flows.form import placeholders
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.reminder import reminder
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_NUDGE_AFTER = timedelta(days=2)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


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


def post_prompt(prompt_id: str, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> Show:
    """Return the prompt as a message to the room; it pings the active members. Raises KeyError for an unknown one."""
    return _post_prompt(prompt_id, scene, rules, stage, catalogue, None)


def _reading(stage: Stage, rules: Rules) -> Iterator[Effect]:
    for member in stage.quiet:
        yield from now_reading(member, stage.cycle.title, rules)


def _personal(scene: Scene, rules: Rules, stage: Stage) -> Iterator[Effect]:
    """Yield the questions that each member gets in private when the cycle begins."""
    pack = course.pack_of(stage.cycle, rules)
    if pack.personal:
        yield from _ask_each(pack.personal, scene, pack, stage)


def _ask_each(prompts: tuple[str, ...], scene: Scene, pack: Pack, stage: Stage) -> Iterator[Effect]:
    for member in _asked(stage, course.today(stage.group, scene.now)):
        yield Ask(member, QuestionState(pack=pack.name, prompts=prompts, cycle=stage.cycle.id))


def _prompt(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> tuple[Effect, ...]:
    pack = course.pack_of(stage.cycle, rules)
    chosen = choose(step, stage.asked, stage.material.has_action)
    if chosen is None or chosen not in pack.prompts:
        return ()
    if pack.prompts[chosen].is_private:
        return tuple(_ask_each((chosen,), scene, pack, stage))
    return (
        _post_prompt(chosen, scene, rules, stage, catalogue, step),
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


def _post_prompt(
    prompt_id: str, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue, step: Occurrence | None
) -> Show:
    prompt = course.pack_of(stage.cycle, rules).prompts[prompt_id]
    blocks = (
        *weekly.late(step, scene, stage, catalogue),
        _head(prompt, stage, catalogue),
        *_wording(prompt, scene, rules, stage),
        *catalogue.document("prompt.how", {"prefix": rules.prefix}, stage.group.language).blocks,
    )
    return Show(
        Room(stage.group.space),
        Document(blocks=blocks),
        mentions=tuple(member.user for member in _asked(stage, course.today(stage.group, scene.now))),
        is_notice=False,
        about=About(Purpose.PROMPT, stage.cycle.id, prompt=prompt_id),
    )


def _asked(stage: Stage, today: date) -> Iterator[Member]:
    quiet = {member.id for member in stage.quiet}
    yield from (member for member in stage.material.members if member.is_asked(today) and member.id not in quiet)


def _head(prompt: Prompt, stage: Stage, catalogue: Catalogue) -> Block:
    key = "prompt.think" if prompt.kind is PromptKind.THINK else "prompt.do"
    return Paragraph(lines=(catalogue.line(key, {}, stage.group.language),))


def _wording(prompt: Prompt, scene: Scene, rules: Rules, stage: Stage) -> Iterator[Block]:
    """Yield the pack's text by paragraph. The group's question stands in it as a quote, so that an edit reaches it."""
    values = placeholders(replace(scene, cycle=stage.cycle, group=stage.group, language=stage.group.language), rules)
    question = _current_question(stage.material.contributions)
    for paragraph in re.split(r"\n\s*\n", prompt.ask.get(stage.group.language)):
        lines = paragraph.strip().splitlines()
        yield Paragraph(lines=tuple(tuple(_nodes(line, values, question)) for line in lines))


def _nodes(line: str, values: dict[Placeholder, str], question: Contribution | None) -> Iterator[Text | Quote]:
    for index, part in enumerate(_PLACEHOLDER.split(line)):
        if index % 2 == 0:
            if part:
                yield Text(text=part)
        elif part == Placeholder.QUESTION and question is not None:
            yield Quote(number=question.number, text=question.text, source=question.source)
        else:
            yield Text(text=values[Placeholder(part)])


def _current_question(contributions: Iterable[Contribution]) -> Contribution | None:
    questions = [one for one in contributions if one.kind is ContributionKind.QUESTION and one.is_for_group]
    return max(questions, key=lambda one: one.number, default=None)


def _resumed(scene: Scene, rules: Rules, stage: Stage) -> Outcome:
    cycle = resume(stage.cycle, course.today(stage.group, scene.now))
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
