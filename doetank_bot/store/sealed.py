"""The rows of one group, and among them what members wrote that cannot be read yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BindParameter, CompoundSelect, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doetank_bot.domain.reference import GroupId, MemberId
from doetank_bot.domain.view import Sealed
from doetank_bot.ports import Undecryptable
from doetank_bot.store.column import decoded
from doetank_bot.store.inbox import ADAPTERS, InboxState
from doetank_bot.store.tables import DONE, groups, inbox, members, spaces
from doetank_bot.store.transaction import Marks, Scope, Transaction, Values

OF_GROUP: BindParameter[int] = bindparam("group")

_IN_ROOM = and_(groups.c.account == inbox.c.account, groups.c.space == inbox.c.space)
_IN_PRIVATE = (
    select(spaces.c.id)
    .join(members, and_(members.c.account == spaces.c.account, members.c.user == spaces.c.private_with))
    .where(spaces.c.account == inbox.c.account, spaces.c.native == inbox.c.space, members.c.group_id == groups.c.id)
    .exists()
)
_SEALED = (
    select(inbox.c.payload, inbox.c.received_at)
    .select_from(inbox.join(groups, or_(_IN_ROOM, _IN_PRIVATE)))
    # The first condition lets the index of what is not done be used.
    .where(inbox.c.state != DONE, inbox.c.state == InboxState.UNDECRYPTABLE, groups.c.id == OF_GROUP)
)
_MEMBER_ID = select(members.c.id).where(
    members.c.group_id == OF_GROUP,
    members.c.account == bindparam("account"),
    members.c.user == bindparam("user"),
)


class OwnRows(Transaction):
    """The rows of one group."""

    _is_fixed: ClassVar[bool] = True
    """Whether the rows stay as they are while they are looked at."""

    def __init__(self, connection: AsyncConnection, scope: Scope, marks: Marks, group: GroupId) -> None:
        super().__init__(connection, scope, marks)
        self._group = group
        self._seen: dict[tuple[Any, ...], Sequence[Any]] = {}

    async def _own(self, statement: Select[Any] | CompoundSelect[Any], **values: Any) -> Sequence[Any]:
        return await self._rows(statement, self._with_group(values))

    async def _own_once(self, statement: Select[Any], **values: Any) -> Sequence[Any]:
        """Return the rows, read once in a look: several of its questions are answered from them."""
        key = (statement, *values.items())
        if key not in self._seen or not self._is_fixed:
            self._seen[key] = await self._own(statement, **values)
        return self._seen[key]

    async def _own_first(self, statement: Select[Any], **values: Any) -> Any | None:
        return await self._first(statement, self._with_group(values))

    async def _own_value(self, statement: Select[Any], **values: Any) -> Any:
        row = await self._own_first(statement, **values)
        return None if row is None else row[0]

    def _with_group(self, values: Values) -> Values:
        return {**values, "group": self._group}


class SealedViews(OwnRows):
    """What was written in the group's room, or in private by its members, and waits for its key."""

    async def sealed(self, since: datetime | None) -> Sealed:
        """Return how much came since that UTC instant (None: ever), and when the first of it."""
        instants = [row.received_at for row in await self._own_once(_SEALED)]
        fresh = [instant for instant in instants if since is None or instant >= since]
        return Sealed(len(fresh), min(fresh, default=None))

    async def _sealed_authors(self, since: datetime) -> frozenset[MemberId]:
        rows = [row for row in await self._own_once(_SEALED) if row.received_at >= since]
        found: set[MemberId] = set()
        for row in rows:
            author = decoded(ADAPTERS[Undecryptable.__name__], row.payload).sender
            member = await self._own_value(_MEMBER_ID, account=author.account, user=author.native)
            found |= set() if member is None else {MemberId(member)}
        return frozenset(found)
