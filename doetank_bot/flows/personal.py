"""Personal data was left out of what a member wrote; the member chooses what becomes of the rest.

    choosing --1 keep, skip---> then the form that was due, if any
        |----2 rewrite--------> the same: editing the message is enough
        |----3 forget---------> the contribution is gone; the form goes on only when it was about another one
        |----later------------> the choice comes back
        |----stop-------------> done
        |----a sentence-------> kept as one more answer; the choice stays open
        '----anything else----> one friendly line; the choice stays open

The masked text is already kept, so not choosing loses nothing and shows nothing.
"""

from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution
from doetank_bot.domain.effect import Effect, Forget, Record, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.group import Language
from doetank_bot.domain.personal_data import LABELS_EN, LABELS_NL, Kind
from doetank_bot.domain.reference import CycleId, PostId
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import form
from doetank_bot.flows.control import Control, picked
from doetank_bot.flows.form import FormState, say
from doetank_bot.text.words import WordTable

_CHOICES = {"1": "keep", "2": "rewrite", "3": "forget"}
_FORGETS = frozenset({"forget", "no"})
_LEAVES_IT = frozenset({"keep", "yes", Control.SKIP, Control.STOP})
_ASKS_AGAIN = frozenset({Control.HELP, Control.BACK})
_SENTENCE = 4  # words: fewer is a choice that was typed wrong


class PersonalState(FlowState):
    """The choice about contribution `card` is open; `then` is the form that comes after it.

    The rest says how to keep what the member adds in the meantime.
    """

    kind: Literal["personal"] = "personal"
    card: int
    audience: Audience
    becomes: ContributionKind = ContributionKind.ANSWER
    cycle: int | None = None
    prompted_by: int | None = None
    then: FormState | None = None

    def is_about(self, number: int) -> bool:
        """Whether the card is that contribution, and no form about another one comes after it."""
        return self.card == number and (self.then is None or self.then.is_about(number))


def ask(found: tuple[str, ...], scene: Scene, rules: Rules) -> Say:
    """Return the line that names what was left out and gives the choice."""
    return say(scene, rules, "capture.personal", what=names(found, scene.language))


def again(state: PersonalState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Give the choice once more."""
    return Step(state, (say(scene, rules, "capture.choose_still"),))


def advance(state: PersonalState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take the choice, by number or word."""
    choice = picked(said.text, _CHOICES, words)
    if choice in _FORGETS:
        return _forgotten(state, scene, rules)
    if choice == "rewrite":
        return _then(state.then, (say(scene, rules, "capture.rewrite"),), scene, rules)
    if choice in _LEAVES_IT:
        return _then(
            None if choice == Control.STOP else state.then, (say(scene, rules, "capture.kept_masked"),), scene, rules
        )
    if choice in _ASKS_AGAIN:
        return again(state, scene, rules, words)
    if choice is None and len(said.text.split()) >= _SENTENCE:
        return Step(state, (*_added(state, said.text, scene), say(scene, rules, "capture.added")))
    return Step(state, (say(scene, rules, "capture.choose"),))


def _forgotten(state: PersonalState, scene: Scene, rules: Rules) -> Step:
    gone = (Forget(state.card), say(scene, rules, "capture.forgotten"))
    if state.then is None or state.then.card == state.card:
        return Step(None, gone)
    given = {name: number for name, number in state.then.given.items() if number != state.card}
    return _then(state.then.model_copy(update={"given": given}), gone, scene, rules)


def _then(following: FormState | None, effects: tuple[Effect, ...], scene: Scene, rules: Rules) -> Step:
    if following is None:
        return Step(None, effects)
    step = form.ask(following, scene, rules)
    return Step(step.state, (*effects, *step.effects))


def _added(state: PersonalState, text: str, scene: Scene) -> tuple[Effect, ...]:
    if scene.sender is None or scene.source is None:
        return ()
    added = NewContribution(
        number=scene.next_number,
        kind=state.becomes,
        text=text,
        author=scene.sender.id,
        audience=state.audience,
        source=scene.source,
        cycle=None if state.cycle is None else CycleId(state.cycle),
        prompted_by=None if state.prompted_by is None else PostId(state.prompted_by),
    )
    return (Record(added),)


def names(found: tuple[str, ...], language: Language) -> str:
    """Return what was left out, in words."""
    labels = LABELS_EN if language == "en" else LABELS_NL
    return ", ".join(labels[Kind(one)].strip("[]") for one in found)
