"""What the ticker saw: the longest time that a bot's event loop stood still."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Generic, Protocol, TypeVar

from bench.program import Program

BAR = 0.100
TICKER = Path(__file__).with_name("ticker.py")


@dataclass(frozen=True, slots=True)
class Block:
    """Seconds from one tick to the next. `own` is without waiting for a processor that someone else had.

    Waiting for a thread of the bot itself, which may be in that row, is in it: a busy machine still shows.
    """

    seconds: float
    own: float


class Watched(Protocol):
    """A run in which the ticker looked on."""

    @property
    def block(self) -> Block:
        """The longest block."""


_Run = TypeVar("_Run", bound=Watched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds(Generic[_Run]):
    """Several such runs."""

    rounds: Sequence[_Run]

    @property
    def block(self) -> Block:
        """The median of the longest blocks."""
        blocks = [one.block for one in self.rounds]
        return Block(median(one.seconds for one in blocks), median(one.own for one in blocks))

    def median(self, figure: str) -> float:
        """The median of one figure over the rounds."""
        return float(median(getattr(one, figure) for one in self.rounds))


def longest(bot: Program) -> Block:
    """Return the longest block of its own that a bot had, which was started inside the ticker."""
    seen = json.loads((bot.directory / "ticker.json").read_text())["blocks"]
    return max((Block(one["seconds"], one["seconds"] - one["waited"]) for one in seen), key=lambda one: one.own)
