"""People in private, whatever groups they are in: how they want it, and the questions that wait for their turn."""

import contextlib

from pydantic import TypeAdapter
from sqlalchemy import and_, bindparam, delete, exists, select

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.group import Attendance, Person
from doetank_bot.domain.reference import GroupId, Private, UserRef
from doetank_bot.ports import Queued
from doetank_bot.store.column import UnreadableRow, decoded
from doetank_bot.store.member import member_from
from doetank_bot.store.place import MAY_BE_ASKED, PlaceViews, at, same_space, where
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import conversations, cycles, flows, groups, members, people, spaces

_QUEUE = (
    select(members, flows.c.id.label("flow_id"), flows.c.kind, flows.c.state.label("flow_state"))
    .join(flows, and_(members.c.group_id == flows.c.group_id, members.c.id == flows.c.member_id))
    .join(conversations, conversations.c.id == flows.c.conversation_id)
    .join(groups, groups.c.id == flows.c.group_id)
    .join(spaces, same_space())
    .where(at(is_room=False), members.c.user == bindparam("person"), flows.c.is_waiting, *MAY_BE_ASKED)
    .where(members.c.attendance != Attendance.STOPPED)
    .where(exists().where(cycles.c.group_id == groups.c.id, cycles.c.state != CycleState.ENDED))
    .order_by(flows.c.id)
)


class PeopleViews(PlaceViews):
    """People, to read."""

    async def person(self, user: UserRef) -> Person:
        """Return how someone wants to be spoken to in private; all None for who never said."""
        row = await self._first(select(people).where(people.c.account == user.account, people.c.user == user.native))
        if row is None:
            return Person(user)
        group = None if row.group_id is None else GroupId(row.group_id)
        return Person(user, row.language, row.timezone, group, row.waiting)

    async def next_question(self, user: UserRef) -> Queued | None:
        """Return what may be asked in private now: the oldest flow that waits, when none is open there.

        One that this version cannot read stays where it is.
        """
        if await self._flow_row(Private(user), user) is not None:
            return None
        for row in await self._rows(_QUEUE, {**where(Private(user)), "person": user.native}):
            with contextlib.suppress(LookupError, UnreadableRow):
                state = decoded(TypeAdapter(self._scope.flow_states[row.kind]), row.flow_state)
                return Queued(row.flow_id, GroupId(row.group_id), member_from(row), state)
        return None


class PeopleWork(PeopleViews):
    """What may be changed of people."""

    async def store_person(self, person: Person) -> None:
        """Keep how someone wants to be spoken to in private, and about which group."""
        row = {
            "account": person.user.account,
            "user": person.user.native,
            "language": person.language,
            "timezone": person.timezone,
            "group_id": person.group,
            "waiting": person.waiting,
        }
        await self._run(upsert(people).values(row).on_conflict_do_update(index_elements=["account", "user"], set_=row))

    async def unqueue(self, queued: Queued) -> None:
        """Take a flow out of the queue: its turn has come."""
        await self._run(delete(flows).where(flows.c.id == queued.id, flows.c.is_waiting))
