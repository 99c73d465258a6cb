"""How long to wait before asking again what failed. Pure, but for chance."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

_FIRST_SECONDS = 1.0
_PATIENCE = timedelta(minutes=10)
_SPREAD = 0.1


@dataclass(slots=True)
class Backoff:
    """Doubles from 1 s; at most 5 s in the first ten minutes of trouble, 30 s after. Chance makes it 10 % more or less.

    So a homeserver that restarts is found again within seconds, and one that is down gets about 120 requests in the
    first ten minutes and 20 in any ten after.
    """

    short: float = 5.0
    long: float = 30.0
    first: float = _FIRST_SECONDS
    chance: Callable[[], float] = random.SystemRandom().random
    _failures: int = 0
    _waited: timedelta = timedelta()

    def failed(self, asked: timedelta | None = None) -> float:
        """Return the seconds to wait now; at least as long as the homeserver asked."""
        ceiling = self.short if self._waited < _PATIENCE else self.long
        full = min(self.first * 2.0 ** min(self._failures, 10), ceiling)
        wait = max(full * (1 + _SPREAD * (2 * self.chance() - 1)), asked.total_seconds() if asked else 0.0)
        self._failures += 1
        self._waited += timedelta(seconds=wait)
        return wait

    def succeeded(self) -> None:
        """Begin anew."""
        self._failures, self._waited = 0, timedelta()
