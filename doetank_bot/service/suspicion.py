"""Whether it is a post itself on which the platform fails: again and again, while others go out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

N_FAULTS = 8
FAILS_FOR = timedelta(minutes=10)
"""A part of a homeserver that restarts fails on some rooms for a minute; a post must not be given up for that."""


@dataclass(slots=True)
class Suspicion:
    """What is known against one post."""

    n_faults: int = 0
    since: datetime | None = None
    n_sent_then: int = 0

    def failed(self, now: datetime, n_sent: int) -> bool:
        """Count a fault of the platform's; `n_sent` posts went out so far. Return whether it is the post for sure."""
        if self.since is None:
            self.since, self.n_sent_then = now, n_sent
        self.n_faults += 1
        others_go = n_sent > self.n_sent_then
        return others_go and self.n_faults >= N_FAULTS and now - self.since >= FAILS_FOR
