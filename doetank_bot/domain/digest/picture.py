"""What the picture of the cycle so far shows. No members' words are in it, and nothing about one member."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.pack.wording import Title
from doetank_bot.domain.schedule import shares

LEAST_FOR_COUNTS = 4
"""Members a group needs before what it gave is counted: in a smaller one a count is about someone (design.md 3)."""


class ExperimentState(StrEnum):
    """How far an experiment is."""

    PLANNED = "planned"
    RUNNING = "running"
    REVIEWED = "reviewed"
    STOPPED = "stopped"


_OPEN = frozenset({ExperimentState.PLANNED, ExperimentState.RUNNING})


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """A phase and its weeks, both included."""

    title: Title
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ExperimentSpan:
    """An experiment by its number, from the week it was given in to the week it was reviewed or stopped.

    `last` of a planned or running one is the current week, whatever it was made with.
    """

    number: int
    state: ExperimentState
    first: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class CyclePicture:
    """The cycle so far. Weeks count from 1; `experiments` are by number.

    `per_week` holds what the whole group gave in each week up to `week`; it is empty where it may not be shown.
    """

    week: int
    n_weeks: int
    phases: tuple[PhaseSpan, ...]
    experiments: tuple[ExperimentSpan, ...] = ()
    per_week: tuple[int, ...] = ()

    @property
    def phase(self) -> PhaseSpan:
        """The phase of the current week."""
        return next(span for span in self.phases if span.first <= self.week <= span.last)


def picture_of(
    cycle: Cycle,
    pack: Pack,
    n_members: int,
    per_week: Sequence[int],
    experiments: Iterable[ExperimentSpan],
    week: int,
) -> CyclePicture:
    """Return the picture in `week`, taken as the first before the cycle and as the last after it.

    `per_week` begins with week 1; weeks that are not in it count as 0. A group of under four gets no counts, and
    nor does one that gave nothing yet.
    Raises ValueError for a number of weeks the pack does not allow.
    """
    phases = tuple(_spans(pack, shares(pack, len(cycle.weeks), cycle.phases)))
    n_weeks = phases[-1].last
    week = min(max(week, 1), n_weeks)
    counts = (*per_week[:week], *([0] * (week - len(per_week))))
    shown = (_within(one, week) for one in sorted(experiments, key=lambda one: one.number))
    is_counted = n_members >= LEAST_FOR_COUNTS and any(counts)
    return CyclePicture(week, n_weeks, phases, tuple(shown), counts if is_counted else ())


def _spans(pack: Pack, weeks: Sequence[int]) -> Iterable[PhaseSpan]:
    for phase, n_weeks, last in zip(pack.phases, weeks, accumulate(weeks), strict=True):
        if n_weeks:
            yield PhaseSpan(phase.title, last - n_weeks + 1, last)


def _within(one: ExperimentSpan, week: int) -> ExperimentSpan:
    first = min(max(one.first, 1), week)
    last = week if one.state in _OPEN else min(max(one.last, first), week)
    return ExperimentSpan(one.number, one.state, first, last)
