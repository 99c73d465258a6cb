"""The follow-up questions of a pack's form, one at a time, after a contribution: its card. Nothing is ever required.

    asking field 0 --answer or skip--> field 1 --…--> done
         ^----back----'          later, stop: done; what was given stays

Each answer is a contribution of its own (`part_of` the card), so it can be edited and deleted like any other. Personal
data in an answer is left out, and the choice about it (personal.py) comes before the next field.
"""

import re
from collections.abc import Iterator
from datetime import date

from doetank_bot.domain.contribution import ContributionKind, NewContribution
from doetank_bot.domain.effect import Effect, Forget, Record, Say
from doetank_bot.domain.flow import Said, Step
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.pack import AnswerType, FormField
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import personal
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.day import parse_day
from doetank_bot.flows.form import FormState, ask, choices, fields_of, say, today
from doetank_bot.flows.personal import PersonalState
from doetank_bot.text.words import WordTable

_NUMBER = re.compile(r"[-+]?[0-9]{1,12}(?:[.,][0-9]{1,6})?", re.ASCII)


def advance(state: FormState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    fields = fields_of(state, rules)
    if state.index >= len(fields):
        # The pack changed under the flow. What was said is kept all the same.
        return Step(None, (*_kept(state, None, said.text, scene), say(scene, rules, "flow.done")))
    match control(said.text, words):
        case Control.SKIP:
            return ask(_at(state, state.index + 1), scene, rules)
        case Control.BACK:
            return ask(_at(state, max(state.index - 1, 0)), scene, rules)
        case Control.HELP:
            return Step(state, (say(scene, rules, "flow.help"),))
        case Control.LATER | Control.STOP:
            return Step(None, (say(scene, rules, "flow.stopped"),))
        case None:
            return _answered(state, fields[state.index], said, scene, rules)


def _answered(state: FormState, field: FormField, said: Said, scene: Scene, rules: Rules) -> Step:
    wrong = _misfit(field, said.text, scene, rules)
    if wrong is not None:
        return Step(state, (wrong,))
    given = {**state.given, field.field: scene.next_number}
    following = state.model_copy(update={"index": state.index + 1, "given": given})
    kept = tuple(_kept(state, field, said.text, scene))
    if said.found:
        choice = PersonalState(card=scene.next_number, audience=state.audience, cycle=state.cycle, then=following)
        return Step(choice, (*kept, personal.ask(said.found, scene, rules)))
    step = ask(following, scene, rules, noted=_noted(field, said.text, scene))
    return Step(step.state, (*kept, *step.effects))


def _kept(state: FormState, field: FormField | None, text: str, scene: Scene) -> Iterator[Effect]:
    """Yield the effects that keep an answer, in the place of an earlier one to the same field."""
    if scene.sender is None or scene.source is None or is_blank(text):
        return
    name = field.field if field else None
    if name is not None and name in state.given:
        yield Forget(state.given[name])
    yield Record(
        NewContribution(
            number=scene.next_number,
            kind=ContributionKind.ANSWER,
            text=_stored(field, text),
            author=scene.sender.id,
            audience=state.audience,
            source=scene.source,
            cycle=None if state.cycle is None else CycleId(state.cycle),
            part_of=state.card,
            field=name,
        )
    )


def _stored(field: FormField | None, text: str) -> str:
    """Return the words verbatim; a choice by its name in the pack, because a number alone says nothing later."""
    return (_choice(field, text) if field and field.choices else None) or text


def _misfit(field: FormField, text: str, scene: Scene, rules: Rules) -> Say | None:
    """Return what to say when `text` does not fit the field; None when it does."""
    if is_blank(text):
        return say(scene, rules, "flow.help")
    match field.type:
        case AnswerType.DATE if parse_day(text) is None:
            return say(scene, rules, "flow.no_date")
        case AnswerType.NUMBER if not _NUMBER.fullmatch(text.strip()):
            return say(scene, rules, "flow.no_number")
        case AnswerType.CHOICE if _choice(field, text) is None:
            return say(scene, rules, "flow.no_choice", **choices(field, scene))
        case _:
            return None


def _noted(field: FormField, text: str, scene: Scene) -> date | None:
    day = parse_day(text) if field.type is AnswerType.DATE else None
    return None if day is None else day.on(today(scene))


def _choice(field: FormField, text: str) -> str | None:
    bare = text.strip().rstrip(".!").casefold()
    for number, (name, title) in enumerate((field.choices or {}).items(), start=1):
        if bare in {str(number), title.nl.casefold(), title.en.casefold()}:
            return name
    return None


def _at(state: FormState, index: int) -> FormState:
    return state.model_copy(update={"index": index})
