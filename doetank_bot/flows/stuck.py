"""Someone is stuck: three ways out, each one reply away.

exits --1 tell it briefly--> telling --words--> a barrier, then the pack's questions about it
  |----2 talk to the coach-> the coach is told, in private; the coach is asked to choose again
  '----3 leave it, stop----> done; nothing is kept
"""

from enum import StrEnum
from typing import Literal

from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.effect import Effect, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.reference import CycleId, Private
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.capture import Gift, audience_at, first_step, recorded
from doetank_bot.flows.control import Control, control, picked
from doetank_bot.flows.form import say
from doetank_bot.text.words import WordTable

BARRIER_FORM = "barrier"
_EXITS = {"1": "tell", "2": "coach", "3": "leave_it"}


class Stage(StrEnum):
    """What is being asked."""

    EXITS = "exits"
    TELLING = "telling"


class StuckState(FlowState):
    """`stage` waits for an answer of the one who is stuck."""

    kind: Literal["stuck"] = "stuck"
    stage: Stage = Stage.EXITS
    cycle: int | None = None


def begin(state: StuckState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask what `state` stands at."""
    return follow(state, (), scene, rules)


def follow(state: StuckState, before: tuple[Effect, ...], scene: Scene, rules: Rules) -> Step:
    """Ask what `state` stands at, after other effects."""
    key = "stuck.exits" if state.stage is Stage.EXITS else "stuck.tell"
    return Step(state, (*before, say(scene, rules, key)))


def advance(state: StuckState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take the way out, or the words."""
    asked = Control.HELP if is_blank(said.text) else control(said.text, words)
    match asked:
        case Control.STOP | Control.SKIP:
            return Step(None, (say(scene, rules, "stuck.left"),))
        case Control.HELP | Control.BACK:
            return follow(state.model_copy(update={"stage": Stage.EXITS}), (), scene, rules)
    if state.stage is Stage.TELLING:
        return _told(state, said, scene, rules)
    return _exit(picked(said.text, _EXITS, words), state, said, scene, rules)


def _exit(way: str | None, state: StuckState, said: Said, scene: Scene, rules: Rules) -> Step:
    match way:
        case "tell":
            return follow(state.model_copy(update={"stage": Stage.TELLING}), (), scene, rules)
        case "coach" if scene.cycle is not None and scene.sender is not None:
            if scene.sender.user == scene.cycle.coach:
                return Step(state, (say(scene, rules, "stuck.is_coach"),))
            told = Say(Private(scene.cycle.coach), "stuck.to_coach", {"name": scene.sender.name})
            return Step(None, (say(scene, rules, "stuck.coach_told"), told))
        case "leave_it" | "no":
            return Step(None, (say(scene, rules, "stuck.left"),))
    if len(said.text.split()) > len(_EXITS):
        # Who begins to tell at once need not choose first.
        return _told(state, said, scene, rules)
    return Step(state, (say(scene, rules, "stuck.choose"),))


def _told(state: StuckState, said: Said, scene: Scene, rules: Rules) -> Step:
    """Keep what was told as a barrier and ask the pack's questions about it."""
    if scene.sender is None or scene.source is None:
        return Step(None)
    gift = Gift(
        kind=ContributionKind.BARRIER,
        text=said.text,
        author=scene.sender.id,
        source=scene.source,
        cycle=None if state.cycle is None else CycleId(state.cycle),
        audience=audience_at(scene),
        form=BARRIER_FORM,
        found=said.found,
    )
    step = first_step(gift, scene, rules)
    over = () if step.state else (say(scene, rules, "contribution.kept", number=scene.next_number),)
    return Step(step.state, (recorded(gift, scene), *step.effects, *over))
