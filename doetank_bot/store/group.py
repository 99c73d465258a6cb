"""Everything of one group. Each query here filters on the group's id: no group sees another's words."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Table,
    and_,
    bindparam,
    or_,
    select,
)

from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.cycle import Before, Cycle, CycleState
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Member, MemberStatus
from doetank_bot.domain.reference import (
    ConversationId,
    CycleId,
    GroupId,
    MemberId,
    MessageRef,
    Place,
    PostId,
    UserRef,
)
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Material
from doetank_bot.ports import Act, AskedPrompt, PostState, QuotingPost, Standing, Style
from doetank_bot.store.column import UnreadableRow, decoded
from doetank_bot.store.contribution import NEXT_NUMBER, ContributionViews
from doetank_bot.store.member import member_from
from doetank_bot.store.outbox import about_of, space_of, user_of
from doetank_bot.store.place import group_from, place_of
from doetank_bot.store.sealed import OF_GROUP
from doetank_bot.store.tables import (
    acts,
    conversations,
    cycles,
    flows,
    groups,
    members,
    outbox,
    quotes,
    spaces,
    timers,
)
from doetank_bot.store.timer import FIRED, PENDING

_GROUP = select(groups).where(groups.c.id == OF_GROUP)
_MEMBERS = select(members).where(members.c.group_id == OF_GROUP).order_by(members.c.id)
_ACTIVE_MEMBERS = _MEMBERS.where(members.c.status == MemberStatus.ACTIVE)
_MEMBER = _MEMBERS.where(members.c.account == bindparam("account"), members.c.user == bindparam("user"))
_OPEN = (CycleState.RUNNING, CycleState.PAUSED)
_CYCLES = select(cycles).where(cycles.c.group_id == OF_GROUP).order_by(cycles.c.id)
_OPEN_CYCLE = _CYCLES.where(cycles.c.state.in_(_OPEN))
_STANDING = (
    select(groups, members, cycles, NEXT_NUMBER.scalar_subquery().label("next_number"))
    .outerjoin(
        members,
        and_(
            members.c.group_id == groups.c.id,
            members.c.account == bindparam("account"),
            members.c.user == bindparam("user"),
        ),
    )
    .outerjoin(cycles, and_(cycles.c.group_id == groups.c.id, cycles.c.state.in_(_OPEN)))
    .where(groups.c.id == OF_GROUP)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_STEPS = (
    select(timers)
    .where(
        timers.c.group_id == OF_GROUP,
        timers.c.cycle_id == bindparam("cycle"),
        timers.c.state == bindparam("state"),
        timers.c.is_reminder.is_(bindparam("is_reminder")),
    )
    .order_by(timers.c.due_at, timers.c.id)
)
_IS_SHOWN = (
    outbox.c.group_id == OF_GROUP,
    outbox.c.act == Act.SEND,
    outbox.c.state.in_((PostState.WAITING, PostState.SENT)),
)
_SHOWN = select(outbox).where(*_IS_SHOWN).order_by(outbox.c.id)
# In the group's room, or the one it had before: a copy in a private chat is not one of its digests.
_DIGESTS = _SHOWN.join(spaces, and_(spaces.c.account == outbox.c.account, spaces.c.native == outbox.c.space)).where(
    outbox.c.cycle_id == bindparam("cycle"),
    outbox.c.purpose.in_(bindparam("purposes", expanding=True)),
    outbox.c.user.is_(None),
    spaces.c.private_with.is_(None),
)
# What all steps are decided on, without texts: a hundred short rows at the end of a long cycle.
_LAID_OUT = (
    select(
        *(outbox.c.id, outbox.c.purpose, outbox.c.prompt, outbox.c.digest, outbox.c.created_at),
        *(outbox.c.account, outbox.c.space, outbox.c.native, outbox.c.user),
        and_(outbox.c.user.is_(None), spaces.c.id.is_not(None), spaces.c.private_with.is_(None)).label("is_in_room"),
    )
    .outerjoin(spaces, and_(spaces.c.account == outbox.c.account, spaces.c.native == outbox.c.space))
    .where(
        *_IS_SHOWN,
        outbox.c.cycle_id == bindparam("cycle"),
        outbox.c.purpose.in_((Purpose.PROMPT, Purpose.DIGEST, Purpose.DRAFT)),
        or_(outbox.c.user.is_(None), outbox.c.purpose != Purpose.DIGEST),
    )
    .order_by(outbox.c.id)
)
_SINCE = _DIGESTS.where(outbox.c.created_at >= bindparam("since")).limit(1)
_TOLD = (
    select(quotes.c.number)
    .join(outbox, outbox.c.id == quotes.c.post_id)
    .where(
        quotes.c.group_id == OF_GROUP,
        quotes.c.number.in_(bindparam("numbers", expanding=True)),
        outbox.c.cycle_id == bindparam("cycle"),
        outbox.c.purpose == Purpose.DIGEST,
    )
)
_QUOTED = select(quotes.c.number).where(
    quotes.c.group_id == OF_GROUP, quotes.c.post_id.in_(bindparam("posts", expanding=True))
)
_FLOWS_OF = (
    select(conversations, flows.c.kind.label("flow_kind"), flows.c.state)
    .join(flows, flows.c.conversation_id == conversations.c.id)
    .where(flows.c.group_id == OF_GROUP, flows.c.member_id == bindparam("member"), flows.c.is_waiting.is_(False))
    .order_by(flows.c.id)
)
_ACT = select(acts.c.before).where(acts.c.group_id == OF_GROUP)
_QUOTING = _SHOWN.join(quotes, and_(quotes.c.group_id == outbox.c.group_id, quotes.c.post_id == outbox.c.id)).where(
    quotes.c.number == bindparam("number"), outbox.c.is_removed.is_(False)
)
_EDITS = (
    select(outbox.c.id, outbox.c.target_id)
    .where(
        outbox.c.group_id == OF_GROUP,
        outbox.c.act == Act.EDIT,
        outbox.c.state.in_((PostState.WAITING, PostState.SENT)),
        outbox.c.is_removed.is_(False),
        outbox.c.target_id.in_(bindparam("posts", expanding=True)),
    )
    .order_by(outbox.c.id)
)


class StoredGroupViews(ContributionViews):
    """A group's rows, to read."""

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
            member=None if member.id is None else member_from(member),
            cycle=None if cycle.id is None else _cycle(cycle),
            next_number=int(row.next_number),
        )

    async def member(self, user: UserRef) -> Member | None:
        """Return the person as a member, also one who left."""
        row = await self._own_first(_MEMBER, account=user.account, user=user.native)
        return None if row is None else member_from(row)

    async def members(self) -> tuple[Member, ...]:
        """Return active members, in order of joining."""
        return tuple(member_from(row) for row in await self._own(_ACTIVE_MEMBERS))

    async def cycle(self) -> Cycle | None:
        """Return the running or paused cycle."""
        row = await self._own_first(_OPEN_CYCLE)
        return None if row is None else _cycle(row)

    async def cycles(self) -> tuple[Cycle, ...]:
        """Return all cycles, the first one first."""
        return tuple(_cycle(row) for row in await self._own(_CYCLES))

    async def material(self, cycle: CycleId) -> Material:
        """Return what a digest of the cycle is made from: only what the whole group may see.

        `since` is when the last digest was laid out, not when it was sent: what came between belongs to the next.
        """
        laid_out = [row for row in await self._laid_out(cycle, Purpose.DIGEST) if row.is_in_room]
        numbers = [row.digest or 0 for row in laid_out]
        # A digest that was posted again without someone's words still counts from its first time.
        since = min((row.created_at for row in laid_out if (row.digest or 0) == max(numbers)), default=None)
        shown = await self._showable(cycle, since)
        last = [row.id for row in laid_out if (row.digest or 0) == max(numbers)]
        drafts = await self._laid_out(cycle, Purpose.DRAFT)
        n_digests = len(set(numbers))
        stories = [contribution.number for contribution in shown if contribution.kind is ContributionKind.STORY]
        return Material(
            contributions=shown,
            members=await self.members(),
            n_digests=n_digests,
            since=since,
            next_steps=tuple((step.key, step.planned_local.date()) for step in await self.waiting(cycle)),
            has_action=await self._has_action(cycle),
            told=await self._told(cycle, stories),
            was_quiet=bool(last) and await self._own_first(_QUOTED, posts=last) is None,
            n_sealed=(await self.sealed(since)).n,
            readers=frozenset(u for row in drafts if row.digest == n_digests + 1 and (u := user_of(row)) is not None),
        )

    async def _told(self, cycle: CycleId, stories: Sequence[int]) -> frozenset[int]:
        rows = await self._own(_TOLD, cycle=cycle, numbers=stories) if stories else ()
        return frozenset(row.number for row in rows)

    async def _laid_out(self, cycle: CycleId, purpose: Purpose) -> list[Any]:
        return [row for row in await self._own_once(_LAID_OUT, cycle=cycle) if row.purpose == purpose]

    async def fired(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps that have been handled, in order."""
        return tuple(row.occurrence for row in await self._own(_STEPS, cycle=cycle, state=FIRED, is_reminder=False))

    async def waiting(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps to come, in order."""
        rows = await self._own_once(_STEPS, cycle=cycle, state=PENDING, is_reminder=False)
        return tuple(row.occurrence for row in rows)

    async def reminders(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the reminders (`SetTimer`) that wait, in order."""
        rows = await self._own(_STEPS, cycle=cycle, state=PENDING, is_reminder=True)
        return tuple(row.occurrence for row in rows)

    async def flows_of(self, member: MemberId) -> tuple[tuple[Place, FlowState], ...]:
        """Return what is being asked of a member, with where; what this version cannot read is left out."""
        found: list[tuple[Place, FlowState]] = []
        for row in await self._own(_FLOWS_OF, member=member):
            with contextlib.suppress(LookupError, UnreadableRow):
                state = decoded(TypeAdapter(self._scope.flow_states[row.flow_kind]), row.state)
                found.append((place_of(row), state))
        return tuple(found)

    async def member_by_id(self, member: MemberId) -> Member | None:
        """Return the member with that id, also one who left, or the sponsor."""
        row = await self._own_first(_MEMBERS.where(members.c.id == bindparam("member")), member=member)
        return None if row is None else member_from(row)

    async def last_act(self) -> Before | None:
        """Return how things stood before the last moderator's act."""
        row = await self._own_first(_ACT)
        return None if row is None else row.before

    async def prompts_posted(self, cycle: CycleId, limit: int) -> tuple[AskedPrompt, ...]:
        """Return the last prompts that were posted to the room, newest first; of one in parts its first message."""
        rows = [row for row in await self._laid_out(cycle, Purpose.PROMPT) if row.is_in_room]
        first = {(row.prompt, row.created_at): _asked(row) for row in reversed(rows) if row.prompt is not None}
        return tuple(first.values())[:limit]

    async def asked_anything_since(self, instant: datetime) -> bool:
        """Whether a prompt or digest was posted to the group at or after that UTC instant."""
        known = await self.cycles()
        purposes = [Purpose.PROMPT, Purpose.DIGEST]
        found = [await self._own(_SINCE, cycle=cycle.id, purposes=purposes, since=instant) for cycle in known[-2:]]
        return any(found)

    async def prompts_asked(self, cycle: CycleId) -> tuple[str, ...]:
        """Return the ids of prompts that were posted, in order; one that was split over messages is there as often."""
        rows = await self._laid_out(cycle, Purpose.PROMPT)
        return tuple(row.prompt for row in rows if row.prompt is not None)

    async def posts_quoting(self, number: int) -> tuple[QuotingPost, ...]:
        """Return the posts, waiting or sent and not removed, that quote the contribution, oldest first."""
        return await self._quoting(await self._own(_QUOTING, number=number))

    async def digests(self, cycle: CycleId) -> tuple[QuotingPost, ...]:
        """Return the digests posted to the group (each part), in order, waiting ones included, removed ones not."""
        rows = await self._own(_DIGESTS, cycle=cycle, purposes=[Purpose.DIGEST])
        return await self._quoting([row for row in rows if not row.is_removed])

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


def _asked(row: Any) -> AskedPrompt:
    space = space_of(row)
    message = None if space is None or row.native is None else MessageRef(space, row.native)
    return AskedPrompt(PostId(row.id), row.prompt, row.created_at, message)


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
        paused_until=row.paused_until,
        ended_at=row.ended_at,
        phases=row.phases,
        is_held=row.is_held,
        settled=row.settled,
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
