"""Everything of one group. Each query here filters on the group's id: no group sees another's words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    BindParameter,
    Select,
    Table,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle, CycleState
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.group import Group, Member, MemberStatus
from doetank_bot.domain.reference import (
    ConversationId,
    CycleId,
    GroupId,
    MemberId,
    MessageRef,
    PostId,
    SpaceRef,
    UserRef,
)
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Material
from doetank_bot.ports import Act, PostState, QuotingPost, Standing, Style
from doetank_bot.store.outbox import about_of, space_of, user_of
from doetank_bot.store.place import group_from
from doetank_bot.store.tables import contributions, cycles, groups, members, outbox, quotes, timers
from doetank_bot.store.timer import FIRED, PENDING
from doetank_bot.store.transaction import Marks, Scope, Transaction, Values

_group: BindParameter[int] = bindparam("group")
_GROUP = select(groups).where(groups.c.id == _group)
_MEMBERS = select(members).where(members.c.group_id == _group).order_by(members.c.id)
_ACTIVE_MEMBERS = _MEMBERS.where(members.c.status == MemberStatus.ACTIVE)
_MEMBER = _MEMBERS.where(members.c.account == bindparam("account"), members.c.user == bindparam("user"))
_OPEN = (CycleState.RUNNING, CycleState.PAUSED)
_CYCLES = select(cycles).where(cycles.c.group_id == _group).order_by(cycles.c.id)
_OPEN_CYCLE = _CYCLES.where(cycles.c.state.in_(_OPEN))
_NEXT_NUMBER = select(func.coalesce(func.max(contributions.c.number), 0) + 1).where(contributions.c.group_id == _group)
_STANDING = (
    select(groups, members, cycles, _NEXT_NUMBER.scalar_subquery().label("next_number"))
    .outerjoin(
        members,
        and_(
            members.c.group_id == groups.c.id,
            members.c.account == bindparam("account"),
            members.c.user == bindparam("user"),
        ),
    )
    .outerjoin(cycles, and_(cycles.c.group_id == groups.c.id, cycles.c.state.in_(_OPEN)))
    .where(groups.c.id == _group)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_CONTRIBUTIONS = (
    select(contributions, members.c.name.label("author_name"))
    .join(members, and_(members.c.group_id == contributions.c.group_id, members.c.id == contributions.c.author_id))
    .where(contributions.c.group_id == _group)
    .order_by(contributions.c.number)
)
_OF_CYCLE = _CONTRIBUTIONS.where(contributions.c.cycle_id == bindparam("cycle"))
_FROM_SOURCE = _CONTRIBUTIONS.where(
    contributions.c.account == bindparam("account"),
    contributions.c.source_space == bindparam("space"),
    contributions.c.source_native == bindparam("native"),
).limit(1)
_WORDS = _CONTRIBUTIONS.where(
    contributions.c.number.in_(bindparam("numbers", expanding=True)), contributions.c.status != Status.WITHDRAWN
)
_STEPS = (
    select(timers)
    .where(timers.c.group_id == _group, timers.c.cycle_id == bindparam("cycle"), timers.c.state == bindparam("state"))
    .order_by(timers.c.due_at, timers.c.id)
)
_SHOWN = (
    select(outbox)
    .where(
        outbox.c.group_id == _group,
        outbox.c.act == Act.SEND,
        outbox.c.state.in_((PostState.WAITING, PostState.SENT)),
    )
    .order_by(outbox.c.id)
)
_ABOUT_CYCLE = _SHOWN.where(outbox.c.cycle_id == bindparam("cycle"), outbox.c.purpose == bindparam("purpose"))
# Digests in the group's own room: a copy in a private chat is not one of its digests.
_DIGESTS = _ABOUT_CYCLE.join(groups, and_(groups.c.id == outbox.c.group_id, groups.c.space == outbox.c.space))
_QUOTING = _SHOWN.join(quotes, and_(quotes.c.group_id == outbox.c.group_id, quotes.c.post_id == outbox.c.id)).where(
    quotes.c.number == bindparam("number"), outbox.c.is_removed.is_(False)
)
_EDITS = (
    select(outbox.c.id, outbox.c.target_id)
    .where(
        outbox.c.group_id == _group,
        outbox.c.act == Act.EDIT,
        outbox.c.state.in_((PostState.WAITING, PostState.SENT)),
        outbox.c.is_removed.is_(False),
        outbox.c.target_id.in_(bindparam("posts", expanding=True)),
    )
    .order_by(outbox.c.id)
)


class StoredGroupViews(Transaction):
    """A group's rows, to read."""

    def __init__(self, connection: AsyncConnection, scope: Scope, marks: Marks, group: GroupId) -> None:
        super().__init__(connection, scope, marks)
        self._group = group

    async def group(self) -> Group:
        """Return the group. Raises LookupError when there is none."""
        row = await self._own_first(_GROUP)
        if row is None:
            raise LookupError(f"group {self._group} is not there")
        return group_from(row)

    async def standing(self, user: UserRef | None) -> Standing:
        """Return the group, the person in it, its open cycle and its next number. Raises LookupError for no group."""
        account, native = (user.account, user.native) if user else ("", "")
        row = await self._own_first(_STANDING, account=account, user=native)
        if row is None:
            raise LookupError(f"group {self._group} is not there")
        member, cycle = _Part(row, members), _Part(row, cycles)
        return Standing(
            group=group_from(_Part(row, groups)),
            member=None if member.id is None else _member(member),
            cycle=None if cycle.id is None else _cycle(cycle),
            next_number=int(row.next_number),
        )

    async def member(self, user: UserRef) -> Member | None:
        """Return the person as a member, also one who left."""
        row = await self._own_first(_MEMBER, account=user.account, user=user.native)
        return None if row is None else _member(row)

    async def members(self) -> tuple[Member, ...]:
        """Return active members, in order of joining."""
        return tuple(_member(row) for row in await self._own(_ACTIVE_MEMBERS))

    async def cycle(self) -> Cycle | None:
        """Return the running or paused cycle."""
        row = await self._own_first(_OPEN_CYCLE)
        return None if row is None else _cycle(row)

    async def cycles(self) -> tuple[Cycle, ...]:
        """Return all cycles, the first one first."""
        return tuple(_cycle(row) for row in await self._own(_CYCLES))

    async def next_number(self) -> int:
        """Return the number of the group's next contribution, 1 and up."""
        row = await self._own_first(_NEXT_NUMBER)
        return 1 if row is None else int(row[0])

    async def contributions(self, cycle: CycleId | None = None) -> tuple[Contribution, ...]:
        """Return all (or the cycle's), by number, withdrawn ones included (their text is empty)."""
        rows = await (self._own(_CONTRIBUTIONS) if cycle is None else self._own(_OF_CYCLE, cycle=cycle))
        return tuple(_contribution(row) for row in rows)

    async def contribution(self, source: MessageRef) -> Contribution | None:
        """Return the one that was made from this message."""
        row = await self._own_first(
            _FROM_SOURCE, account=source.space.account, space=source.space.native, native=source.native
        )
        return None if row is None else _contribution(row)

    async def material(self, cycle: CycleId) -> Material:
        """Return what a digest of the cycle is made from: only what the whole group may see.

        `since` is when the last digest was laid out, not when it was sent: what came between belongs to the next.
        """
        kept = await self.contributions(cycle)
        laid_out = await self._own(_DIGESTS, cycle=cycle, purpose=Purpose.DIGEST)
        numbers = [row.digest or 0 for row in laid_out]
        waiting = await self.waiting(cycle)
        return Material(
            contributions=tuple(contribution for contribution in kept if contribution.is_for_group),
            members=await self.members(),
            n_digests=len(set(numbers)),
            # A digest that was posted again without someone's words still counts from its first time.
            since=min((row.created_at for row in laid_out if (row.digest or 0) == max(numbers)), default=None),
            next_steps=tuple((step.key, step.planned_local.date()) for step in waiting),
        )

    async def fired(self, cycle: CycleId) -> frozenset[str]:
        """Return the keys of the cycle's steps that have been handled."""
        return frozenset(row.key for row in await self._own(_STEPS, cycle=cycle, state=FIRED))

    async def waiting(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps to come, in order."""
        return tuple(row.occurrence for row in await self._own(_STEPS, cycle=cycle, state=PENDING))

    async def prompts_asked(self, cycle: CycleId) -> tuple[str, ...]:
        """Return the ids of prompts that were posted, in order; one that was split over messages is there as often."""
        rows = await self._own(_ABOUT_CYCLE, cycle=cycle, purpose=Purpose.PROMPT)
        return tuple(row.prompt for row in rows if row.prompt is not None)

    async def posts_quoting(self, number: int) -> tuple[QuotingPost, ...]:
        """Return the posts, waiting or sent and not removed, that quote the contribution, oldest first."""
        return await self._quoting(await self._own(_QUOTING, number=number))

    async def digests(self, cycle: CycleId) -> tuple[QuotingPost, ...]:
        """Return the digests posted to the group (each part), in order, waiting ones included, removed ones not."""
        rows = await self._own(_DIGESTS, cycle=cycle, purpose=Purpose.DIGEST)
        return await self._quoting([row for row in rows if not row.is_removed])

    async def words(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Return (text, author's name) of those contributions that are not withdrawn."""
        rows = await self._own(_WORDS, numbers=sorted(set(numbers)))
        return {row.number: (row.text, row.author_name) for row in rows}

    async def _own(self, statement: Select[Any], **values: Any) -> Sequence[Any]:
        return await self._rows(statement, self._with_group(values))

    async def _own_first(self, statement: Select[Any], **values: Any) -> Any | None:
        return await self._first(statement, self._with_group(values))

    def _with_group(self, values: Values) -> Values:
        return {**values, "group": self._group}

    async def _quoting(self, rows: Sequence[Any]) -> tuple[QuotingPost, ...]:
        edits: dict[int, list[PostId]] = {row.id: [] for row in rows}
        if edits:
            for edit in await self._own(_EDITS, posts=list(edits)):
                edits[edit.target_id].append(PostId(edit.id))
        return tuple(_quoting_post(row, tuple(edits[row.id])) for row in rows)


class _Part:
    """One table's columns of a row that joins several."""

    def __init__(self, row: Any, table: Table) -> None:
        self._row = row
        self._table = table

    def __getattr__(self, name: str) -> Any:
        return self._row._mapping[self._table.c[name]]  # noqa: SLF001 - SQLAlchemy's public name for it


def _member(row: Any) -> Member:
    return Member(MemberId(row.id), UserRef(row.account, row.user), row.name, MemberStatus(row.status))


def _cycle(row: Any) -> Cycle:
    return Cycle(
        id=CycleId(row.id),
        group=GroupId(row.group_id),
        title=row.title,
        pack=row.pack,
        coach=UserRef(row.account, row.coach),
        weeks=row.weeks,
        state=CycleState(row.state),
        paused_on=row.paused_on,
        ended_at=row.ended_at,
    )


def _contribution(row: Any) -> Contribution:
    return Contribution(
        number=row.number,
        kind=ContributionKind(row.kind),
        text=row.text,
        author=MemberId(row.author_id),
        audience=Audience(row.audience),
        source=MessageRef(SpaceRef(row.account, row.source_space), row.source_native),
        cycle=None if row.cycle_id is None else CycleId(row.cycle_id),
        status=Status(row.status),
        part_of=row.part_of,
        field=row.field,
        prompted_by=None if row.prompted_by is None else PostId(row.prompted_by),
        author_name=row.author_name,
        created_at=row.created_at,
        edited_at=row.edited_at,
    )


def _quoting_post(row: Any, edits: tuple[PostId, ...]) -> QuotingPost:
    space = space_of(row)
    return QuotingPost(
        id=PostId(row.id),
        group=GroupId(row.group_id),
        key=row.key,
        state=PostState(row.state),
        attempts=row.attempts,
        space=space,
        user=user_of(row),
        conversation=None if row.conversation_id is None else ConversationId(row.conversation_id),
        message=None if space is None or row.native is None else MessageRef(space, row.native),
        about=about_of(row),
        document=row.document or Document(blocks=()),
        style=row.style or Style(),
        edits=edits,
    )
