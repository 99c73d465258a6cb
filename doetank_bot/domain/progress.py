"""How far a card is and who takes it up: said by a member in a word, kept as a part of the card."""

from collections.abc import Sequence
from enum import StrEnum

from doetank_bot.domain.contribution import Contribution, ContributionKind

STATUS = "status"
OWNER = "owner"
"""The fields in which the two are kept."""

HAS_PROGRESS = frozenset(
    {ContributionKind.EXPERIMENT, ContributionKind.BARRIER, ContributionKind.ASK, ContributionKind.OFFER}
)


class Progress(StrEnum):
    """The status of a card, by its meaning in the word table."""

    PLANNED = "planned"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    SOLVED = "solved"
    OPEN = "open"

    @property
    def is_over(self) -> bool:
        """Whether the card is told about once more, and then no longer."""
        return self in {Progress.FINISHED, Progress.STOPPED, Progress.SOLVED}


def status_of(parts: Sequence[Contribution]) -> Contribution | None:
    """Return the last part of a card that says its status, or None."""
    return next((part for part in reversed(parts) if progress(part) is not None), None)


def is_over(parts: Sequence[Contribution]) -> bool:
    """Whether the last status that was said of a card ended it."""
    status = status_of(parts)
    return status is not None and Progress(status.text).is_over


def progress(part: Contribution) -> Progress | None:
    """Return the status that a part says, or None: another field, or edited into something else."""
    is_one = part.field == STATUS and part.text in set(Progress)
    return Progress(part.text) if is_one else None
