"""What may be changed of one group, inside a write transaction."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, bindparam, case, delete, false, insert, null, select, update

from doetank_bot.domain.cycle import Before, Cycle
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Attendance, Group, Member, MemberStatus
from doetank_bot.domain.reference import ConversationId, CycleId, MemberId, UserRef
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.store.column import UnreadableRow, UtcDateTime, decoded, encoded
from doetank_bot.store.contribution_work import ContributionWork
from doetank_bot.store.group import StoredGroupViews
from doetank_bot.store.member import member_from
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import acts, contributions, cycles, flows, groups, members, timers
from doetank_bot.store.timer import FIRED, PENDING
from doetank_bot.store.transaction import Stale, Values


class StoredGroupWork(ContributionWork, StoredGroupViews):
    """A group's rows, to change."""

    _is_fixed = False

    async def store_cycle(self, cycle: Cycle, schedule: Sequence[Occurrence]) -> CycleId:
        """Store a new cycle (id 0) or the changed one, with its whole remaining schedule.

        What was given before it, outside any cycle, is the new one's.

        Steps already fired stay and are never planned again, waiting ones that are not in `schedule` go. Reminders
        stay, until the next cycle begins; then what was still to be asked in private goes too.
        Raises IntegrityError for a second open cycle, Stale for a cycle that is not this group's.
        """
        stored = await self._store(cycle)
        if not cycle.id:
            await self._begin_clean()
        known = await self._rows(
            select(timers).where(
                timers.c.group_id == self._group, timers.c.cycle_id == stored, timers.c.is_reminder == false()
            )
        )
        fired = {row.key for row in known if row.state == FIRED}
        wanted = {step.key: step for step in schedule if step.key not in fired}
        await self._replan(stored, {row.key: row for row in known if row.state == PENDING}, wanted)
        return stored

    async def _begin_clean(self) -> None:
        """What the cycle before still had to ask goes: not at its end, because that can be undone."""
        await self._drop(timers.c.is_reminder, timers.c.state == PENDING)
        await self._run(delete(flows).where(flows.c.group_id == self._group, flows.c.is_waiting))
        await self._end_flows(lambda state: state.ends_with_cycle())

    async def open_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None:
        """Keep the flow's state, in place of an older one there with this member."""
        row = self._flow(conversation, member, state)
        await self._run(
            upsert(flows)
            .values(row)
            .on_conflict_do_update(
                index_elements=["conversation_id", "member_id"], index_where=flows.c.is_waiting.is_(false()), set_=row
            )
        )

    async def queue_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None:
        """Keep a flow that waits for its turn behind others in this private chat."""
        await self._run(insert(flows), {**self._flow(conversation, member, state), "is_waiting": True})

    async def close_flow(self, conversation: ConversationId, member: MemberId) -> None:
        """End the flow there with this member, if there is one."""
        await self._run(
            delete(flows).where(
                flows.c.group_id == self._group,
                flows.c.conversation_id == conversation,
                flows.c.member_id == member,
                flows.c.is_waiting.is_(false()),
            )
        )

    async def close_flows_about(self, number: int) -> None:
        """End the flows that have nothing left to ask once this contribution is gone."""
        await self._end_flows(lambda state: state.is_about(number))

    async def _end_flows(self, is_over: Callable[[FlowState], bool]) -> None:
        for row in await self._rows(select(flows).where(flows.c.group_id == self._group)):
            # One that this version cannot read must not keep anyone's words from going.
            with contextlib.suppress(LookupError, UnreadableRow):
                state = decoded(TypeAdapter(self._scope.flow_states[row.kind]), row.state)
                if is_over(state):
                    await self._run(delete(flows).where(flows.c.id == row.id))

    async def store_group(self, group: Group) -> None:
        """Keep the group's language, zone, name and settings."""
        values = {
            "name": group.name,
            "language": group.language,
            "timezone": group.timezone,
            "settings": group.settings,
        }
        await self._run(update(groups).where(groups.c.id == self._group).values(values))

    async def set_member(self, user: UserRef, name: str, *, is_in: bool, now: datetime | None = None) -> Member:
        """Write down that someone came in, left or has another name; an empty name changes nothing.

        Who comes in is asked things from `now` (a UTC instant) on, also when they were here before.
        """
        status = MemberStatus.ACTIVE if is_in else MemberStatus.LEFT
        row = self._person(user, name, status) | {"asked_since": now}
        changes: dict[str, Any] = {"status": status, **({"name": name} if name else {})}
        if is_in:
            was_in = members.c.status == MemberStatus.ACTIVE
            changes["asked_since"] = case((was_in, members.c.asked_since), else_=bindparam("now", now, UtcDateTime))
            changes["attendance"] = case((was_in, members.c.attendance), else_=Attendance.ASKED)
            changes["away_until"] = case((was_in, members.c.away_until), else_=null())
        return await self._upsert_member(row, changes)

    async def know_sponsor(self, user: UserRef, name: str) -> Member:
        """Keep someone who is no member as the group's sponsor; a member stays one."""
        was_gone = members.c.status == MemberStatus.LEFT
        status = case((was_gone, MemberStatus.SPONSOR), else_=members.c.status)
        row = self._person(user, name, MemberStatus.SPONSOR)
        return await self._upsert_member(row, {"status": status, **({"name": name} if name else {})})

    async def store_member(self, member: Member) -> None:
        """Keep what a member wants to be asked and sent, and was told. Raises Stale when they are not this group's."""
        result = await self._run(
            update(members)
            .where(members.c.group_id == self._group, members.c.id == member.id)
            .values(
                attendance=member.attendance,
                away_until=member.away_until,
                asked_since=member.asked_since,
                wants_digest=member.wants_digest,
                is_hinted=member.is_hinted,
            )
        )
        if result.rowcount != 1:
            raise Stale(f"member {member.id} is not this group's")

    async def set_timer(self, cycle: CycleId, reminder: Occurrence) -> None:
        """Set a reminder, in the place of an older one with its key, also one that went off."""
        await self._drop(timers.c.cycle_id == cycle, timers.c.is_reminder, timers.c.key == reminder.key)
        await self._run(insert(timers), {**self._timer(cycle, reminder), "is_reminder": True})

    async def clear_timer(self, cycle: CycleId, key: str) -> None:
        """Take back the waiting reminder with that key, if there is one."""
        is_it = timers.c.is_reminder, timers.c.key == key, timers.c.state == PENDING
        await self._drop(timers.c.cycle_id == cycle, *is_it)

    async def remember(self, before: Before) -> None:
        """Keep how things stood before the last moderator's act, in the place of the one before."""
        row = {"group_id": self._group, "before": before}
        await self._run(upsert(acts).values(row).on_conflict_do_update(index_elements=["group_id"], set_=row))

    async def forget_act(self) -> None:
        """There is nothing to undo any more."""
        await self._run(delete(acts).where(acts.c.group_id == self._group))

    def _flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> dict[str, Any]:
        return {
            "group_id": self._group,
            "conversation_id": conversation,
            "member_id": member,
            "kind": state.kind,
            "version": state.version,
            "state": encoded(TypeAdapter(type(state)), state),
        }

    def _person(self, user: UserRef, name: str, status: MemberStatus) -> dict[str, Any]:
        return {
            "group_id": self._group,
            "account": user.account,
            "user": user.native,
            "name": name,
            "status": status,
        }

    async def _upsert_member(self, row: Values, changes: Values) -> Member:
        result = await self._run(
            upsert(members)
            .values(row)
            .on_conflict_do_update(index_elements=["group_id", "account", "user"], set_=changes)
            .returning(members)
        )
        return member_from(result.one())

    async def _drop(self, *which: ColumnElement[bool]) -> None:
        """Take reminders out of the schedule; one that is going off in this very transaction may be among them."""
        gone = await self._run(delete(timers).where(timers.c.group_id == self._group, *which).returning(timers.c.id))
        self._marks.dropped_timers.update(row.id for row in gone)

    async def _store(self, cycle: Cycle) -> CycleId:
        values = {
            "group_id": self._group,
            "title": cycle.title,
            "pack": cycle.pack,
            "account": cycle.coach.account,
            "coach": cycle.coach.native,
            "weeks": cycle.weeks,
            "state": cycle.state,
            "paused_on": cycle.paused_on,
            "paused_until": cycle.paused_until,
            "ended_at": cycle.ended_at,
            "phases": cycle.phases,
            "is_held": cycle.is_held,
            "settled": cycle.settled,
        }
        if not cycle.id:
            made = CycleId((await self._run(insert(cycles).returning(cycles.c.id), values)).scalar_one())
            loose = update(contributions).where(
                contributions.c.group_id == self._group, contributions.c.cycle_id.is_(None)
            )
            await self._run(loose.values(cycle_id=made))
            return made
        changed = await self._run(
            update(cycles).where(cycles.c.id == cycle.id, cycles.c.group_id == self._group).values(values)
        )
        if changed.rowcount != 1:
            raise Stale(f"cycle {cycle.id} is not this group's")
        return cycle.id

    async def _replan(self, cycle: CycleId, waiting: Mapping[str, Any], wanted: Mapping[str, Occurrence]) -> None:
        """Make the waiting steps the wanted ones. A step that moves keeps its row: who is firing it still finds it."""
        gone = [row.id for key, row in waiting.items() if key not in wanted]
        moved = [step for key, step in wanted.items() if key in waiting and waiting[key].occurrence != step]
        fresh = [self._timer(cycle, step) for key, step in wanted.items() if key not in waiting]
        if gone:
            self._marks.dropped_timers.update(gone)
            await self._run(delete(timers).where(timers.c.id.in_(gone)))
        for step in moved:
            await self._run(update(timers).where(timers.c.id == waiting[step.key].id).values(self._timer(cycle, step)))
        if fresh:
            await self._run(insert(timers), fresh)

    def _timer(self, cycle: CycleId, step: Occurrence) -> Values:
        return {
            "group_id": self._group,
            "cycle_id": cycle,
            "key": step.key,
            "planned_local": step.planned_local,
            "due_at": step.due_at,
            "late": step.late,
            "occurrence": step,
            "state": PENDING,
        }
