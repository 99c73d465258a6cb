"""Personal data was left out of what a member wrote; the member chooses what becomes of the rest.

    choosing --1 keep, or any control word--> done (masked, as it is), then the form that was due
        |----2 rewrite--> done: editing the message is enough
        |----3 forget---> done, the contribution is gone
        '----a sentence-> kept as one more answer; the choice stays open

The masked text is already kept, so not choosing loses nothing and shows nothing.
"""

import re
from typing import Literal

from doetank_bot.domain.effect import Forget, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.group import Language
from doetank_bot.domain.personal_data import LABELS_EN, LABELS_NL, Kind
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import form
from doetank_bot.flows.control import Control, meaning
from doetank_bot.flows.form import FormState, say
from doetank_bot.text.words import WordTable

_CHOICES = {"1": "keep", "2": "rewrite", "3": "forget"}
_LEAVES_IT = frozenset({"keep", "yes", Control.SKIP, Control.LATER, Control.STOP})


class PersonalState(FlowState):
    """The choice about contribution `card` is open; `then` is the form that comes after it."""

    kind: Literal["personal"] = "personal"
    card: int
    then: FormState | None = None


def ask(found: tuple[str, ...], scene: Scene, rules: Rules) -> Say:
    """Return the line that names what was left out and gives the choice."""
    return say(scene, rules, "capture.personal", what=_names(found, scene.language))


def advance(state: PersonalState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take the choice, by number or word."""
    bare = re.sub(r"\W", "", said.text)
    choice = _CHOICES.get(bare) or meaning(said.text, words)
    if choice in {"forget", "no"}:
        return Step(None, (Forget(state.card), say(scene, rules, "capture.forgotten")))
    if choice == "rewrite":
        return Step(None, (say(scene, rules, "capture.rewrite"),))
    if choice in _LEAVES_IT:
        return _then(state, scene, rules, stops=choice in {Control.STOP, Control.LATER})
    return Step(state, (say(scene, rules, "capture.choose"),))


def _then(state: PersonalState, scene: Scene, rules: Rules, *, stops: bool) -> Step:
    kept = say(scene, rules, "capture.kept_masked")
    if state.then is None or stops:
        return Step(None, (kept,))
    step = form.ask(state.then, scene, rules)
    return Step(step.state, (kept, *step.effects))


def _names(found: tuple[str, ...], language: Language) -> str:
    labels = LABELS_EN if language == "en" else LABELS_NL
    return ", ".join(labels[Kind(one)].strip("[]") for one in found)
