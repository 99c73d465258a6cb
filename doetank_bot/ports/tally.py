"""What is worth a figure while the bot runs, beside what the store knows: a kind and a number, never who or what."""

from datetime import timedelta
from enum import StrEnum, auto
from typing import Protocol


class Counted(StrEnum):
    """What is counted, once for each time that it happens."""

    SYNC_ANSWERED = auto()
    GAP_FILLED = auto()
    REQUEST_OK = auto()
    REQUEST_LIMITED = auto()
    REQUEST_REFUSED = auto()
    REQUEST_FAILED = auto()
    REQUEST_UNANSWERED = auto()
    POST_SENT = auto()
    POST_DENIED = auto()
    POST_REJECTED = auto()
    POST_CANCELLED = auto()
    POST_DEAD = auto()
    POST_RETRIED = auto()
    INPUT_HANDLED = auto()
    INPUT_FAILED = auto()
    INPUT_SET_ASIDE = auto()
    STEP_HANDLED = auto()
    STEP_MISSED = auto()
    STEP_FAILED = auto()


class Timed(StrEnum):
    """What takes time: a post from being stored to being settled, a step from its due instant, a turn of the loop."""

    POST_DELAY = auto()
    STEP_LATENESS = auto()
    LOOP_LAG = auto()


class Tally(Protocol):
    """Keeps figures, and whether the store is stuck. Costs a microsecond or so, never waits and never raises."""

    def count(self, what: Counted) -> None:
        """It happened once more."""

    def took(self, what: Timed, time: timedelta) -> None:
        """It took this long; less than nothing, as after a clock that was put back, counts as nothing."""

    def stuck(self, reason: str) -> None:
        """Nothing can be stored, for this reason; empty: it can again."""


class NoTally:
    """Keeps none, where nobody looks."""

    def count(self, what: Counted) -> None:
        """Forget it."""

    def took(self, what: Timed, time: timedelta) -> None:
        """Forget it."""

    def stuck(self, reason: str) -> None:
        """Forget it."""
