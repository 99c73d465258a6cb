"""The one door: inbox rows are handled in order per space, one at a time per group. Lock first, then load.

A row is handled exactly once: what it leads to and its being done are one transaction. One that fails is tried again
in its place; our own faults three times, then the row is set aside and the people there are told.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from doetank_bot.domain.error import Unreachable, UserError
from doetank_bot.domain.reference import GroupId, SpaceRef
from doetank_bot.ports import (
    AuthLost,
    Clock,
    Counted,
    InboxRow,
    MessageReceived,
    NoTally,
    Tally,
    Timed,
    TimerRow,
    UnitOfWork,
)
from doetank_bot.service.handler import Handler
from doetank_bot.service.interpreter import Interpreter
from doetank_bot.service.timekeeper import Timekeeper

log = structlog.get_logger(__name__)

N_TRIES = 3
N_AT_ONCE = 32
"""Spaces that are handled at the same time: hundreds that begin together would hold up the event loop."""
TRY_AGAIN_AFTER = timedelta(minutes=1)
TRY_AGAIN_AFTER_FAULTS = timedelta(hours=1)
LONGEST_WAIT_FOR_SECONDS = 30


@dataclass(slots=True)
class _Lane:
    rows: deque[InboxRow] = field(default_factory=deque)
    is_running: bool = False


class Dispatcher:
    """Hands inbox rows and due timers to the handler and its decisions to the interpreter."""

    def __init__(
        self,
        uow: UnitOfWork,
        handler: Handler,
        timekeeper: Timekeeper,
        interpreter: Interpreter,
        clock: Clock,
        tally: Tally | None = None,
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._handler = handler
        self._timekeeper = timekeeper
        self._failed: dict[int, int] = {}
        self._turns = asyncio.Semaphore(N_AT_ONCE)
        self._interpreter = interpreter
        self._clock = clock
        self._tally = tally or NoTally()
        self._lanes: dict[SpaceRef, _Lane] = {}
        self._locks: dict[GroupId | SpaceRef, asyncio.Lock] = {}
        self._ready: asyncio.Queue[_Lane] = asyncio.Queue()

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

    async def tell_sealed(self) -> None:
        """Tell coaches of messages that wait for their key, where it is time to."""
        async with self._uow.read() as views:
            groups = [group.id for group in await views.groups()] if await views.undecryptable() else []
        for group in groups:
            async with self._lock(group):
                effects, origin = await self._timekeeper.on_sealed(group)
                if effects:
                    await self._interpreter.carry_out(effects, origin, self._clock.now())

    async def fire(self, timer: TimerRow) -> None:
        """Carry out a due timer, or put it off.

        One that fails through our own fault is tried again, then the coach is told.
        """
        async with self._lock(timer.group):
            try:
                again_at = await self._fired(timer)
            except AuthLost:
                raise
            except Exception as error:  # noqa: BLE001 - as below: one group's fault must not stop the others' messages
                again_at = await self._after_fault(timer, error)
            if again_at is not None:
                async with self._uow.write() as work:
                    await work.postpone(timer.id, again_at)

    async def _fired(self, timer: TimerRow) -> datetime | None:
        decided = await self._timekeeper.on_timer(timer)
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
            await self._interpreter.carry_out(*await self._timekeeper.on_fault(timer, fault), self._clock.now())
        except AuthLost:
            raise
        except Exception:
            log.exception("fault_not_told", timer=timer.id, fault=fault)
            return self._clock.now() + TRY_AGAIN_AFTER_FAULTS
        self._tally.count(Counted.STEP_FAILED)
        return None

    async def _drain(self, lane: _Lane) -> None:
        while lane.rows:
            await self._handle_until_done(lane.rows[0])
            lane.rows.popleft()
        lane.is_running = False

    async def _handle_until_done(self, row: InboxRow) -> None:
        wait_for = 1
        n_tries = row.attempts
        while True:
            try:
                async with self._turns:
                    await self._handle(row)
            except Unreachable as trouble:
                log.info("input_waits", inbox=row.id, reason=str(trouble))
            except AuthLost:
                raise
            except Exception as error:  # noqa: BLE001 - the group must not stand still because of one message
                n_tries += 1
                if await self._is_set_aside(row, n_tries, error):
                    return
            else:
                self._tally.count(Counted.INPUT_HANDLED)
                return
            await asyncio.sleep(wait_for)
            wait_for = min(wait_for * 2, LONGEST_WAIT_FOR_SECONDS)

    async def _handle(self, row: InboxRow) -> None:
        group = await self._handler.group_of(row.incoming)
        async with self._lock(group if group is not None else row.space):
            try:
                effects, origin = await self._handler.on_incoming(row, group)
            except UserError as slip:
                effects, origin = await self._handler.on_slip(row, group, slip)
            await self._interpreter.carry_out(effects, origin, self._clock.now())

    async def _is_set_aside(self, row: InboxRow, n_tries: int, error: Exception) -> bool:
        """Log our fault under an id; after the last try set the row aside and say so, with that id and nothing else."""
        fault = uuid4().hex[:8]
        is_poison = n_tries >= N_TRIES
        self._tally.count(Counted.INPUT_SET_ASIDE if is_poison else Counted.INPUT_FAILED)
        log.error("input_failed", inbox=row.id, fault=fault, n_tries=n_tries, is_poison=is_poison, exc_info=error)
        async with self._uow.write() as work:
            await work.put_off(row.id, is_poison=is_poison)
        if is_poison and isinstance(row.incoming, MessageReceived):
            await self._tell_fault(row, fault)
        return is_poison

    async def _tell_fault(self, row: InboxRow, fault: str) -> None:
        try:
            effects, origin = await self._handler.on_fault(row, fault)
            await self._interpreter.carry_out(effects, origin, self._clock.now())
        except AuthLost:
            raise
        except Exception:
            log.exception("fault_not_told", inbox=row.id, fault=fault)

    def _lock(self, key: GroupId | SpaceRef) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())
