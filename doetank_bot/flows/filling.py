"""The follow-up questions of a pack's form, one at a time, after a contribution: its card. Nothing is ever required.

    asking field 0 --answer or skip--> field 1 --…--> done
         ^----back----'          stop: done; what was given stays

Each answer is a contribution of its own (`part_of` the card), so it can be edited and deleted like any other. Personal
data in an answer is left out, and the choice about it (personal.py) comes before the next field.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution, Status
from doetank_bot.domain.effect import Effect, Forget, Record, Say
from doetank_bot.domain.flow import Said, Step
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.pack import AnswerType, FormField
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import consequence, personal, telling
from doetank_bot.flows.audience import parse_audience
from doetank_bot.flows.control import Control, control, picked
from doetank_bot.flows.form import FormState, ask, choices, chosen, fields_of, holds_draft, say, today
from doetank_bot.flows.personal import PersonalState
from doetank_bot.flows.telling import TellingState
from doetank_bot.flows.value import day_of, stored, value_of
from doetank_bot.text.words import WordTable

_ABOUT_THE_CARD = frozenset({AnswerType.CHECK, AnswerType.AUDIENCE})
_TO_COME = frozenset({"look_on", "by"})
"""Fields that ask for a day to come."""
_CHECKS = {"1": "yes", "2": "no"}
_NUMBER = re.compile(r"[-+]?[0-9]{1,12}(?:[.,][0-9]{1,6})?", re.ASCII)


def advance(state: FormState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    fields = fields_of(state, rules)
    if state.index >= len(fields):
        # The pack changed under the flow. What was said is kept all the same.
        return Step(None, (*_kept(state, None, said.text, scene), say(scene, rules, "flow.done")))
    asked, field = control(said.text, words), fields[state.index]
    if asked is Control.SKIP or asked is Control.BACK:
        return _next(_at(state, state.index + 1 if asked is Control.SKIP else max(state.index - 1, 0)), scene, rules)
    if asked is Control.HELP:
        return Step(state, (say(scene, rules, "flow.help"),))
    if asked is Control.STOP:
        return Step(None, (say(scene, rules, _stopped(state, fields), number=state.card),))
    if field.type in _ABOUT_THE_CARD:
        return _about_card(state, field, said, scene, rules, words)
    return _answered(state, field, said, scene, rules)


def _next(state: FormState, scene: Scene, rules: Rules, *, noted: date | None = None) -> Step:
    """Ask what comes next; after the last field of a card that is theirs alone, whether the group may read it."""
    step, fields = ask(state, scene, rules, noted=noted), fields_of(state, rules)
    if step.state is not None or not _is_theirs(state, fields):
        return step
    return telling.follow(TellingState(cycle=state.cycle, card=state.card), step.effects if noted else (), scene, rules)


def _stopped(state: FormState, fields: Sequence[FormField]) -> str:
    """Return the text for who stops before the end: what was given is kept, and not everyone sees it yet."""
    if holds_draft(fields):
        return "story.stays_draft"
    return "flow.stopped_private" if _is_theirs(state, fields) else "flow.stopped"


def _is_theirs(state: FormState, fields: Sequence[FormField]) -> bool:
    """Whether only its author sees the card, and no field of its own asks who may."""
    return state.audience is Audience.PRIVATE and not holds_draft(fields)


def _about_card(state: FormState, field: FormField, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take whether the teller checked the card, or who may see it: a choice about it, and no contribution."""
    following = _at(state, state.index + 1)
    if field.type is AnswerType.CHECK:
        choice = picked(said.text, _CHECKS, words)
        if choice not in {"yes", "no"}:
            return Step(state, (say(scene, rules, "flow.no_check"),))
        return ask(following.model_copy(update={"is_checked": choice == "yes"}), scene, rules)
    shared = parse_audience(said.text, words)
    if shared is None:
        return Step(state, (say(scene, rules, "flow.no_audience"),))
    chosen_ = {"shown_to": shared.audience, "is_unnamed": shared.is_unnamed}
    return ask(following.model_copy(update=chosen_), scene, rules)


def _answered(state: FormState, field: FormField, said: Said, scene: Scene, rules: Rules) -> Step:
    wrong = _misfit(field, said.text, scene, rules)
    if wrong is not None:
        return Step(state, (wrong,))
    given = {**state.given, field.field: scene.next_number}
    following = state.model_copy(update={"index": state.index + 1, "given": given})
    kept = tuple(_kept(state, field, said.text, scene, fields_of(state, rules)))
    if said.found:
        choice = PersonalState(card=scene.next_number, audience=state.audience, cycle=state.cycle, then=following)
        return Step(choice, (*kept, personal.ask(said.found, scene, rules)))
    value = value_of(field, said.text, today(scene))
    step = _next(following, scene, rules, noted=value if isinstance(value, date) else None)
    # About a card of an earlier cycle nothing follows: that cycle is over.
    is_current = scene.cycle is not None and scene.cycle.id == state.cycle
    later = (
        consequence.of_field(state.form, field, value, state.card, state.audience, scene, rules) if is_current else ()
    )
    return Step(step.state, (*kept, *later, *step.effects))


def _kept(
    state: FormState, field: FormField | None, text: str, scene: Scene, fields: Sequence[FormField] = ()
) -> Iterator[Effect]:
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
            text=stored(field, text, today(scene), scene.language),
            author=scene.sender.id,
            audience=state.audience,
            source=scene.source,
            cycle=None if state.cycle is None else CycleId(state.cycle),
            status=Status.DRAFT if holds_draft(fields) else Status.ACTIVE,
            part_of=state.card,
            field=name,
        )
    )


def _misfit(field: FormField, text: str, scene: Scene, rules: Rules) -> Say | None:
    """Return what to say when `text` does not fit the field; None when it does."""
    if is_blank(text):
        return say(scene, rules, "flow.help")
    match field.type:
        case AnswerType.DATE:
            return _no_day(field, text, scene, rules)
        case AnswerType.NUMBER if not _NUMBER.fullmatch(text.strip()):
            return say(scene, rules, "flow.no_number")
        case AnswerType.CHOICE if chosen(field.choices or {}, text) is None:
            return say(scene, rules, "flow.no_choice", **choices(field.choices, scene))
        case _:
            return None


def _no_day(field: FormField, text: str, scene: Scene, rules: Rules) -> Say | None:
    """Return what to say when it is no day, or one that is over where one to come is asked; else None."""
    day = day_of(text, today(scene))
    if day is None:
        return say(scene, rules, "flow.no_date")
    if field.field in _TO_COME and day < today(scene):
        return say(scene, rules, "flow.past_date", day=day)
    return None


def _at(state: FormState, index: int) -> FormState:
    return state.model_copy(update={"index": index})
