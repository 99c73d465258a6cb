"""What a start still misses, asked in the thread of the command, one thing at a time; everything may be skipped.

question --answer, skip--> title (only when the room has no name and none was given) --answer, skip--> done
    ^--------------back-------------'                        later, stop: done; the cycle runs all the same
"""

from dataclasses import replace
from enum import StrEnum
from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import Effect, Say, StoreCycle
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.hygiene import excerpt, is_blank
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, personal
from doetank_bot.flows.capture import Gift, recorded
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.form import say
from doetank_bot.flows.personal import PersonalState
from doetank_bot.text.words import WordTable

MAX_TITLE = 80


class Asking(StrEnum):
    """What is being asked, in this order."""

    QUESTION = "question"
    TITLE = "title"


_QUESTIONS = {Asking.QUESTION: "kickoff.ask_question", Asking.TITLE: "kickoff.ask_title"}


class KickoffState(FlowState):
    """`asking` waits for an answer of the coach; `needs_title` when the cycle only has a title by default."""

    kind: Literal["kickoff"] = "kickoff"
    asking: Asking = Asking.QUESTION
    needs_title: bool = False


def ask(state: KickoffState, scene: Scene, rules: Rules) -> Say:
    """Return the question that `state` stands at."""
    return say(scene, rules, _QUESTIONS[state.asking])


def advance(state: KickoffState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    if scene.cycle is None:
        return Step(None, (say(scene, rules, "flow.over"),))
    asked = control(said.text, words)
    if is_blank(said.text):
        asked = Control.HELP
    match asked:
        case Control.HELP:
            return Step(state, (say(scene, rules, "flow.help"),))
        case Control.LATER | Control.STOP:
            return Step(None, (say(scene, rules, "kickoff.stopped"),))
        case Control.BACK:
            first = state.model_copy(update={"asking": Asking.QUESTION})
            return Step(first, (ask(first, scene, rules),))
    effects = () if asked is Control.SKIP else _answer(state, said.text, scene, scene.cycle, rules)
    if said.found and state.asking is Asking.QUESTION and effects:
        if not state.needs_title:
            choice = PersonalState(card=scene.next_number, audience=Audience.GROUP, cycle=scene.cycle.id)
            return Step(choice, (*effects, personal.ask(said.found, scene, rules)))
        effects = (*effects, say(scene, rules, "capture.kept_masked"))
    return _next(state, effects, scene, rules)


def _answer(state: KickoffState, text: str, scene: Scene, cycle: Cycle, rules: Rules) -> tuple[Effect, ...]:
    if state.asking is Asking.QUESTION:
        return _question(text, scene, cycle)
    return _title(text, scene, cycle, rules)


def _next(state: KickoffState, effects: tuple[Effect, ...], scene: Scene, rules: Rules) -> Step:
    if state.asking is Asking.QUESTION and state.needs_title:
        following = state.model_copy(update={"asking": Asking.TITLE})
        return Step(following, (*effects, ask(following, scene, rules)))
    return Step(None, (*effects, say(scene, rules, "kickoff.done")))


def _question(text: str, scene: Scene, cycle: Cycle) -> tuple[Effect, ...]:
    if scene.sender is None or scene.source is None:
        return ()
    gift = Gift(ContributionKind.QUESTION, text, scene.sender.id, scene.source, cycle.id, Audience.GROUP)
    return (recorded(gift, scene),)


def _title(text: str, scene: Scene, cycle: Cycle, rules: Rules) -> tuple[Effect, ...]:
    if scene.group is None:
        return ()
    named = replace(cycle, title=excerpt(text, MAX_TITLE))
    return (StoreCycle(named, course.ahead(named, scene.group, rules, scene.now).occurrences),)
