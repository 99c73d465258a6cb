"""Who comes and goes, the bot itself above all, and what it may do in its rooms: moved on, muted, put out.

Called with the group's lock held; changes nothing itself.
"""

from dataclasses import replace

import structlog

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import NOTHING, Outcome, StoreGroup
from doetank_bot.domain.group import Access, Group
from doetank_bot.domain.reference import GroupId, SpaceRef
from doetank_bot.domain.room_effect import Forsake, TryAgain
from doetank_bot.domain.view import Rules
from doetank_bot.flows import access, joining
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    ChatPort,
    Clock,
    Invited,
    MemberChanged,
    RoomChanged,
    UnitOfWork,
)

log = structlog.get_logger(__name__)


class Rooms:
    """Decides on what happens to rooms and who is in them.

    Raises Unreachable when the chat must be asked and does not answer.
    """

    def __init__(self, uow: UnitOfWork, chat: ChatPort, clock: Clock, rules: Rules) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._clock = clock
        self._rules = rules

    async def heir(self, old: SpaceRef) -> GroupId | None:
        """Return the group that moved on from a room that we know, however often it moved since."""
        async with self._uow.read() as views:
            known = await views.space(old)
        if known is None or known.private_with is not None:
            return None
        group, passed, room = known.group, {old}, old
        while group is None:
            now = await self._chat.access(room)
            if now is None or now.successor is None or now.successor in passed:
                return None
            room = now.successor
            passed.add(room)
            async with self._uow.read() as views:
                group = await views.group_in(room)
        return group

    async def moving(self, joined: BotJoined) -> GroupId | None:
        """Return the group that goes on in the room we came into: both rooms say so, the old one by its moderators."""
        if joined.predecessor is None:
            return None
        async with self._uow.read() as views:
            group = await views.group_in(joined.predecessor)
            known = await views.group(group).group() if group is not None else None
        if known is None or joined.ref.space == known.space:
            return None
        if known.settings.access.successor == joined.ref.space:
            return group
        now = await self._chat.access(joined.predecessor)
        return group if now is not None and now.successor == joined.ref.space else None

    async def decide(self, incoming: Invited | BotJoined | BotLeft | RoomChanged, group: GroupId | None) -> Outcome:
        """Return what it leads to; `group` is the one whose room it is, or that goes on there."""
        match incoming:
            case Invited():
                return joining.invited(incoming, is_awaited=await self._is_awaited(incoming.ref.space))
            case BotJoined():
                return await self._joined(incoming, group)
            case BotLeft():
                return await self._left(incoming, group)
            case RoomChanged():
                return await self._changed(incoming, group)

    async def on_member(self, change: MemberChanged, group: GroupId | None) -> Outcome:
        """Return what it leads to that someone came or went: who leads the group may be among them."""
        async with self._uow.read() as views:
            space = await views.space(change.ref.space)
            standing = await views.group(group).standing(change.user) if group is not None else None
        if standing is None:
            owner = space.private_with if space else None
            return NOTHING if owner is None else joining.private_changed(change, owner, self._rules)
        if not change.is_in and standing.group.settings.access.successor is not None:
            # Out of the room that the group moves away from: they go along.
            return NOTHING
        changed = joining.member_changed(change, standing.member, standing.cycle, self._rules).effects
        if standing.group.settings.access.has_moderator is change.is_in:
            return Outcome(changed)
        now = await self._access(standing.group)
        led = access.changed(standing.group, now, standing.cycle, self._rules, None) if now is not None else ()
        return Outcome((*changed, *led))

    async def _is_awaited(self, space: SpaceRef) -> bool:
        async with self._uow.read() as views:
            return any(group.settings.access.successor == space for group in await views.groups())

    async def _joined(self, joined: BotJoined, group: GroupId | None) -> Outcome:
        if group is None:
            is_behind = await self.heir(joined.ref.space) is not None
            return Outcome((TryAgain(joined.ref.space),)) if is_behind else joining.joined(joined, None, self._rules)
        known, cycle = await self._known(group), await self._cycle(group)
        moved_from = known.space if known.space != joined.ref.space else None
        outcome = joining.joined(joined, cycle, self._rules, moved_from=moved_from)
        here = replace(known, space=joined.ref.space, name=joining.room_name(joined) or known.name)
        now = await self._access(here)
        if now is None:
            return outcome
        before = here.with_settings(access=Access())
        fresh = () if known.settings.access == Access() else (StoreGroup(before),)
        return Outcome((*outcome.effects, *fresh, *access.changed(before, now, cycle, self._rules, joined.inviter)))

    async def _left(self, left: BotLeft, group: GroupId | None) -> Outcome:
        if group is None:
            return Outcome((Forsake(left.ref.space),))
        async with self._uow.read() as views:
            rows = views.group(group)
            known, cycle = await rows.group(), await rows.cycle()
            waiting = await rows.waiting(cycle.id) if cycle is not None else ()
        log.warning("put_out_of_room", room=left.ref.space.native, has_cycle=cycle is not None)
        return Outcome(access.put_out(known, cycle, waiting, self._rules, self._clock.now()))

    async def _changed(self, change: RoomChanged, group: GroupId | None) -> Outcome:
        if group is None:
            return await self._changed_behind_us(change)
        known = await self._known(group)
        now = await self._access(known)
        if now is None:
            return NOTHING
        before, cycle = known.settings.access, await self._cycle(group)
        if now != before:
            moves = "" if now.successor is None else now.successor.native
            log.warning("room_changed", room=known.space.native, may_post=now.may_post, moves_to=moves)
        return Outcome(access.changed(known, now, cycle, self._rules, change.by))

    async def _changed_behind_us(self, change: RoomChanged) -> Outcome:
        """In a room that the group has left there may be words of ours that must go."""
        group = await self.heir(change.ref.space)
        now = await self._chat.access(change.ref.space) if group is not None else None
        if group is None or now is None:
            return NOTHING
        if now.may_post:
            return Outcome((TryAgain(change.ref.space),))
        if change.by is not None:
            return NOTHING
        return Outcome(access.words_stay(await self._cycle(group), self._rules))

    async def _access(self, group: Group) -> Access | None:
        """Return what the bot may do in the group's room.

        Who the operator named leads it as well. Into a room that has a group already nobody moves.
        """
        now = await self._chat.access(group.space)
        if now is None or (now.has_moderator and now.successor is None):
            return now
        async with self._uow.read() as views:
            is_taken = now.successor is not None and await views.group_in(now.successor) is not None
            members = await views.group(group.id).members()
        is_led = now.has_moderator or any(one.user.native in self._rules.moderators for one in members)
        return replace(now, has_moderator=is_led, successor=None if is_taken else now.successor)

    async def _known(self, group: GroupId) -> Group:
        async with self._uow.read() as views:
            return await views.group(group).group()

    async def _cycle(self, group: GroupId) -> Cycle | None:
        async with self._uow.read() as views:
            return await views.group(group).cycle()
