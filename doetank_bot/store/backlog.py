"""How much there is still to do, and what could not be done, in figures: for who keeps an eye on the bot.

Every question but `n_refused` is answered from an index of what is open, so that it costs the same after years.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, bindparam, false, func, or_, select, true

from doetank_bot.domain.cycle import CycleState
from doetank_bot.ports import UNSENT
from doetank_bot.store.inbox import InboxState
from doetank_bot.store.tables import DONE, WAITING, cycles, groups, inbox, outbox, spaces, timers
from doetank_bot.store.transaction import Transaction, Values

# What waits for a room that the bot is not in, or that its group has left, waits for as long as that takes.
_POSTS = (
    select(func.count().label("n"), func.min(outbox.c.created_at).label("since"))
    .outerjoin(spaces, (spaces.c.account == outbox.c.account) & (spaces.c.native == outbox.c.space))
    .outerjoin(groups, (groups.c.account == outbox.c.account) & (groups.c.space == outbox.c.space))
    .where(
        outbox.c.state == WAITING,
        spaces.c.is_left.is_not(true()),
        or_(spaces.c.native.is_(None), spaces.c.private_with.is_not(None), groups.c.id.is_not(None)),
    )
)
_INPUTS = (
    select(inbox.c.state, func.count().label("n"), func.min(inbox.c.received_at).label("since"))
    .where(inbox.c.state != DONE)
    .group_by(inbox.c.state)
)
_CYCLES = (
    select(cycles.c.state, func.count().label("n")).where(cycles.c.state != CycleState.ENDED).group_by(cycles.c.state)
)
_PRESENT = (spaces.c.account == groups.c.account) & (spaces.c.native == groups.c.space) & (spaces.c.is_left == false())
_GROUPS = select(func.count()).select_from(groups.join(spaces, _PRESENT))
_STEPS = timers.join(groups, groups.c.id == timers.c.group_id).join(spaces, _PRESENT)
_DUE = select(func.count()).select_from(_STEPS).where(timers.c.state == WAITING, timers.c.due_at <= bindparam("now"))
_NEXT = (
    select(timers.c.due_at, groups.c.name, groups.c.timezone)
    .select_from(_STEPS)
    .where(timers.c.state == WAITING)
    .order_by(timers.c.due_at, timers.c.id)
    .limit(1)
)
_REFUSED = select(func.count()).where(outbox.c.state.in_(UNSENT), outbox.c.settled_at >= bindparam("since"))


@dataclass(frozen=True, slots=True)
class Heap:
    """How many wait, and since which UTC instant the oldest does (None when there are none)."""

    n: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """The earliest step that waits, in the group of that name; in the past when it is overdue."""

    due_at: datetime
    group: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is there at one moment. Groups and steps count where the bot is in the room.

    `inputs` came in and wait to be handled, `set_aside` ones failed too often; `n_due` steps should have been made.
    """

    n_groups: int
    n_running: int
    n_paused: int
    posts: Heap
    inputs: Heap
    set_aside: Heap
    n_due: int
    next_step: NextStep | None


class BacklogViews(Transaction):
    """The figures."""

    async def backlog(self, now: datetime) -> Backlog:
        """Return how things stand at the UTC instant `now`."""
        cycles_in = {row.state: row.n for row in await self._rows(_CYCLES)}
        inputs = await self._inputs()
        posts, step = await self._first(_POSTS), await self._first(_NEXT)
        return Backlog(
            n_groups=await self._number(_GROUPS),
            n_running=cycles_in.get(CycleState.RUNNING, 0),
            n_paused=cycles_in.get(CycleState.PAUSED, 0),
            posts=Heap(posts.n, posts.since) if posts else Heap(),
            inputs=inputs.get(InboxState.WAITING, Heap()),
            set_aside=inputs.get(InboxState.POISON, Heap()),
            n_due=await self._number(_DUE, {"now": now}),
            next_step=NextStep(step.due_at, step.name, step.timezone) if step else None,
        )

    async def n_refused(self, since: datetime) -> int:
        """Return how many posts were refused for good since that UTC instant. Reads the whole outbox: not for often."""
        return await self._number(_REFUSED, {"since": since})

    async def _number(self, statement: Executable, values: Values | None = None) -> int:
        rows = await self._rows(statement, values)
        return int(rows[0][0])

    async def _inputs(self) -> Mapping[str, Heap]:
        return {row.state: Heap(row.n, row.since) for row in await self._rows(_INPUTS)}
