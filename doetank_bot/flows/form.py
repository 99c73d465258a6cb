"""The follow-up questions of a pack's form, one at a time, after a contribution: its card. Nothing is ever required.

    asking field 0 --answer or skip--> field 1 --…--> done
         ^----back----'          later, stop: done; what was given stays

Each answer is a contribution of its own (`part_of` the card), so it can be edited and deleted like any other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution
from doetank_bot.domain.effect import Effect, Forget, Params, Record, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.pack import AnswerType, FormField, Placeholder, fill
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.schedule import phase_of, to_local
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.day import parse_day
from doetank_bot.text.words import WordTable

_NUMBER = re.compile(r"[-+]?[0-9]{1,12}(?:[.,][0-9]{1,6})?", re.ASCII)


class FormState(FlowState):
    """Field `index` of `form` is being asked about contribution `card`; `given` are the answers so far, by field."""

    kind: Literal["form"] = "form"
    pack: str
    form: str
    card: int
    audience: Audience
    cycle: int | None = None
    index: int = 0
    given: Mapping[str, int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Understood:
    key: str
    params: dict[str, Params]


def fields_of(state: FormState, rules: Rules) -> tuple[FormField, ...]:
    """Return the form's fields; none when the pack no longer has it."""
    pack = rules.packs.get(state.pack)
    return tuple(pack.forms.get(state.form, ())) if pack else ()


def ask(state: FormState, scene: Scene, rules: Rules) -> Step:
    """Ask the field that `state` stands at; the flow is over when there is none left."""
    fields = fields_of(state, rules)
    if state.index >= len(fields):
        return Step(None, (say(scene, rules, "flow.done"),))
    field = fields[state.index]
    key = "flow.ask_choice" if field.type is AnswerType.CHOICE else "flow.ask"
    return Step(state, (say(scene, rules, key, ask=_wording(field, scene, rules), **_choices(field, scene)),))


def advance(state: FormState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    fields = fields_of(state, rules)
    if state.index >= len(fields) or scene.sender is None or scene.source is None:
        return Step(None, (say(scene, rules, "flow.over"),))
    asked = control(said.text, words)
    match asked:
        case Control.SKIP:
            return ask(_at(state, state.index + 1), scene, rules)
        case Control.BACK:
            return ask(_at(state, max(state.index - 1, 0)), scene, rules)
        case Control.HELP:
            return Step(state, (say(scene, rules, "flow.help"),))
        case Control.LATER | Control.STOP:
            return Step(None, (say(scene, rules, "flow.stopped"),))
        case None:
            return _answered(state, fields[state.index], said.text, scene, rules)


def say(scene: Scene, rules: Rules, key: str, **params: Params) -> Say:
    """Return a line of a conversation: in its lane, as a reply, pinging nobody; `{prefix}` is always there."""
    return Say(scene.lane, key, {"prefix": rules.prefix, **params}, reply_to=scene.source)


def _answered(state: FormState, field: FormField, text: str, scene: Scene, rules: Rules) -> Step:
    wrong = _misfit(field, text, scene)
    if wrong is not None:
        return Step(state, (say(scene, rules, wrong.key, **wrong.params),))
    following = state.model_copy(
        update={"index": state.index + 1, "given": {**state.given, field.field: scene.next_number}}
    )
    step = ask(following, scene, rules)
    return Step(step.state, (*_kept(state, field, text, scene), *_echo(field, text, scene, rules), *step.effects))


def _kept(state: FormState, field: FormField, text: str, scene: Scene) -> Iterator[Effect]:
    if scene.sender is None or scene.source is None:
        return
    if field.field in state.given:
        yield Forget(state.given[field.field])
    yield Record(
        NewContribution(
            number=scene.next_number,
            kind=ContributionKind.ANSWER,
            text=text,
            author=scene.sender.id,
            audience=state.audience,
            source=scene.source,
            cycle=None if state.cycle is None else CycleId(state.cycle),
            part_of=state.card,
            field=field.field,
        )
    )


def _misfit(field: FormField, text: str, scene: Scene) -> _Understood | None:
    """Return what to say when `text` does not fit the field; None when it does."""
    match field.type:
        case AnswerType.DATE if parse_day(text) is None:
            return _Understood("flow.no_date", {})
        case AnswerType.NUMBER if not _NUMBER.fullmatch(text.strip()):
            return _Understood("flow.no_number", {})
        case AnswerType.CHOICE if _choice(field, text) is None:
            return _Understood("flow.no_choice", _choices(field, scene))
        case _:
            return None


def _echo(field: FormField, text: str, scene: Scene, rules: Rules) -> Iterator[Effect]:
    """Say back a date as it was understood: 3-2 may be read in two ways."""
    day = parse_day(text) if field.type is AnswerType.DATE else None
    if day is not None:
        yield say(scene, rules, "flow.date", day=day.on(_today(scene)))


def _choice(field: FormField, text: str) -> str | None:
    options = field.choices or {}
    bare = text.strip().rstrip(".!").casefold()
    for number, (name, title) in enumerate(options.items(), start=1):
        if bare in {str(number), title.nl.casefold(), title.en.casefold()}:
            return name
    return None


def _choices(field: FormField, scene: Scene) -> dict[str, Params]:
    if field.choices is None:
        return {}
    titles = (title.get(scene.language) for title in field.choices.values())
    return {"choices": " · ".join(f"{number} {title}" for number, title in enumerate(titles, start=1))}


def _wording(field: FormField, scene: Scene, rules: Rules) -> str:
    return fill(field.ask.get(scene.language), placeholders(scene, rules))


def placeholders(scene: Scene, rules: Rules) -> dict[Placeholder, str]:
    """Return what pack texts may name, in words of ours; the group's question only by its cycle's title."""
    cycle = scene.cycle
    if cycle is None:
        return dict.fromkeys(Placeholder, "")
    pack = rules.packs.get(cycle.pack)
    week = min(max(cycle.week_on(_today(scene)), 1), len(cycle.weeks))
    phase = phase_of(pack, len(cycle.weeks), week).title.get(scene.language) if pack else ""
    return {
        Placeholder.QUESTION: cycle.title,
        Placeholder.TITLE: cycle.title,
        Placeholder.WEEK: str(week),
        Placeholder.WEEKS: str(len(cycle.weeks)),
        Placeholder.PHASE: phase,
    }


def _today(scene: Scene) -> date:
    return to_local(scene.now, scene.group.timezone if scene.group else "UTC").date()


def _at(state: FormState, index: int) -> FormState:
    return state.model_copy(update={"index": index})
