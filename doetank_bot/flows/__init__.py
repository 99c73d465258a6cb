"""Conversations as pure functions: each kind of flow has its state, how it asks and how it goes on, in one registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import filling, form, kickoff, leaving, personal, question, sponsor, stuck, telling
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.form import FormState
from doetank_bot.flows.kickoff import KickoffState
from doetank_bot.flows.later import put_off
from doetank_bot.flows.leaving import LeavingState
from doetank_bot.flows.personal import PersonalState
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.sponsor import SponsorState
from doetank_bot.flows.stuck import StuckState
from doetank_bot.flows.telling import TellingState
from doetank_bot.text.words import WordTable

Begin = Callable[[Any, Scene, Rules, WordTable], Step]
Advance = Callable[[Any, Said, Scene, Rules, WordTable], Step]


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of conversation.

    `state` is what a stored one is loaded as. `begin` asks what a state stands at: at its turn, or once more when it
    was put off. `advance` goes on from what the member whom it waits for wrote.
    """

    state: type[FlowState]
    begin: Begin
    advance: Advance


FLOWS: Mapping[str, Flow] = MappingProxyType({
    "form": Flow(FormState, form.again, filling.advance),
    "kickoff": Flow(KickoffState, kickoff.again, kickoff.advance),
    "leaving": Flow(LeavingState, leaving.begin, leaving.advance),
    "personal": Flow(PersonalState, personal.again, personal.advance),
    "question": Flow(QuestionState, question.begin, question.advance),
    "sponsor": Flow(SponsorState, sponsor.begin, sponsor.advance),
    "stuck": Flow(StuckState, stuck.begin, stuck.advance),
    "telling": Flow(TellingState, telling.begin, telling.advance),
})  # fmt: skip


def _turn(flow: Flow) -> Advance:
    """Whatever is being asked, it may be put off."""

    def advance(state: Any, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
        if control(said.text, words) is Control.LATER:
            return put_off(state, said.text, scene, rules)
        return flow.advance(state, said, scene, rules, words)

    return advance


FLOW_STATES: Mapping[str, type[FlowState]] = MappingProxyType({kind: flow.state for kind, flow in FLOWS.items()})
ADVANCE: Mapping[str, Advance] = MappingProxyType({kind: _turn(flow) for kind, flow in FLOWS.items()})
BEGIN: Mapping[str, Begin] = MappingProxyType({kind: flow.begin for kind, flow in FLOWS.items()})
