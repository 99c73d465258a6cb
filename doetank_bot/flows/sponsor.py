"""The one thing a group asks its sponsor in a week: yes, no, or call me. The group sees the answer at once.

asked --yes, no (with words)--> a decision, shown to the group
  |-----call me---------------> the coach is told; the ask stays open
  '-----anything else---------> one line with the three choices
"""

from datetime import date
from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution
from doetank_bot.domain.document import Quote
from doetank_bot.domain.effect import Effect, Params, Record, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.reference import CycleId, Private, Room
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.control import Control, control, meaning, picked
from doetank_bot.flows.form import say
from doetank_bot.text.words import WordTable

_BY_NUMBER = {"1": "yes", "2": "no", "3": "call_me"}


class SponsorState(FlowState):
    """Ask `number` waits for the sponsor's answer, before the local date `by`."""

    kind: Literal["sponsor"] = "sponsor"
    number: int
    cycle: int
    by: date | None = None

    def is_about(self, number: int) -> bool:
        """Whether it is that ask."""
        return self.number == number


def begin(state: SponsorState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Put the ask to the sponsor: the group's words, nobody's name."""
    return Step(state, (Say(scene.place, *worded(state, scene, rules)),))


def worded(
    state: SponsorState, scene: Scene, rules: Rules, keys: tuple[str, str] = ("sponsor.ask", "sponsor.ask_by")
) -> tuple[str, dict[str, Params]]:
    """Return the text (one of `keys`, and parameters) that puts the ask: without and with the day it is needed by."""
    quote = Quote(number=state.number, text="", shows_author=False, limit=0)
    params: dict[str, Params] = {"prefix": rules.prefix, "ask": quote, "number": state.number}
    params["title"] = scene.cycle.title if scene.cycle else ""
    return (keys[0], params) if state.by is None else (keys[1], {**params, "day": state.by})


def advance(state: SponsorState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take the sponsor's answer."""
    match control(said.text, words):
        case Control.STOP | Control.SKIP:
            return Step(None, (say(scene, rules, "sponsor.left"), *_to_coach("sponsor.no_answer", state, scene)))
        case Control.HELP | Control.BACK:
            return begin(state, scene, rules, words)
    match chosen_of(said.text, words):
        case "yes" | "no":
            thanks = say(scene, rules, "sponsor.thanks_masked" if said.found else "sponsor.thanks")
            return Step(None, (*_decided(state, said, scene), thanks))
        case "call_me":
            told = _to_coach("sponsor.call", state, scene)
            return Step(None, (say(scene, rules, "sponsor.will_call"), *told))
    return Step(state, (say(scene, rules, "sponsor.choose"),))


def chosen_of(text: str, words: WordTable) -> str | None:
    """Return `yes`, `no` or `call_me`: the whole text, or the word it begins with (`ja, als Nadia meekijkt`)."""
    whole = picked(text, _BY_NUMBER, words)
    first = meaning(text.split(maxsplit=1)[0], words) if text.split() else None
    found = whole if whole in _BY_NUMBER.values() else first
    return found if found in _BY_NUMBER.values() else None


def _decided(state: SponsorState, said: Said, scene: Scene) -> tuple[Effect, ...]:
    if scene.sender is None or scene.source is None or scene.group is None:
        return ()
    decision = NewContribution(
        number=scene.next_number,
        kind=ContributionKind.DECISION,
        text=said.text,
        author=scene.sender.id,
        audience=Audience.SPONSOR,
        source=scene.source,
        cycle=CycleId(state.cycle),
        part_of=state.number,
    )
    params: dict[str, Params] = {
        "ask": Quote(number=state.number, text="", shows_author=False),
        "words": Quote(number=scene.next_number, text=said.text, shows_author=False, limit=0),
    }
    return (Record(decision), Say(Room(scene.group.space), "sponsor.answered", params))


def _to_coach(key: str, state: SponsorState, scene: Scene) -> tuple[Effect, ...]:
    if scene.cycle is None:
        return ()
    ask = Quote(number=state.number, text="", shows_author=False)
    return (Say(Private(scene.cycle.coach), key, {"ask": ask, "title": scene.cycle.title}),)
