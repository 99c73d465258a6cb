"""A cycle: one run of a pack by a group. Pure: every act returns the cycle as it is afterwards."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Group
from doetank_bot.domain.reference import CycleId, GroupId, UserRef


class CycleState(StrEnum):
    """Where a cycle stands; `ended` is final."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Cycle:
    """`weeks` holds the Monday (local date) on which each week begins: a pause moves the later ones.

    `id` is 0 until it is stored. `coach` started it or took it over. A paused one goes on by itself on `paused_until`
    (local date; None: when a moderator says so). `phases` holds the number of weeks of each phase
    of the pack once a moderator went on to the next one early; empty: as the pack shares them out. `is_held`: the
    digest waits until it is sent by hand. `settled` are the keys of steps that were carried out before their time or
    left out by hand: they are not planned again.
    """

    id: CycleId
    group: GroupId
    title: str
    pack: str
    coach: UserRef
    weeks: tuple[date, ...]
    state: CycleState = CycleState.RUNNING
    paused_on: date | None = None
    paused_until: date | None = None
    ended_at: datetime | None = None
    phases: tuple[int, ...] = ()
    is_held: bool = False
    settled: tuple[str, ...] = ()

    def week_on(self, day: date) -> int:
        """Return the week (1 and up) that `day` lies in; 0 before the first, the last one after the end."""
        return sum(1 for monday in self.weeks if monday <= day)


@dataclass(frozen=True, slots=True)
class Before:
    """How things stood before a moderator's act (a command's name, at a UTC instant): what `undo` goes back to.

    `cycle` is None when the act started it; `number` is the contribution that the act recorded.
    """

    act: str
    at: datetime
    group: Group
    cycle: Cycle | None
    number: int | None = None


def without(cycle: Cycle, *keys: str) -> Cycle:
    """Return the cycle in which these steps are not planned again."""
    return replace(cycle, settled=(*cycle.settled, *keys))


def pause(cycle: Cycle, today: date) -> Cycle:
    """Stop asking from today. Raises UserError when it is not running."""
    if cycle.state is not CycleState.RUNNING:
        raise UserError("cycle.not_running")
    return replace(cycle, state=CycleState.PAUSED, paused_on=today)


def resume(cycle: Cycle, today: date, *, is_week_over: bool = False) -> Cycle:
    """Go on where the cycle stopped: the weeks from the paused one on move by the whole weeks that passed.

    When nothing of the paused week was still to come (`is_week_over`), it stays and the next one is the first to move.
    Raises UserError when it is not paused.
    """
    if cycle.state is not CycleState.PAUSED or cycle.paused_on is None:
        raise UserError("cycle.not_paused")
    first = monday_of(cycle.paused_on) + timedelta(weeks=1 if is_week_over else 0)
    passed = max(monday_of(today) - first, timedelta())
    weeks = tuple(monday + passed if monday >= first else monday for monday in cycle.weeks)
    return replace(cycle, state=CycleState.RUNNING, paused_on=None, paused_until=None, weeks=weeks)


def end(cycle: Cycle, now: datetime) -> Cycle:
    """End it for good; `now` is a UTC instant."""
    return replace(cycle, state=CycleState.ENDED, paused_on=None, paused_until=None, ended_at=now)


def weeks_from(first: date, n_weeks: int) -> tuple[date, ...]:
    """Return the Mondays of `n_weeks` weeks, the first being the week of `first`."""
    return tuple(monday_of(first) + timedelta(weeks=index) for index in range(n_weeks))


def monday_of(day: date) -> date:
    """Return the Monday of that day's week."""
    return day - timedelta(days=day.weekday())
