"""What the screen must know of a batch before anything is written down: three queries for up to 500 messages.

A fourth one where somebody in it talks in a group's main timeline.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import BindParameter, and_, bindparam, exists, false, literal, select, union_all

from doetank_bot.domain.contribution import Status
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.group import Attendance, Language, MemberStatus
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import Act, Known, MessageEdited, MessageReceived, PostState, Talked
from doetank_bot.store.tables import (
    DONE,
    contributions,
    conversations,
    cycles,
    flows,
    groups,
    inbox,
    members,
    outbox,
    spaces,
)
from doetank_bot.store.transaction import Transaction

_CHUNK = 500
_natives: BindParameter[str] = bindparam("natives", expanding=True)
_TIED = union_all(
    select(literal("ours").label("tie"), outbox.c.account, outbox.c.space, outbox.c.native).where(
        outbox.c.native.in_(_natives)
    ),
    select(
        literal("sources"), contributions.c.account, contributions.c.source_space, contributions.c.source_native
    ).where(contributions.c.source_native.in_(_natives), contributions.c.status != Status.WITHDRAWN),
    # Words that are kept but not handled yet: an edit or a deletion of those may not be missed either. Of talk no
    # words are kept, and so none that come in its place.
    select(literal("sources"), inbox.c.account, inbox.c.space, inbox.c.native).where(
        inbox.c.native.in_(_natives), inbox.c.state != DONE, inbox.c.kind != Talked.__name__
    ),
    # `!keep` as a reply is under way: what it keeps may be edited or deleted before it is done.
    select(literal("replied"), inbox.c.account, inbox.c.space, inbox.c.target).where(
        inbox.c.target.in_(_natives), inbox.c.state != DONE, inbox.c.kind == MessageReceived.__name__
    ),
    # Whoever deletes an edit wants its words gone.
    select(literal("edits"), inbox.c.account, inbox.c.space, inbox.c.native).where(
        inbox.c.native.in_(_natives), inbox.c.kind == MessageEdited.__name__
    ),
)
_FLOWS = (
    select(conversations.c.account, conversations.c.native, conversations.c.anchor, members.c.user)
    .join(flows, flows.c.conversation_id == conversations.c.id)
    .join(members, and_(members.c.group_id == flows.c.group_id, members.c.id == flows.c.member_id))
    .where(conversations.c.anchor.in_(_natives))
)
_SPACES = (
    select(spaces.c.account, spaces.c.native, spaces.c.private_with, groups.c.language)
    .outerjoin(groups, and_(groups.c.account == spaces.c.account, groups.c.space == spaces.c.native))
    .where(spaces.c.native.in_(_natives))
)
_QUESTION = exists().where(
    cycles.c.group_id == groups.c.id,
    cycles.c.state == CycleState.RUNNING,
    outbox.c.cycle_id == cycles.c.id,
    outbox.c.purpose == Purpose.PROMPT,
    outbox.c.act == Act.SEND,
    outbox.c.state == PostState.SENT,
    outbox.c.space == groups.c.space,
    outbox.c.created_at >= bindparam("since"),
    outbox.c.is_removed == false(),
)
_UNHINTED = (
    select(groups.c.account, groups.c.space, members.c.user)
    .join(members, and_(members.c.group_id == groups.c.id, members.c.account == groups.c.account))
    .where(
        groups.c.account == bindparam("account"),
        groups.c.space.in_(_natives),
        members.c.user.in_(bindparam("users", expanding=True)),
        members.c.status == MemberStatus.ACTIVE,
        members.c.attendance == Attendance.ASKED,
        members.c.is_hinted == false(),
        _QUESTION,
    )
)
_Item = TypeVar("_Item")


class KnownViews(Transaction):
    """One question, about many messages."""

    async def known(self, refs: Iterable[MessageRef], spaces: Iterable[SpaceRef]) -> Known:
        """Return which of `refs` are ours, hold a flow or are kept, and what `spaces` are."""
        ties = await self._ties(frozenset(refs))
        private, languages = await self._spaces(frozenset(spaces))
        return Known(
            ours=frozenset(ties["ours"]),
            sources=frozenset(ties["sources"] | ties["replied"] | ties["edits"]),
            private=frozenset(private),
            flows=await self._flows(frozenset(refs)),
            languages=languages,
        )

    async def unhinted(
        self, talkers: Collection[tuple[SpaceRef, UserRef]], since: datetime
    ) -> frozenset[tuple[SpaceRef, UserRef]]:
        """Return which of these members are asked things, never got the hint, and have a question posted since."""
        found: set[tuple[SpaceRef, UserRef]] = set()
        for chunk in _chunks(list(talkers)):
            natives, users = {space.native for space, _ in chunk}, {user.native for _, user in chunk}
            asked = {"account": self._scope.account, "natives": list(natives), "users": list(users), "since": since}
            for row in await self._rows(_UNHINTED, asked):
                found.add((SpaceRef(row.account, row.space), UserRef(row.account, row.user)))
        return frozenset(found.intersection(talkers))

    async def _ties(self, refs: frozenset[MessageRef]) -> dict[str, set[MessageRef]]:
        ties: dict[str, set[MessageRef]] = {tie: set() for tie in ("ours", "sources", "replied", "edits")}
        for natives in _chunks(sorted({ref.native for ref in refs})):
            for row in await self._rows(_TIED, {"natives": natives}):
                ties[row.tie].add(MessageRef(SpaceRef(row.account, row.space), row.native))
        # The same id in another space is another message.
        return {tie: found & refs for tie, found in ties.items()}

    async def _flows(self, refs: frozenset[MessageRef]) -> frozenset[tuple[MessageRef, UserRef]]:
        found: set[tuple[MessageRef, UserRef]] = set()
        for natives in _chunks(sorted({ref.native for ref in refs})):
            for row in await self._rows(_FLOWS, {"natives": natives}):
                anchor = MessageRef(SpaceRef(row.account, row.native), row.anchor)
                found.add((anchor, UserRef(row.account, row.user)))
        return frozenset((anchor, user) for anchor, user in found if anchor in refs)

    async def _spaces(self, wanted: frozenset[SpaceRef]) -> tuple[set[SpaceRef], dict[SpaceRef, Language]]:
        private: set[SpaceRef] = set()
        languages: dict[SpaceRef, Language] = {}
        for natives in _chunks(sorted({space.native for space in wanted})):
            for row in await self._rows(_SPACES, {"natives": natives}):
                space = SpaceRef(row.account, row.native)
                if row.private_with is not None:
                    private.add(space)
                if row.language is not None:
                    languages[space] = row.language
        return private & wanted, {space: language for space, language in languages.items() if space in wanted}


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
