"""From a pack and its weeks to dated steps: what falls outside the sending window moves, or drops out with a reason."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from doetank_bot.domain.calendar import Calendar, next_working_day
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.pack import Late, Pack, Phase, Requires, Step, Weekday, WeekTime, weeks_per_phase
from doetank_bot.domain.schedule.clock import to_utc
from doetank_bot.domain.schedule.occurrence import Dropped, DropReason, Occurrence, Plan, Run

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A step as the pack wants it, at a naive local time; `is_over` when its phase does not last that long."""

    step: Step
    week: int
    phase: str
    at: datetime
    is_over: bool = False

    @property
    def key(self) -> str:
        return f"w{self.week}.{self.step.id}"

    @property
    def run(self) -> Run:
        return Run(self.step.run) if self.step.run else Run.PROMPT


@dataclass(frozen=True, slots=True)
class _Placed:
    """A wish and when it is met (naive local time), or why not."""

    wish: _Wish
    at: datetime | DropReason


def plan(
    pack: Pack,
    weeks: Sequence[date],
    timezone: str,
    calendar: Calendar,
    *,
    phases: Sequence[int] = (),
) -> Plan:
    """Return the dated steps of a cycle whose weeks begin on the Mondays `weeks` (local dates in `timezone`).

    `phases` is the number of weeks of each phase where it is not as the pack shares them out.

    A step `after` the phase began counts from the first opening of the window in that phase. What falls outside the
    window moves to the next working day at its own time (to the opening where that time is outside too), unless the
    pack says `late: send` or `skip`. A moved prompt drops out when its week is over, or when the next prompt is due
    that day or the next digest is due by then; a moved digest when the next one comes no later; a draft stays before
    its digest. A last week without a day to begin its series of questions (the harvest) on waits until days off are
    over: what a group learned is not lost to a holiday. Same input, same plan. Raises ValueError for a number of weeks
    the pack does not allow.
    """
    shared = list(_phases(pack, len(weeks), phases))
    lived = _harvest_after_days_off(pack, phase_of(pack, len(weeks), len(weeks), phases), weeks, calendar)
    wishes = sorted(_wishes(shared, lived, calendar), key=lambda wish: wish.at)
    placed = list(_within_limit(_all_placed(wishes, calendar), pack.limits.prompts_per_week))
    met = [_occurrence(one.wish, one.at, timezone) for one in placed if isinstance(one.at, datetime)]
    unmet = (
        Dropped(one.wish.key, one.wish.at, one.at, one.wish.run) for one in placed if isinstance(one.at, DropReason)
    )
    return Plan(tuple(sorted(met, key=lambda one: one.due_at)), tuple(unmet))


def phase_of(pack: Pack, weeks: int, week: int, phases: Sequence[int] = ()) -> Phase:
    """Return the phase that `week` (1 and up) of a cycle of `weeks` weeks lies in: the first before, the last after it.

    `phases` as in `plan`. Raises ValueError for a number of weeks the pack does not allow.
    """
    by_week = [phase for phase, n_weeks in _phases(pack, weeks, phases) for _ in range(n_weeks)]
    return by_week[min(max(week, 1), weeks) - 1]


def shares(pack: Pack, weeks: int, phases: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the number of weeks of each phase: `phases` where that fits the pack, which an operator may have changed.

    Raises ValueError for a number of weeks the pack does not allow.
    """
    usual = tuple(weeks_per_phase(pack, weeks))
    fits = len(phases) == len(usual) and sum(phases) == weeks
    return tuple(phases) if fits else usual


def _phases(pack: Pack, weeks: int, phases: Sequence[int]) -> Iterator[tuple[Phase, int]]:
    yield from zip(pack.phases, shares(pack, weeks, phases), strict=True)


def _harvest_after_days_off(pack: Pack, last: Phase, weeks: Sequence[date], calendar: Calendar) -> Sequence[date]:
    """Return the weeks, the last one moved to where the series of questions in it has a working day to begin on.

    A step on a weekend has no working day in any week, so it moves nothing.
    """
    steps = (step for step in last.steps if any(pack.prompts[name].then for name in step.pick))
    days = [step.on.weekday for step in steps if step.on and step.on.weekday <= Weekday.FRI]
    *earlier, monday = weeks
    while days and next_working_day(monday + timedelta(days=max(days) - 1), calendar) >= monday + _WEEK:
        monday += _WEEK
    return (*earlier, monday)


def _wishes(phases: Iterable[tuple[Phase, int]], weeks: Sequence[date], calendar: Calendar) -> Iterator[_Wish]:
    first = 0
    for phase, n_weeks in phases:
        mondays = weeks[first : first + n_weeks]
        for step in phase.steps if n_weeks else ():
            if step.on is not None:
                yield from _weekly(step, step.on, phase.name, first, mondays)
            elif step.after is not None:
                yield _once(step, step.after, phase.name, first, mondays, calendar)
        first += n_weeks


def _weekly(step: Step, on: WeekTime, phase: str, first: int, mondays: Sequence[date]) -> Iterator[_Wish]:
    for number, monday in enumerate(mondays, first + 1):
        day = monday + timedelta(days=on.weekday)
        yield _Wish(step, number, phase, datetime.combine(day, on.at))


def _once(step: Step, after: timedelta, phase: str, first: int, mondays: Sequence[date], calendar: Calendar) -> _Wish:
    begin = calendar.next_opening(datetime.combine(mondays[0], calendar.window.opens) - timedelta(days=1))
    n_later = after // _WEEK
    is_over = n_later >= len(mondays)
    # A pause moves the later weeks, and what falls in them moves along.
    paused = timedelta() if is_over else mondays[n_later] - mondays[0] - n_later * _WEEK
    week = first + 1 + min(n_later, len(mondays) - 1)
    return _Wish(step, week, phase, begin + after + paused, is_over)


def _all_placed(wishes: Sequence[_Wish], calendar: Calendar) -> list[_Placed]:
    """Place from the last to the first, because what comes later decides what may still move."""
    placed: list[_Placed] = []
    for wish in reversed(wishes):
        placed.insert(0, _Placed(wish, _place(wish, placed, calendar)))
    return placed


def _place(wish: _Wish, later: Sequence[_Placed], calendar: Calendar) -> datetime | DropReason:
    if wish.is_over:
        return DropReason.PHASE_OVER
    at = _settled(wish, calendar)
    if isinstance(at, DropReason) or at == wish.at:
        return at
    match wish.run:
        case Run.DRAFT:
            return _draft_place(at, later, calendar)
        case Run.DIGEST:
            following = _next_at(later, Run.DIGEST)
            return DropReason.ABSORBED if following is not None and following <= at else at
        case _:
            return _prompt_place(wish, at, later)


def _settled(wish: _Wish, calendar: Calendar) -> datetime | DropReason:
    at = wish.at
    if calendar.is_open(at) or wish.step.late is Late.SEND:
        return at
    if wish.step.late is Late.SKIP:
        return DropReason.SKIPPED
    if calendar.is_working(at.date()) and at.time() < calendar.window.closes:
        return calendar.next_opening(at)
    clock = at.time() if at.time() in calendar.window else calendar.window.opens
    return datetime.combine(next_working_day(at.date(), calendar), clock)


def _prompt_place(wish: _Wish, at: datetime, later: Sequence[_Placed]) -> datetime | DropReason:
    if at.date() >= monday_of(wish.at.date()) + _WEEK:
        return DropReason.NO_DAY
    for one in later:
        if isinstance(one.at, DropReason) or one.wish.run is Run.DRAFT:
            continue
        crowds = one.wish.run is Run.PROMPT and wish.at.date() < one.wish.at.date() <= at.date()
        return DropReason.NO_DAY if one.wish.at <= at or crowds else at
    return at


def _draft_place(at: datetime, later: Sequence[_Placed], calendar: Calendar) -> datetime | DropReason:
    """Keep a moved draft before its digest: at the opening of that day when its own time is too late."""
    digest, draft = _next_at(later, Run.DIGEST), _next_at(later, Run.DRAFT)
    if digest is not None and digest <= at:
        at = datetime.combine(digest.date(), calendar.window.opens)
    is_late = (digest is not None and digest <= at) or (draft is not None and draft <= at)
    return DropReason.ABSORBED if is_late else at


def _next_at(later: Sequence[_Placed], run: Run) -> datetime | None:
    return next((one.at for one in later if one.wish.run is run and isinstance(one.at, datetime)), None)


def _within_limit(placed: Iterable[_Placed], limit: int) -> Iterator[_Placed]:
    """Drop the prompts over the limit of their calendar week: steps `after` and weekly ones can meet in one."""
    asked: Counter[date] = Counter()
    for one in placed:
        if one.wish.run is not Run.PROMPT or isinstance(one.at, DropReason):
            yield one
            continue
        week = monday_of(one.at.date())
        asked[week] += 1
        yield one if asked[week] <= limit else _Placed(one.wish, DropReason.WEEK_FULL)


def _occurrence(wish: _Wish, at: datetime, timezone: str) -> Occurrence:
    return Occurrence(
        key=wish.key,
        week=wish.week,
        phase=wish.phase,
        run=wish.run,
        planned_local=at,
        due_at=to_utc(at, timezone),
        late=wish.step.late,
        prompts=wish.step.pick,
        requires_action=wish.step.requires is Requires.ACTION,
        otherwise=wish.step.otherwise,
    )
