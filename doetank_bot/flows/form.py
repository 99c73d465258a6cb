"""Asking the follow-up questions of a pack's form about a contribution, its card. The answers: filling.py."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from doetank_bot.domain.contribution import Audience, Status
from doetank_bot.domain.effect import Effect, Params, Reclassify, Say
from doetank_bot.domain.flow import FlowState, Step
from doetank_bot.domain.pack import AnswerType, FormField, Placeholder, fill
from doetank_bot.domain.pack.wording import Title
from doetank_bot.domain.schedule import phase_of, to_local
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.text.words import WordTable


class FormState(FlowState):
    """Field `index` of `form` is being asked about contribution `card`; `given` are the answers so far, by field.

    `is_checked` and `shown_to` are the answers to fields of the types `check` and `audience`; `is_unnamed`: without the
    author's name.
    """

    kind: Literal["form"] = "form"
    pack: str
    form: str
    card: int
    audience: Audience
    cycle: int | None = None
    index: int = 0
    given: Mapping[str, int] = Field(default_factory=dict)
    is_checked: bool = False
    shown_to: Audience | None = None
    is_unnamed: bool = False

    def is_about(self, number: int) -> bool:
        """Whether the card is that contribution."""
        return self.card == number


def fields_of(state: FormState, rules: Rules) -> tuple[FormField, ...]:
    """Return the form's fields; none when the pack no longer has it."""
    pack = rules.packs.get(state.pack)
    return tuple(pack.forms.get(state.form, ())) if pack else ()


def holds_draft(fields: Iterable[FormField]) -> bool:
    """Whether a card with this form is a draft until its teller checked it and an audience was chosen."""
    return any(field.type is AnswerType.CHECK for field in fields)


def begin(state: FormState, scene: Scene, rules: Rules) -> Step:
    """Ask the first field, in the same line that says the card was kept. The form has a field."""
    return Step(state, (_asked(state, scene, rules, "flow.ask", number=state.card),))


def ask(state: FormState, scene: Scene, rules: Rules, *, noted: date | None = None) -> Step:
    """Ask the field that `state` stands at; the flow is over when there is none left.

    A date that was `noted` is said back in the same line: 3-2 may be read in two ways.
    """
    before: dict[str, Params] = {} if noted is None else {"day": noted}
    fields = fields_of(state, rules)
    if state.index >= len(fields):
        if holds_draft(fields):
            return Step(None, _settled(state, scene, rules))
        return Step(None, (say(scene, rules, "flow.done_after_date" if before else "flow.done", **before),))
    return Step(state, (_asked(state, scene, rules, "flow.ask_after_date" if before else "flow.ask_next", **before),))


def _settled(state: FormState, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """A card that its teller checked and chose an audience for is a draft no more."""
    if not state.is_checked or state.shown_to is None:
        return (say(scene, rules, "story.stays_draft", number=state.card),)
    shown_as = "" if state.is_unnamed else None
    settled = Reclassify(state.card, state.shown_to, Status.ACTIVE, shown_as)
    return (settled, say(scene, rules, f"story.shown_{state.shown_to}", number=state.card))


def again(state: FormState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask the field that `state` stands at once more: it was put off, or its turn has come."""
    return ask(state, scene, rules)


_OWN_CHOICES = {AnswerType.CHECK: "flow.ask_check", AnswerType.AUDIENCE: "flow.ask_audience"}


def _asked(state: FormState, scene: Scene, rules: Rules, key: str, **params: Params) -> Say:
    field = fields_of(state, rules)[state.index]
    if field.type is AnswerType.CHOICE:
        key = "flow.ask_choice_first" if "number" in params else "flow.ask_choice"
        params = {**params, **choices(field.choices, scene)}
    key = _OWN_CHOICES.get(field.type, key)
    return say(scene, rules, key, ask=_wording(field, scene, rules), **params)


def say(scene: Scene, rules: Rules, key: str, **params: Params) -> Say:
    """Return a line of a conversation: in its lane, as a reply, pinging nobody; `{prefix}` is always there."""
    return Say(scene.lane, key, {"prefix": rules.prefix, **params}, reply_to=scene.source)


def choices(titles_by_name: Mapping[str, Title] | None, scene: Scene) -> dict[str, Params]:
    """Return what people may choose from, numbered, as a parameter of a text; nothing without choices."""
    if titles_by_name is None:
        return {}
    titles = (title.get(scene.language) for title in titles_by_name.values())
    return {"choices": " · ".join(f"{number} {title}" for number, title in enumerate(titles, start=1))}


def chosen(titles_by_name: Mapping[str, Title], text: str) -> str | None:
    """Return the name of the choice that `text` is, by its number or its words in either language, or None."""
    said = _plain(text)
    for number, (name, title) in enumerate(titles_by_name.items(), start=1):
        titles = {_plain(title.nl), _plain(title.en)}
        if said in {str(number), *titles} or _plain(said.removeprefix(f"{number} ")) in titles:
            return name
    return None


_ARTICLES = frozenset({"de", "het", "een", "the", "a", "an", "onze", "our"})


def _plain(text: str) -> str:
    """Return the words that matter: people type a full stop, quotes or a thumb with them, or leave the article away."""
    words = re.findall(r"\w+", text.casefold())
    return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)


def _wording(field: FormField, scene: Scene, rules: Rules) -> str:
    return fill(field.ask.get(scene.language), placeholders(scene, rules))


def placeholders(scene: Scene, rules: Rules) -> dict[Placeholder, str]:
    """Return what pack texts may name, in words of ours; the group's question only by its cycle's title."""
    cycle = scene.cycle
    if cycle is None:
        return dict.fromkeys(Placeholder, "")
    pack = course.fitting_pack(cycle, rules)
    week = min(max(cycle.week_on(today(scene)), 1), len(cycle.weeks))
    phase = phase_of(pack, len(cycle.weeks), week, cycle.phases).title.get(scene.language) if pack else ""
    return {
        Placeholder.QUESTION: cycle.title,
        Placeholder.TITLE: cycle.title,
        Placeholder.WEEK: str(week),
        Placeholder.WEEKS: str(len(cycle.weeks)),
        Placeholder.PHASE: phase,
        Placeholder.EXPERIMENT: "",
    }


def today(scene: Scene) -> date:
    """Return the group's local date."""
    return to_local(scene.now, scene.group.timezone if scene.group else "UTC").date()
