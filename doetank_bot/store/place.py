"""Spaces, the groups in them, and the conversations and flows that hang from a place."""

from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    false,
    insert,
    or_,
    select,
    true,
    update,
)

from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Language, MemberStatus
from doetank_bot.domain.reference import (
    ConversationId,
    GroupId,
    MessageRef,
    Place,
    Private,
    Room,
    SpaceRef,
    Thread,
    UserRef,
)
from doetank_bot.ports import Act, PostState, SpaceInfo
from doetank_bot.store.column import decoded
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import (
    WAITING,
    contributions,
    conversations,
    flows,
    groups,
    members,
    outbox,
    spaces,
)
from doetank_bot.store.transaction import Transaction, Values

_MAIN, _LANE, _PRIVATE = "main", "lane", "private"


class PlaceViews(Transaction):
    """Where things are."""

    async def groups(self) -> tuple[Group, ...]:
        """Return every group, for the operator, in order of founding; also those whose room the bot has left."""
        return tuple(group_from(row) for row in await self._rows(select(groups).order_by(groups.c.id)))

    async def group_in(self, space: SpaceRef) -> GroupId | None:
        """Return the group whose room this is, also when the bot has left it."""
        row = await self._first(_GROUP_IN, {"account": space.account, "native": space.native})
        return None if row is None else GroupId(row.id)

    async def group_of_source(self, message: MessageRef) -> GroupId | None:
        """Return the group for which a contribution was kept from this message, wherever it was said."""
        row = await self._first(
            select(contributions.c.group_id)
            .where(
                contributions.c.account == message.space.account,
                contributions.c.source_space == message.space.native,
                contributions.c.source_native == message.native,
            )
            .limit(1)
        )
        return None if row is None else GroupId(row.group_id)

    async def groups_of(self, user: UserRef) -> tuple[GroupId, ...]:
        """Return the groups, in rooms that the bot is in, of which the person is an active member."""
        rows = await self._rows(
            select(groups.c.id)
            .join(members, members.c.group_id == groups.c.id)
            .join(spaces, same_space())
            .where(
                members.c.account == user.account,
                members.c.user == user.native,
                members.c.status == MemberStatus.ACTIVE,
                spaces.c.is_left == false(),
            )
            .order_by(groups.c.id)
        )
        return tuple(GroupId(row.id) for row in rows)

    async def space(self, space: SpaceRef) -> SpaceInfo | None:
        """Return what is known of the space."""
        row = await self._first(_SPACE, {"account": space.account, "native": space.native})
        if row is None:
            return None
        user = None if row.private_with is None else UserRef(space.account, row.private_with)
        return SpaceInfo(space, None if row.id is None else GroupId(row.id), user)

    async def flow(self, place: Place, user: UserRef) -> FlowState | None:
        """Return the flow that waits there for the person; in private, where several groups may ask, the oldest.

        Raises LookupError when this version does not know its kind, UnreadableRow when it does not fit.
        """
        row = await self._flow_row(place, user)
        if row is None:
            return None
        state = decoded(TypeAdapter(self._scope.flow_states[row.kind]), row.state)
        return state if isinstance(state, FlowState) else None

    async def group_asking(self, place: Place, user: UserRef) -> GroupId | None:
        """Return the group whose flow waits there for the person (see `flow`)."""
        row = await self._flow_row(place, user)
        return None if row is None else GroupId(row.group_id)

    async def _flow_row(self, place: Place, user: UserRef) -> Row[Any] | None:
        person = {"person_account": user.account, "person": user.native}
        return await self._first(_FLOW[isinstance(place, Room)], {**where(place), **person})

    async def private_space(self, user: UserRef) -> SpaceRef | None:
        """Return the newest private chat with the person that the bot is still in."""
        row = await self._first(
            select(spaces.c.native)
            .where(spaces.c.account == user.account, spaces.c.private_with == user.native, spaces.c.is_left == false())
            .order_by(spaces.c.id.desc())
            .limit(1)
        )
        return None if row is None else SpaceRef(user.account, row.native)


class PlaceWork(PlaceViews):
    """What may be changed about places."""

    async def create_group(self, space: SpaceRef, name: str, language: Language, timezone: str) -> GroupId:
        """Begin a group in the space; where one was, it goes on, with this name if there is one."""
        await self._know(space, {"is_left": False})
        known = await self.group_in(space)
        if known is not None:
            if name:
                await self._run(update(groups).where(groups.c.id == known).values(name=name))
            return known
        result = await self._run(
            insert(groups).returning(groups.c.id),
            {
                "account": space.account,
                "space": space.native,
                "name": name,
                "language": language,
                "timezone": timezone,
            },
        )
        return GroupId(result.scalar_one())

    async def move_group(self, group: GroupId, space: SpaceRef) -> None:
        """The group goes on in the space; what it asked in the room that it leaves is not waited for any more."""
        old = await self._first(select(groups.c.account, groups.c.space).where(groups.c.id == group), {})
        if old is None:
            raise LookupError(f"group {group} is not there")
        await self._know(space, {"is_left": False})
        await self._run(update(groups).where(groups.c.id == group).values(space=space.native))
        left = select(conversations.c.id).where(
            conversations.c.account == old.account,
            conversations.c.native == old.space,
            conversations.c.kind != _PRIVATE,
        )
        await self._run(delete(flows).where(flows.c.group_id == group, flows.c.conversation_id.in_(left)))

    async def set_private(self, space: SpaceRef, user: UserRef) -> None:
        """Remember that `space` is the private chat with `user`; what waited for one goes there."""
        await self._know(space, {"private_with": user.native, "is_left": False})
        await self._run(
            update(outbox)
            .where(
                outbox.c.account == user.account,
                outbox.c.user == user.native,
                outbox.c.space.is_(None),
                outbox.c.state == WAITING,
            )
            .values(space=space.native)
        )

    async def forget_private(self, space: SpaceRef) -> None:
        """`space` is nobody's private chat any more; what waits for it waits for a new one."""
        await self._run(update(spaces).where(_is(spaces.c.native, space)).values(private_with=None))
        await self._run(
            update(outbox)
            .where(
                _is(outbox.c.space, space),
                outbox.c.user.is_not(None),
                outbox.c.act == Act.SEND,
                outbox.c.state == WAITING,
            )
            .values(space=None)
        )

    async def leave_space(self, space: SpaceRef) -> None:
        """The bot is no longer there: what was to be said there is settled as denied.

        The group's digests, edits and deletions wait until it is back: members' words are told, follow, or go.
        """
        await self._run(update(spaces).where(_is(spaces.c.native, space)).values(is_left=true()))
        await self._run(
            update(outbox)
            .where(
                _is(outbox.c.space, space),
                outbox.c.state == WAITING,
                outbox.c.act.in_((Act.SEND, Act.REACT)),
                or_(outbox.c.purpose.is_(None), outbox.c.purpose != Purpose.DIGEST, outbox.c.user.is_not(None)),
            )
            .values(state=PostState.DENIED, payload=None, reason="left")
        )

    async def conversation(self, place: Place) -> ConversationId:
        """Return our key for the place, made on first use. The main timeline of a private chat is that private chat."""
        row = await self._first(_CONVERSATION[isinstance(place, Room)], where(place))
        if row is not None:
            return ConversationId(row.id)
        conversation = ConversationId(str(uuid4()))
        account, kind, native, anchor = await self._key(place)
        await self._run(
            insert(conversations),
            {"id": conversation, "account": account, "kind": kind, "native": native, "anchor": anchor},
        )
        return conversation

    async def _key(self, place: Place) -> tuple[str, str, str, str]:
        if isinstance(place, Room):
            known = await self.space(place.space)
            if known is not None and known.private_with is not None:
                return _key_of(Private(known.private_with))
        return _key_of(place)

    async def _know(self, space: SpaceRef, values: dict[str, Any]) -> None:
        row = {"account": space.account, "native": space.native, **values}
        await self._run(
            upsert(spaces).values(row).on_conflict_do_update(index_elements=["account", "native"], set_=values)
        )


def group_from(row: Any) -> Group:
    """Return the group in this row."""
    space = SpaceRef(row.account, row.space)
    return Group(GroupId(row.id), space, row.language, row.timezone, row.name, row.settings)


def place_of(row: Any) -> Place:
    """Return the place of the conversation in this row."""
    if row.kind == _PRIVATE:
        return Private(UserRef(row.account, row.native))
    space = SpaceRef(row.account, row.native)
    return Thread(MessageRef(space, row.anchor)) if row.kind == _LANE else Room(space)


def _is(column: Column[Any], space: SpaceRef) -> ColumnElement[bool]:
    return and_(column.table.c.account == space.account, column == space.native)


def same_space() -> ColumnElement[bool]:
    """Return the condition that a group's room is that space."""
    return and_(groups.c.account == spaces.c.account, groups.c.space == spaces.c.native)


def at(*, is_room: bool) -> ColumnElement[bool]:
    """Return the condition that a conversation is the one at the place that `_where` gives.

    The main timeline of a private chat is that private chat.
    """
    table = conversations.c
    is_account = table.account == bindparam("account")
    exactly = and_(
        is_account,
        table.kind == bindparam("kind"),
        table.native == bindparam("native"),
        table.anchor == bindparam("anchor"),
    )
    if not is_room:
        return exactly
    person = (
        select(spaces.c.private_with)
        .where(spaces.c.account == bindparam("account"), spaces.c.native == bindparam("native"))
        .scalar_subquery()
    )
    return or_(exactly, and_(is_account, table.kind == _PRIVATE, table.native == person))


MAY_BE_ASKED = (
    members.c.status.in_((MemberStatus.ACTIVE, MemberStatus.SPONSOR)),
    spaces.c.is_left == false(),
)


def _flowat(*, is_room: bool) -> Select[Any]:
    """Return the query for the oldest flow there that waits for the person; a group that was left asks nothing."""
    return (
        select(flows.c.kind, flows.c.state, flows.c.group_id)
        .join(conversations, conversations.c.id == flows.c.conversation_id)
        .join(members, and_(members.c.group_id == flows.c.group_id, members.c.id == flows.c.member_id))
        .join(groups, groups.c.id == flows.c.group_id)
        .join(spaces, same_space())
        .where(
            at(is_room=is_room),
            members.c.account == bindparam("person_account"),
            members.c.user == bindparam("person"),
            flows.c.is_waiting.is_(false()),
            *MAY_BE_ASKED,
        )
        .order_by(flows.c.id)
        .limit(1)
    )


def where(place: Place) -> Values:
    """Return the values of `at` for this place."""
    account, kind, native, anchor = _key_of(place)
    return {"account": account, "kind": kind, "native": native, "anchor": anchor}


def _key_of(place: Place) -> tuple[str, str, str, str]:
    match place:
        case Room(space):
            return space.account, _MAIN, space.native, ""
        case Thread(root):
            return root.space.account, _LANE, root.space.native, root.native
        case Private(user):
            return user.account, _PRIVATE, user.native, ""


_CONVERSATION = {is_room: select(conversations.c.id).where(at(is_room=is_room)) for is_room in (True, False)}
_FLOW = {is_room: _flowat(is_room=is_room) for is_room in (True, False)}
_GROUP_IN = select(groups.c.id).where(groups.c.account == bindparam("account"), groups.c.space == bindparam("native"))
_SPACE = (
    select(spaces.c.private_with, groups.c.id)
    .outerjoin(groups, same_space())
    .where(spaces.c.account == bindparam("account"), spaces.c.native == bindparam("native"))
)
