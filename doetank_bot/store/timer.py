"""The schedule of all cycles: whatever is stored, waits and is due, is due."""

from datetime import datetime

from sqlalchemy import bindparam, false, select, update

from doetank_bot.domain.reference import CycleId, GroupId
from doetank_bot.domain.schedule import Late
from doetank_bot.ports import TimerRow
from doetank_bot.store.tables import WAITING, groups, spaces, timers
from doetank_bot.store.transaction import Stale, Transaction

PENDING, FIRED = "waiting", "fired"

_DUE = (
    select(timers)
    .join(groups, groups.c.id == timers.c.group_id)
    .join(spaces, (spaces.c.account == groups.c.account) & (spaces.c.native == groups.c.space))
    # In a room that the bot has left its steps wait: when it comes back, their rule for lateness decides.
    .where(timers.c.state == WAITING, timers.c.due_at <= bindparam("now"), spaces.c.is_left == false())
    .order_by(timers.c.due_at, timers.c.id)
)


class TimerViews(Transaction):
    """What is due."""

    async def due_timers(self, now: datetime) -> tuple[TimerRow, ...]:
        """Return the waiting timers due by `now`, earliest first, of groups whose room the bot is in."""
        rows = await self._rows(_DUE, {"now": now})
        return tuple(
            TimerRow(
                id=row.id,
                group=GroupId(row.group_id),
                cycle=CycleId(row.cycle_id),
                key=row.key,
                due_at=row.due_at,
                late=Late(row.late),
                occurrence=row.occurrence,
            )
            for row in rows
        )


class TimerWork(TimerViews):
    """Ticking off and putting off."""

    async def fired(self, timer: int, now: datetime) -> None:
        """Mark a timer handled. Raises Stale when it no longer waits: it must not happen twice.

        One that this very transaction took out of its cycle's schedule (the last step ends the cycle) is gone already.
        """
        result = await self._run(
            update(timers).where(timers.c.id == timer, timers.c.state == WAITING).values(state=FIRED, fired_at=now)
        )
        if result.rowcount != 1 and timer not in self._marks.dropped_timers:
            raise Stale(f"timer {timer} no longer waits")

    async def postpone(self, timer: int, due_at: datetime) -> None:
        """Move a timer that may not go out yet; what it was planned for stays. Nothing when it no longer waits."""
        await self._run(update(timers).where(timers.c.id == timer, timers.c.state == WAITING).values(due_at=due_at))
