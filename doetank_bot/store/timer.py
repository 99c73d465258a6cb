"""The schedule of all cycles: whatever is stored, waits and is due, is due."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, false, or_, select, update

from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.reference import CycleId, GroupId, PostId
from doetank_bot.domain.schedule import Late, Run
from doetank_bot.ports import TimerRow
from doetank_bot.store.tables import WAITING, groups, outbox, spaces, timers
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

_other = outbox.alias()
_IS_PART = exists().where(
    _other.c.id != outbox.c.id,
    _other.c.cycle_id == outbox.c.cycle_id,
    _other.c.created_at == outbox.c.created_at,
    _other.c.purpose == outbox.c.purpose,
    _other.c.user.is_not_distinct_from(outbox.c.user),
)
# A step and its message are of one transaction, so of one instant.
_STEP_OF = (
    select(timers.c.id, timers.c.occurrence, outbox.c.prompt, outbox.c.purpose)
    .join(outbox, and_(outbox.c.cycle_id == timers.c.cycle_id, outbox.c.created_at == timers.c.fired_at))
    .join(groups, groups.c.id == timers.c.group_id)
    .where(
        outbox.c.id == bindparam("post"),
        outbox.c.state == WAITING,
        or_(outbox.c.space == groups.c.space, outbox.c.purpose == Purpose.DRAFT),
        ~_IS_PART,
        timers.c.state == FIRED,
        timers.c.is_reminder == false(),
    )
    .order_by(timers.c.due_at.desc(), timers.c.id.desc())
)
_MADE_BY = {Run.PROMPT: Purpose.PROMPT, Run.DRAFT: Purpose.DRAFT, Run.DIGEST: Purpose.DIGEST}


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

    async def plan_again(self, post: PostId, due_at: datetime | None = None) -> bool:
        """Let the step that led to this waiting message, in the group's room or the coach's draft, wait again.

        It waits for that message alone; what else it led to stays. False when no step led to it, when the cycle ended
        with it, and when it is one of several: a part of it may be out.
        """
        rows = await self._rows(_STEP_OF, {"post": post})
        row = next((row for row in rows if _MADE_BY.get(row.occurrence.run) == row.purpose), None)
        if row is None:
            return False
        again = replace(row.occurrence, post=post, prompts=(row.prompt,) if row.prompt else ())
        waits = {"state": WAITING, "fired_at": None, "due_at": due_at or again.due_at, "occurrence": again}
        await self._run(update(timers).where(timers.c.id == row.id).values(waits))
        return True

    async def postpone(self, timer: int, due_at: datetime) -> None:
        """Move a timer that may not go out yet; what it was planned for stays. Nothing when it no longer waits."""
        await self._run(update(timers).where(timers.c.id == timer, timers.c.state == WAITING).values(due_at=due_at))
