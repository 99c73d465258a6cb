"""Many steps due at once: some are decided on together, and each is carried out after the one before it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from house import FakeClock

from doetank_bot.domain.reference import CycleId, GroupId
from doetank_bot.domain.schedule import Late, Occurrence, Run
from doetank_bot.ports import Damaged, TimerRow
from doetank_bot.service.dispatcher import Dispatcher
from doetank_bot.service.line import Line
from doetank_bot.service.patience import Patience
from doetank_bot.service.timers import Timers

CLOCK = FakeClock("2027-02-03 10:00")


class DueRows:
    """A store in which the steps of so many groups are due."""

    def __init__(self, n_rows: int) -> None:
        self.rows = tuple(a_row(number) for number in range(n_rows))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Any]:
        yield self

    async def due_timers(self, _now: object) -> tuple[TimerRow, ...]:
        return self.rows


def a_row(number: int) -> TimerRow:
    now = CLOCK.instant
    step = Occurrence("w1.do", 1, "start", Run.PROMPT, now.replace(tzinfo=None), now, Late.SEND)
    return TimerRow(number, GroupId(number), CycleId(1), step.key, now, step.late, step)


def fired(n_rows: int, fire: Callable[[TimerRow, Callable[[], Awaitable[object]]], Awaitable[None]]) -> None:
    uow: Any = DueRows(n_rows)
    asyncio.run(Timers(uow, CLOCK, fire, Patience(), tick_for=timedelta(days=1)).run_due())


def test_while_one_is_slow_to_decide_the_next_are_decided_on_but_wait_for_their_turn() -> None:
    decided, carried_out = [], []

    async def fire(row: TimerRow, turn: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(0 if row.id % 3 else 0.01)
        decided.append(row.id)
        await turn()
        await asyncio.sleep(0)
        carried_out.append(row.id)

    fired(10, fire)

    assert carried_out == list(range(10))
    assert decided.index(1) < decided.index(0)


def test_what_one_raises_is_raised_as_it_is_and_none_after_it_is_carried_out() -> None:
    carried_out = []

    async def fire(row: TimerRow, turn: Callable[[], Awaitable[object]]) -> None:
        await turn()
        await asyncio.sleep(0)
        if row.id == 2:
            raise Damaged("broken")
        carried_out.append(row.id)

    with pytest.raises(Damaged):
        fired(8, fire)

    assert carried_out == [0, 1]


def test_one_that_is_put_off_without_a_turn_lets_the_next_ones_wait_for_those_before_it() -> None:
    carried_out = []

    async def fire(row: TimerRow, turn: Callable[[], Awaitable[object]]) -> None:
        if row.id == 1:
            return
        await turn()
        await asyncio.sleep(0.005)
        carried_out.append(row.id)

    fired(5, fire)

    assert carried_out == [0, 2, 3, 4]


class Undecided:
    """Decides, and carries out, by the time it is."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.decided_at: list[str] = []
        self.carried_out: list[str] = []

    async def on_timer(self, _row: TimerRow) -> tuple[list[str], None]:
        self.decided_at.append(f"{self.clock.now():%H:%M}")
        return self.decided_at[-1:], None

    async def carry_out(self, effects: list[str], _origin: None, _now: object) -> None:
        self.carried_out += effects


@pytest.mark.parametrize(
    ("waited", "decided_at"), [(timedelta(), ["09:00"]), (timedelta(hours=8), ["09:00", "17:00"])], ids=str
)
async def test_what_was_decided_before_a_long_wait_for_the_store_is_decided_anew(
    waited: timedelta, decided_at: list[str]
) -> None:
    clock = FakeClock("2027-02-03 10:00")
    steps: Any = Undecided(clock)
    dispatcher = Dispatcher(steps, steps, steps, steps, clock, Line(lambda: False), Patience())

    async def turn() -> None:
        clock.instant += waited

    await dispatcher.fire(a_row(1), turn)

    assert steps.decided_at == decided_at
    assert steps.carried_out == decided_at[-1:]
