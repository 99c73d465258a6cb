"""Conversations as pure functions: each kind of flow has its state and its `advance`, in one explicit registry."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import filling, kickoff, personal
from doetank_bot.flows.form import FormState
from doetank_bot.flows.kickoff import KickoffState
from doetank_bot.flows.personal import PersonalState
from doetank_bot.text.words import WordTable

FLOW_STATES: Mapping[str, type[FlowState]] = MappingProxyType(
    {"form": FormState, "kickoff": KickoffState, "personal": PersonalState}
)
"""What a stored flow is loaded as, by its kind."""

Advance = Callable[[Any, Said, Scene, Rules, WordTable], Step]

ADVANCE: Mapping[str, Advance] = MappingProxyType(
    {"form": filling.advance, "kickoff": kickoff.advance, "personal": personal.advance}
)
"""What follows when the member whom a flow waits for wrote something: (state, said, scene, rules, words) -> step."""

Begin = Callable[[Any, Scene, Rules, WordTable], Step]

BEGIN: Mapping[str, Begin] = MappingProxyType({})
"""How a flow that was asked for by the effect `Ask` words its first question: (state, scene, rules, words) -> step."""
