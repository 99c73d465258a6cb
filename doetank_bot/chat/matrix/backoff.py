"""How long to wait after a failed sync, or because the homeserver asks. Pure, but for chance."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_FIRST_SECONDS = 1.0
_PATIENCE = timedelta(minutes=10)
_LONGEST_ASKED = 15 * 60


@dataclass(slots=True)
class Backoff:
    """Doubles from 1 s; at most 5 s in the first ten minutes of trouble, 30 s after. Half of each wait is chance.

    So a homeserver that restarts is found again within seconds, and one that is down is not hammered.
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
        wait = max(full * (0.5 + self.chance() / 2), asked.total_seconds() if asked else 0.0)
        self._failures += 1
        self._waited += timedelta(seconds=wait)
        return wait

    def succeeded(self) -> None:
        """Begin anew."""
        self._failures, self._waited = 0, timedelta()


def asked_to_wait(header: str | None, body: Mapping[str, Any]) -> timedelta | None:
    """Return how long to wait, at most 15 minutes: the header's seconds, else the body's milliseconds.

    `Retry-After` and `retry_after_ms`: client-server API 1.10, section 2.1.
    """
    if header and header.isascii() and header.isdecimal():
        return timedelta(seconds=min(int(header[:9]), _LONGEST_ASKED))
    asked = body.get("retry_after_ms")
    if isinstance(asked, int) and asked > 0:
        return timedelta(milliseconds=min(asked, _LONGEST_ASKED * 1000))
    return None
