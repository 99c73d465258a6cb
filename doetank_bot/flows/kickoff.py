"""What a start still misses, asked in the thread of the command, one thing at a time; everything may be skipped.

    the pack's first question --answer, skip--> title (only when the room has no name and none was given)
        ^---back---'                --answer, skip--> the pack's other kickoff questions, one by one --> done
                                            stop: done; the cycle runs all the same

The first answer is the group's question; what comes after it belongs to it, unless it becomes something of its own.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import Effect, Say, StoreCycle
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.hygiene import excerpt, is_blank
from doetank_bot.domain.pack import Prompt, fill
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, personal
from doetank_bot.flows.capture import Gift, recorded
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.form import placeholders, say
from doetank_bot.flows.personal import PersonalState
from doetank_bot.text.words import WordTable

MAX_TITLE = 80
_OWN = frozenset({ContributionKind.QUESTION, ContributionKind.DECISION})
"""What a kickoff answer may become by itself; others are kept as part of the question."""


class Asking(StrEnum):
    """What is being asked: question `index` of the pack's kickoff, or the title of the cycle."""

    QUESTION = "question"
    TITLE = "title"


class KickoffState(FlowState):
    """`asking` waits for an answer of the coach; `needs_title` when the cycle only has a title by default.

    `card` is the number of the group's question, once it was given.
    """

    kind: Literal["kickoff"] = "kickoff"
    asking: Asking = Asking.QUESTION
    index: int = 0
    needs_title: bool = False
    card: int | None = None

    def ends_with_cycle(self) -> bool:
        """A start is about its own cycle; an answer must not reach the next one."""
        return True


def ask(state: KickoffState, scene: Scene, rules: Rules) -> Say:
    """Return the question that `state` stands at."""
    if state.asking is Asking.TITLE:
        return say(scene, rules, "kickoff.ask_title")
    prompt = _prompt(state, scene, rules)
    if prompt is None:
        return say(scene, rules, "kickoff.ask_question")
    key = "kickoff.ask_first" if state.index == 0 else "kickoff.ask"
    return say(scene, rules, key, ask=fill(prompt.ask.get(scene.language), placeholders(scene, rules)))


def again(state: KickoffState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask it once more: it was put off."""
    return Step(state, (ask(state, scene, rules),))


def advance(state: KickoffState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    if scene.cycle is None:
        return Step(None, (say(scene, rules, "flow.over"),))
    asked = Control.HELP if is_blank(said.text) else control(said.text, words)
    if asked is Control.HELP:
        return Step(state, (say(scene, rules, "flow.help"),))
    if asked is Control.STOP:
        return Step(None, (say(scene, rules, "kickoff.stopped"),))
    if asked is Control.BACK:
        return again(_before(state), scene, rules, words)
    if asked is Control.SKIP:
        return _next(state, (), scene, rules)
    return _answered(state, said, scene, scene.cycle, rules)


def _answered(state: KickoffState, said: Said, scene: Scene, cycle: Cycle, rules: Rules) -> Step:
    if state.asking is Asking.TITLE:
        return _next(state, _title(said.text, scene, cycle, rules), scene, rules)
    gift = _gift(state, said.text, scene, cycle, rules)
    if gift is None:
        return Step(None)
    kept: tuple[Effect, ...] = (recorded(gift, scene),)
    following = state.model_copy(update={"card": scene.next_number}) if state.index == 0 else state
    step = _next(following, kept, scene, rules)
    if said.found and step.state is None:
        choice = PersonalState(card=scene.next_number, audience=Audience.GROUP, cycle=cycle.id)
        return Step(choice, (*kept, personal.ask(said.found, scene, rules)))
    masked = (say(scene, rules, "capture.kept_masked"),) if said.found else ()
    return Step(step.state, (*kept, *masked, *step.effects[len(kept) :]))


def _gift(state: KickoffState, text: str, scene: Scene, cycle: Cycle, rules: Rules) -> Gift | None:
    if scene.sender is None or scene.source is None:
        return None
    prompt = _prompt(state, scene, rules)
    kind = ContributionKind.QUESTION if state.index == 0 or prompt is None else prompt.becomes
    gift = Gift(kind, text, scene.sender.id, scene.source, cycle.id, Audience.GROUP)
    if kind in _OWN or state.card is None:
        return gift
    return replace(gift, part_of=state.card, field=_names(scene, rules)[state.index].casefold())


def _next(state: KickoffState, effects: tuple[Effect, ...], scene: Scene, rules: Rules) -> Step:
    following = _after(state)
    if following.asking is Asking.QUESTION and following.index >= max(len(_names(scene, rules)), 1):
        return Step(None, (*effects, say(scene, rules, "kickoff.done")))
    return Step(following, (*effects, ask(following, scene, rules)))


def _after(state: KickoffState) -> KickoffState:
    if state.asking is Asking.QUESTION and state.index == 0 and state.needs_title:
        return state.model_copy(update={"asking": Asking.TITLE})
    return state.model_copy(update={"asking": Asking.QUESTION, "index": state.index + 1})


def _before(state: KickoffState) -> KickoffState:
    if state.asking is Asking.QUESTION and state.index == 1 and state.needs_title:
        return state.model_copy(update={"asking": Asking.TITLE, "index": 0})
    return state.model_copy(update={"asking": Asking.QUESTION, "index": max(state.index - 1, 0)})


def _names(scene: Scene, rules: Rules) -> tuple[str, ...]:
    pack = rules.packs.get(scene.cycle.pack) if scene.cycle else None
    return pack.kickoff if pack else ()


def _prompt(state: KickoffState, scene: Scene, rules: Rules) -> Prompt | None:
    names = _names(scene, rules)
    pack = rules.packs.get(scene.cycle.pack) if scene.cycle else None
    return pack.prompts.get(names[state.index]) if pack and state.index < len(names) else None


def _title(text: str, scene: Scene, cycle: Cycle, rules: Rules) -> tuple[Effect, ...]:
    if scene.group is None:
        return ()
    named = replace(cycle, title=excerpt(text, MAX_TITLE))
    return (StoreCycle(named, course.to_come(named, scene.group, rules, scene.now)),)
