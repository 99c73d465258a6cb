"""The shape of a conversation: `advance(state, said, scene, rules, words) -> Step`. Pure; ids, never members' words."""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict

from doetank_bot.domain.effect import Effect


class FlowState(BaseModel):
    """What a flow remembers between two messages, stored as JSON. `version` lets later code lift older states.

    `asked_on` is the group's local date on which it was last asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    version: int = 1
    asked_on: date | None = None

    def gives_way(self, day: date) -> bool:
        """Whether, in private on that local date, something newer may be asked in its place: it was left alone."""
        return self.asked_on is not None and self.asked_on < day

    def is_about(self, _number: int) -> bool:
        """Whether it has nothing left to ask once that contribution is gone."""
        return False


@dataclass(frozen=True, slots=True)
class Said:
    """The member wrote `text` (cleaned, personal data masked; `found` are the kinds that were)."""

    text: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What follows: the next state (None: the flow is over) and the effects."""

    state: FlowState | None
    effects: tuple[Effect, ...] = ()
