"""The one door: inbox rows are handled in order per space, one at a time per group. Lock first, then load.

A row is handled exactly once: what it leads to and its being done are one transaction. One that fails is tried again
in its place; our own faults three times, then the row is set aside and the people there are told.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from doetank_bot.domain.error import Unreachable, UserError
from doetank_bot.domain.reference import GroupId, SpaceRef
from doetank_bot.ports import (
    Clock,
    Counted,
    Halt,
    InboxRow,
    MessageReceived,
    NoTally,
    Tally,
    Timed,
    TimerRow,
    UnitOfWork,
)
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.handler import Handler
from doetank_bot.service.interpreter import Interpreter
from doetank_bot.service.line import Line
from doetank_bot.service.patience import Patience
from doetank_bot.service.timekeeper import Decided, Timekeeper
from doetank_bot.service.window import Window

log = structlog.get_logger(__name__)

N_TRIES = 3
N_AT_ONCE = 32
"""Spaces that are handled at the same time: hundreds that begin together would hold up the event loop."""
_FRESH_FOR = timedelta(seconds=1)
TRY_AGAIN_AFTER = timedelta(minutes=1)
TRY_AGAIN_AFTER_FAULTS = timedelta(hours=1)


@dataclass(slots=True)
class _Lane:
    rows: deque[InboxRow] = field(default_factory=deque)
    is_running: bool = False


@dataclass(slots=True)
class _Early:
    """What was decided on a step before its turn came."""

    at: datetime
    decided: Decided | None

    def taken(self, now: datetime) -> Decided | None:
        """Return it once, and only while it is fresh: after a long wait, lateness and words are looked at anew."""
        decided, self.decided = self.decided, None
        return decided if now - self.at < _FRESH_FOR else None


async def _at_once() -> None:
    """Nobody has to be waited for."""


class Dispatcher:
    """Hands inbox rows and due timers to the handler and its decisions to the interpreter."""

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each thing that is wired
        self,
        uow: UnitOfWork,
        handler: Handler,
        timekeeper: Timekeeper,
        interpreter: Interpreter,
        clock: Clock,
        line: Line,
        patience: Patience,
        tally: Tally | None = None,
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._handler = handler
        self._timekeeper = timekeeper
        self._failed: dict[int, int] = {}
        self._interpreter = interpreter
        self._clock = clock
        self._line = line
        self._window = Window(line, N_AT_ONCE)
        self._patience = patience
        self._tally = tally or NoTally()
        self._lanes: dict[SpaceRef, _Lane] = {}
        self._locks: dict[GroupId | SpaceRef, asyncio.Lock] = {}
        self._ready: asyncio.Queue[_Lane] = asyncio.Queue()
        self._rested = asyncio.Event()

    async def load(self) -> None:
        """Queue what is left from before, ahead of anything that is handed on."""
        async with self._uow.read() as views:
            self.hand_on(await views.waiting_inbox())

    async def run(self) -> None:
        """Handle what is queued until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._drain(await self._ready.get()))

    def hand_on(self, rows: Sequence[InboxRow]) -> None:
        """Queue stored rows, each behind the others of its space."""
        for row in rows:
            lane = self._lanes.setdefault(row.space, _Lane())
            lane.rows.append(row)
            if not lane.is_running:
                lane.is_running = True
                self._ready.put_nowait(lane)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is queued or being handled."""
        return not any(lane.is_running for lane in self._lanes.values())

    async def caught_up(self) -> None:
        """Return once nothing is queued or being handled."""
        while not self.is_idle:
            self._rested.clear()
            await self._rested.wait()

    async def tell_sealed(self) -> None:
        """Tell coaches of messages that wait for their key, where it is time to."""
        async with self._uow.read() as views:
            groups = [group.id for group in await views.groups()] if await views.undecryptable() else []
        for group in groups:
            async with self._lock(group):
                effects, origin = await self._timekeeper.on_sealed(group)
                if effects:
                    await self._interpreter.carry_out(effects, origin, self._clock.now())

    async def fire(self, timer: TimerRow, turn: Callable[[], Awaitable[object]] = _at_once) -> None:
        """Decide on a due timer, and once it is its turn carry it out or put it off.

        One that fails through our own fault is tried again, then the coach is told.
        """
        async with self._lock(timer.group):
            try:
                at = self._clock.now()
                early = _Early(at, await self._patience.until_done(lambda: self._timekeeper.on_timer(timer)))
                await turn()
                again_at = await self._patience.until_done(lambda: self._fired(timer, early))
            except Halt:
                raise
            except Exception as error:  # noqa: BLE001 - as below: one group's fault must not stop the others' messages
                await turn()
                again_at = await self._after_fault(timer, error)
            if again_at is not None:
                await self._patience.until_done(lambda: self._postpone(timer, again_at))

    async def _postpone(self, timer: TimerRow, until: datetime) -> None:
        async with self._uow.write() as work:
            await work.postpone(timer.id, until)

    async def _fired(self, timer: TimerRow, early: _Early) -> datetime | None:
        decided = early.taken(self._clock.now()) or await self._timekeeper.on_timer(timer)
        if isinstance(decided, datetime):
            return decided
        await self._interpreter.carry_out(*decided, self._clock.now())
        self._tally.count(Counted.STEP_HANDLED)
        self._tally.took(Timed.STEP_LATENESS, self._clock.now() - timer.due_at)
        return None

    async def _after_fault(self, timer: TimerRow, error: Exception) -> datetime | None:
        """Return when to try again; None when it was the last time, and the coach could be told."""
        fault = uuid4().hex[:8]
        n_tries = self._failed.pop(timer.id, 0) + 1
        log.error("timer_failed", timer=timer.id, fault=fault, n_tries=n_tries, exc_info=error)
        if n_tries < N_TRIES:
            self._failed[timer.id] = n_tries
            return self._clock.now() + TRY_AGAIN_AFTER
        try:
            await self._patience.until_done(lambda: self._tell_coach(timer, fault))
        except Halt:
            raise
        except Exception:
            log.exception("fault_not_told", timer=timer.id, fault=fault)
            return self._clock.now() + TRY_AGAIN_AFTER_FAULTS
        self._tally.count(Counted.STEP_FAILED)
        return None

    async def _tell_coach(self, timer: TimerRow, fault: str) -> None:
        await self._interpreter.carry_out(*await self._timekeeper.on_fault(timer, fault), self._clock.now())

    async def _drain(self, lane: _Lane) -> None:
        while lane.rows:
            await self._handle_until_done(lane.rows[0])
            lane.rows.popleft()
        lane.is_running = False
        self._rested.set()

    async def _handle_until_done(self, row: InboxRow) -> None:
        backoff = Backoff()
        n_tries = row.attempts
        while True:
            try:
                await self._patience.until_done(lambda: self._window.tried(row.space, lambda: self._handle(row)))
            except Unreachable as trouble:
                log.info("input_waits", inbox=row.id, reason=str(trouble))
            except Halt:
                raise
            except Exception as error:  # noqa: BLE001 - the group must not stand still because of one message
                n_tries += 1
                if await self._is_set_aside(row, n_tries, error):
                    return
            else:
                self._tally.count(Counted.INPUT_HANDLED)
                return
            await self._line.pause(backoff.failed())

    async def _handle(self, row: InboxRow) -> bool:
        group = await self._handler.group_of(row.incoming)
        async with self._lock(group if group is not None else row.space):
            try:
                effects, origin = await self._handler.on_incoming(row, group)
            except UserError as slip:
                effects, origin = await self._handler.on_slip(row, group, slip)
            await self._interpreter.carry_out(effects, origin, self._clock.now())
        return True

    async def _is_set_aside(self, row: InboxRow, n_tries: int, error: Exception) -> bool:
        """Log our fault under an id; after the last try set the row aside and say so, with that id and nothing else."""
        fault = uuid4().hex[:8]
        is_poison = n_tries >= N_TRIES
        self._tally.count(Counted.INPUT_SET_ASIDE if is_poison else Counted.INPUT_FAILED)
        log.error("input_failed", inbox=row.id, fault=fault, n_tries=n_tries, is_poison=is_poison, exc_info=error)
        await self._patience.until_done(lambda: self._put_off(row, is_poison=is_poison))
        if is_poison and isinstance(row.incoming, MessageReceived):
            await self._tell_fault(row, fault)
        return is_poison

    async def _put_off(self, row: InboxRow, *, is_poison: bool) -> None:
        async with self._uow.write() as work:
            await work.put_off(row.id, is_poison=is_poison)

    async def _tell_fault(self, row: InboxRow, fault: str) -> None:
        try:
            await self._patience.until_done(lambda: self._say_fault(row, fault))
        except Halt:
            raise
        except Exception:
            log.exception("fault_not_told", inbox=row.id, fault=fault)

    async def _say_fault(self, row: InboxRow, fault: str) -> None:
        effects, origin = await self._handler.on_fault(row, fault)
        await self._interpreter.carry_out(effects, origin, self._clock.now())

    def _lock(self, key: GroupId | SpaceRef) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())
