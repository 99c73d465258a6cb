"""What may be changed of one group, inside a write transaction."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select, update

from doetank_bot.domain.contribution import NewContribution, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Language, Member, MemberStatus
from doetank_bot.domain.reference import ConversationId, CycleId, MemberId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.store.column import UnreadableRow, decoded, encoded
from doetank_bot.store.group import StoredGroupViews
from doetank_bot.store.inbox import blank_set_aside
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import contributions, cycles, flows, groups, members, timers
from doetank_bot.store.timer import FIRED, PENDING
from doetank_bot.store.transaction import Stale, Values


class StoredGroupWork(StoredGroupViews):
    """A group's rows, to change."""

    async def record(self, contribution: NewContribution, now: datetime) -> None:
        """Keep a contribution. Raises IntegrityError when its number is taken or its author is another group's."""
        await self._run(
            insert(contributions),
            {
                "group_id": self._group,
                "number": contribution.number,
                "kind": contribution.kind,
                "text": contribution.text,
                "author_id": contribution.author,
                "audience": contribution.audience,
                "status": contribution.status,
                "account": contribution.source.space.account,
                "source_space": contribution.source.space.native,
                "source_native": contribution.source.native,
                "cycle_id": contribution.cycle,
                "part_of": contribution.part_of,
                "field": contribution.field,
                "prompted_by": contribution.prompted_by,
                "created_at": now,
            },
        )

    async def rewrite(self, number: int, text: str, now: datetime) -> None:
        """Give a contribution its author's new text. Raises Stale when it is withdrawn or not there."""
        await self._change(number, {"text": text, "edited_at": now})
        self._marks.is_erasing = True

    async def forget(self, number: int, now: datetime) -> None:
        """Take a contribution's words out of the store for good. Raises Stale when it is withdrawn or not there."""
        row = await self._change(number, {"text": "", "status": Status.WITHDRAWN, "edited_at": now})
        source = MessageRef(SpaceRef(row.account, row.source_space), row.source_native)
        await self._run(blank_set_aside([source]))
        self._marks.is_erasing = True

    async def store_cycle(self, cycle: Cycle, schedule: Sequence[Occurrence]) -> CycleId:
        """Store a new cycle (id 0) or the changed one, with its whole remaining schedule.

        What was given before it, outside any cycle, is the new one's.

        Steps already fired stay and are never planned again, waiting ones that are not in `schedule` go.
        Raises IntegrityError for a second open cycle, Stale for a cycle that is not this group's.
        """
        stored = await self._store(cycle)
        known = await self._rows(select(timers).where(timers.c.group_id == self._group, timers.c.cycle_id == stored))
        fired = {row.key for row in known if row.state == FIRED}
        wanted = {step.key: step for step in schedule if step.key not in fired}
        await self._replan(stored, {row.key: row for row in known if row.state == PENDING}, wanted)
        return stored

    async def open_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None:
        """Keep the flow's state, in place of an older one there with this member."""
        row = {
            "group_id": self._group,
            "conversation_id": conversation,
            "member_id": member,
            "kind": state.kind,
            "version": state.version,
            "state": encoded(TypeAdapter(type(state)), state),
        }
        await self._run(
            upsert(flows).values(row).on_conflict_do_update(index_elements=["conversation_id", "member_id"], set_=row)
        )

    async def close_flow(self, conversation: ConversationId, member: MemberId) -> None:
        """End the flow there with this member, if there is one."""
        await self._run(
            delete(flows).where(
                flows.c.group_id == self._group,
                flows.c.conversation_id == conversation,
                flows.c.member_id == member,
            )
        )

    async def close_flows_about(self, number: int) -> None:
        """End the flows that have nothing left to ask once this contribution is gone."""
        for row in await self._rows(select(flows).where(flows.c.group_id == self._group)):
            # One that this version cannot read must not keep anyone's words from going.
            with contextlib.suppress(LookupError, UnreadableRow):
                state = decoded(TypeAdapter(self._scope.flow_states[row.kind]), row.state)
                if state.is_about(number):
                    await self._run(delete(flows).where(flows.c.id == row.id))

    async def set_language(self, language: Language) -> None:
        """Speak this language from now on."""
        await self._run(update(groups).where(groups.c.id == self._group).values(language=language))

    async def set_member(self, user: UserRef, name: str, *, is_in: bool) -> Member:
        """Write down that someone came in, left or has another name; an empty name changes nothing."""
        row = {
            "group_id": self._group,
            "account": user.account,
            "user": user.native,
            "name": name,
            "status": MemberStatus.ACTIVE if is_in else MemberStatus.LEFT,
        }
        changes = {"status": row["status"], **({"name": name} if name else {})}
        result = await self._run(
            upsert(members)
            .values(row)
            .on_conflict_do_update(index_elements=["group_id", "account", "user"], set_=changes)
            .returning(members)
        )
        stored = result.one()
        return Member(MemberId(stored.id), user, stored.name, MemberStatus(stored.status))

    async def _change(self, number: int, values: Values) -> Any:
        result = await self._run(
            update(contributions)
            .where(
                contributions.c.group_id == self._group,
                contributions.c.number == number,
                contributions.c.status != Status.WITHDRAWN,
            )
            .values(values)
            .returning(contributions.c.account, contributions.c.source_space, contributions.c.source_native)
        )
        row = result.first()
        if row is None:
            raise Stale(f"contribution {number} is withdrawn or not there")
        return row

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
            "ended_at": cycle.ended_at,
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
