"""Each group's room: is the bot in, may it speak, does someone lead, and who else can read along."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Protocol

from doetank_bot.chat.matrix import RoomStanding
from doetank_bot.check.finding import About, Finding, Weight, bad, good, note
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost
from doetank_bot.store.look import GroupSeen

N_AT_ONCE = 8
"""Enough to be done with 200 rooms in seconds, few enough to leave the homeserver to others."""

_DEADLINE_SECONDS = 60


class Rooms(Protocol):
    """Where a room's state is asked for."""

    async def room(self, room_id: str) -> RoomStanding:
        """Return how the bot stands in a room. Raises Unreachable, AuthLost."""


async def findings(there: Rooms, groups: Sequence[GroupSeen], moderators: Collection[str]) -> AsyncIterator[Finding]:
    """Yield what is not right, a line for each, and at the end in how many rooms nothing is wrong.

    `moderators` are those that the operator named for every room. What does not answer ends it: then the others are
    not asked any more. Ends within a minute.
    """
    n_sound, n_asked = 0, 0
    turns = asyncio.Semaphore(N_AT_ONCE)
    asked = [asyncio.create_task(_see(there, group, turns)) for group in groups]
    try:
        for coming in asyncio.as_completed(asked, timeout=_DEADLINE_SECONDS):
            found = list(told(*await coming, moderators))
            n_asked += 1
            n_sound += all(one.weight.exit_code == 0 for one in found)
            for finding in found:
                yield finding
    except (Unreachable, AuthLost, TimeoutError) as trouble:
        n_left = len(groups) - n_asked
        reason = str(trouble) or "it takes more than a minute"
        yield bad(About.ROOMS, f"{n_left} of {len(groups)} could not be looked at ({reason}). Try again in a minute")
    else:
        yield _sum(n_sound, len(groups))
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def told(group: GroupSeen, standing: RoomStanding, moderators: Collection[str]) -> Iterator[Finding]:
    """Yield what is not right in a group's room."""
    where = f"{group.name} ({group.room})" if group.name else group.room
    for weight, text in _not_right(group, standing, moderators):
        yield Finding(weight, About.ROOMS, f"{where}: {text}")


def of_others(groups: Sequence[GroupSeen], me: str) -> Iterator[Finding]:
    """Yield that the database holds groups of another account, which this login does not see."""
    for other in sorted({group.account for group in groups} - {me}):
        n_groups = sum(group.account == other for group in groups)
        remedy = "Set matrix.user_id to it, or leave them be"
        yield note(About.ROOMS, f"{n_groups} in the database belong to {other}, and stand still. {remedy}")


def _not_right(group: GroupSeen, standing: RoomStanding, moderators: Collection[str]) -> Iterator[tuple[Weight, str]]:
    if not standing.is_in:
        yield from _outside(group)
        return
    if standing.replaced_by is not None:
        yield Weight.BAD, _replaced(standing.replaced_by)
        return
    yield from _hindered(standing)
    if not standing.moderators and not standing.people & set(moderators):
        remedy = "Give one of them a power level of 50 or more, or name someone in bot.moderators"
        yield Weight.BAD, f"nobody there may lead a cycle. {remedy}"
    yield from _exposed(standing)


def _outside(group: GroupSeen) -> Iterator[tuple[Weight, str]]:
    if group.pack is not None:
        yield Weight.BAD, "the bot is not in the room, and a cycle is under way. Invite it again"
    elif not group.is_left:
        yield Weight.NOTE, "the bot is not in the room any more. Invite it again, if that was not meant"


def _replaced(new: str) -> str:
    if not new:
        return "the room is closed. Invite the bot into another one"
    return f"the room was replaced by {new}, where the bot is not. Invite it there; the group then goes on there"


def _hindered(standing: RoomStanding) -> Iterator[tuple[Weight, str]]:
    if standing.forbidden:
        words = ", ".join(standing.forbidden)
        yield Weight.BAD, f"the bot may not {words}. In the room's settings, under roles, let everyone do that"


def _exposed(standing: RoomStanding) -> Iterator[tuple[Weight, str]]:
    if standing.is_public:
        remedy = "In the room's settings, under security and privacy, let only those who are invited in"
        yield Weight.NOTE, f"anyone can come in (join rule “public”). {remedy}"
    if standing.is_world_readable:
        remedy = "In the room's settings, under security and privacy, let only members read the history"
        yield Weight.NOTE, f"anyone can read along without coming in (history “world_readable”). {remedy}"


def _sum(n_sound: int, n_all: int) -> Finding:
    if not n_all:
        return good(About.ROOMS, "no groups yet. Invite the bot into a room")
    return good(About.ROOMS, f"nothing is wrong in {n_sound} of {n_all}")


async def _see(there: Rooms, group: GroupSeen, turns: asyncio.Semaphore) -> tuple[GroupSeen, RoomStanding]:
    async with turns:
        return group, await there.room(group.room)
