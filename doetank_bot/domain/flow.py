"""The shape of a conversation: `advance(state, said, scene, rules, words) -> Step`. Pure; ids, never members' words."""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict

from doetank_bot.domain.effect import Effect


class FlowState(BaseModel):
    """What a flow remembers between two messages, stored as JSON. `version` lets later code lift older states.

    `asked_on` is the group's local date on which something was last asked or answered in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    version: int = 1
    asked_on: date | None = None

    def is_about(self, _number: int) -> bool:
        """Whether it has nothing left to ask once that contribution is gone."""
        return False

    def ends_with_cycle(self) -> bool:
        """Whether there is nothing left to ask once the cycle that it was begun in is over."""
        return False

    def gives_way(self, day: date) -> bool:
        """Whether something newer may take its place in private on that local date: nobody answered for a day."""
        return self.asked_on is not None and self.asked_on < day


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
