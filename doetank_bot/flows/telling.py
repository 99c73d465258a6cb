"""What someone saw when they did what they planned, or another card told in private: shared when they say so.

telling --words--> an observation for their own eyes, sharing --yes--> the group may see it
  '----skip, stop--> done                               '----no, skip, stop--> it stays theirs
"""

from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.effect import Effect, Reclassify, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.capture import Gift, recorded
from doetank_bot.flows.control import Control, control, picked
from doetank_bot.flows.form import say
from doetank_bot.text.words import WordTable

_CHOICES = {"1": "yes", "2": "no"}


class TellingState(FlowState):
    """Waits for what they saw; once that is contribution `card`, for whether the group may see it."""

    kind: Literal["telling"] = "telling"
    cycle: int | None = None
    card: int | None = None

    def is_about(self, number: int) -> bool:
        """Whether it asks about sharing that one."""
        return self.card == number


def begin(state: TellingState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask what `state` stands at."""
    return follow(state, (), scene, rules)


def follow(state: TellingState, before: tuple[Effect, ...], scene: Scene, rules: Rules) -> Step:
    """Ask what `state` stands at, after other effects."""
    return Step(state, (*before, _ask(state, scene, rules)))


def advance(state: TellingState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take the words, or the choice about them."""
    asked = Control.HELP if is_blank(said.text) else control(said.text, words)
    match asked:
        case Control.SKIP | Control.STOP:
            return Step(None, (say(scene, rules, "question.over" if state.card is None else "question.kept"),))
        case Control.HELP | Control.BACK:
            return follow(state, (), scene, rules)
    if state.card is None:
        return _told(state, said, scene, rules)
    return _shared(state, state.card, said, scene, rules, words)


def _told(state: TellingState, said: Said, scene: Scene, rules: Rules) -> Step:
    if scene.sender is None or scene.source is None:
        return Step(None)
    cycle = None if state.cycle is None else CycleId(state.cycle)
    gift = Gift(
        ContributionKind.OBSERVATION, said.text, scene.sender.id, scene.source, cycle, audience=Audience.PRIVATE
    )
    masked = (say(scene, rules, "capture.kept_masked"),) if said.found else ()
    following = state.model_copy(update={"card": scene.next_number})
    return follow(following, (recorded(gift, scene), *masked), scene, rules)


def _shared(state: TellingState, card: int, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    match picked(said.text, _CHOICES, words):
        case "yes":
            shown = Reclassify(card, Audience.GROUP, Status.ACTIVE)
            return Step(None, (shown, say(scene, rules, "telling.shared", number=card)))
        case "no":
            return Step(None, (say(scene, rules, "question.kept"),))
    return Step(state, (say(scene, rules, "telling.choose"),))


def _ask(state: TellingState, scene: Scene, rules: Rules) -> Say:
    return say(scene, rules, "telling.ask" if state.card is None else "telling.share")
