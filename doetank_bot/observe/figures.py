"""The figures of a running bot that only memory knows: counts since the start, times, when the sync last answered."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from doetank_bot.ports import Clock, Counted, Timed

_BOUNDS: Mapping[Timed, Sequence[float]] = {
    Timed.POST_DELAY: (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600),
    Timed.STEP_LATENESS: (1, 5, 60, 300, 900, 3600, 21600, 86400),
    Timed.LOOP_LAG: (0.01, 0.05, 0.1, 0.25, 0.5, 1, 5),
}
"""Seconds up to which a time counts in each bucket."""


@dataclass(slots=True)
class Spread:
    """How times are spread: how many fell in each bucket (one more than there are bounds), and their sum in seconds."""

    bounds: Sequence[float]
    buckets: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Begin with empty buckets."""
        self.buckets = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """Take one time in."""
        self.buckets[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds


class Figures:
    """A `ports.Tally`."""

    def __init__(
        self,
        clock: Clock,
        version: str,
        on_heard: Callable[[datetime], None],
        on_stuck: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Begin at nothing.

        `on_heard` is told the UTC instant of each answer to the sync, `on_stuck` why nothing can be stored (empty: it
        can again).
        """
        self.version = version
        self._clock = clock
        self._on_heard = on_heard
        self._on_stuck = on_stuck
        self.started_at = clock.now()
        self.heard_at: datetime | None = None
        self.counts: Counter[Counted] = Counter()
        self.stuck_because = ""
        self.spreads = {what: Spread(bounds) for what, bounds in _BOUNDS.items()}

    def count(self, what: Counted) -> None:
        """Count it."""
        self.counts[what] += 1
        if what is Counted.SYNC_ANSWERED:
            self.heard_at = self._clock.now()
            self._on_heard(self.heard_at)

    def took(self, what: Timed, time: timedelta) -> None:
        """Take the time in."""
        self.spreads[what].add(max(time.total_seconds(), 0.0))

    def stuck(self, reason: str) -> None:
        """Remember it, and pass on what is new."""
        if reason != self.stuck_because:
            self.stuck_because = reason
            self._on_stuck(reason)

    def in_short(self) -> str:
        """Return how it goes, in a few words."""
        unheard_for = self.unheard_for()
        if self.stuck_because:
            return f"Nothing can be stored: {self.stuck_because}"
        heard = "not heard yet" if unheard_for is None else f"heard {unheard_for.total_seconds():.0f} s ago"
        return f"Homeserver {heard}; {self.counts[Counted.INPUT_HANDLED]} messages handled since the start"

    def unheard_for(self) -> timedelta | None:
        """Return how long ago the sync was last answered, None when it never was."""
        return None if self.heard_at is None else max(self._clock.now() - self.heard_at, timedelta())
