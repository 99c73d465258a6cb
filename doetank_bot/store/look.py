"""A look at a whole database from outside, beside a running bot or without one: nothing in it is changed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from doetank_bot.domain.cycle import CycleState
from doetank_bot.ports import UNSENT
from doetank_bot.store import sqlite
from doetank_bot.store.column import UtcDateTime
from doetank_bot.store.inbox import InboxState
from doetank_bot.store.migration import looking
from doetank_bot.store.tables import DONE, cycles, groups, inbox, outbox, spaces


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A group of the bot's login `account`: its room's id and name, whether the bot left that, an open cycle's pack."""

    account: str
    room: str
    name: str
    is_left: bool
    pack: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """What there is, and what went wrong since the instant that was asked for.

    `broken` are tables with a row whose parent is gone, `set_aside` counts what came in and could not be handled,
    `refused` what could not be sent, by the homeserver's reason.
    """

    broken: tuple[str, ...]
    groups: tuple[GroupSeen, ...]
    set_aside: int
    refused: tuple[tuple[str, int], ...]


async def look(url: str, since: datetime) -> Look:
    """Look at a database with this version's schema; `since` is a UTC instant. Raises Busy, Unreadable."""
    return await asyncio.to_thread(_look, url, since)


def _look(url: str, since: datetime) -> Look:
    asked = {"since": since}
    with looking(url) as connection:
        return Look(
            sqlite.broken_references(connection),
            tuple(GroupSeen(*row) for row in connection.execute(_GROUPS)),
            connection.execute(_SET_ASIDE, asked).scalar_one(),
            tuple((row.reason, row.n) for row in connection.execute(_REFUSED, asked)),
        )


_OPEN = cycles.c.state.in_((CycleState.RUNNING, CycleState.PAUSED))
_SINCE = bindparam("since", type_=UtcDateTime)
_GROUPS = (
    select(groups.c.account, groups.c.space, groups.c.name, spaces.c.is_left, cycles.c.pack)
    .join(spaces, and_(spaces.c.account == groups.c.account, spaces.c.native == groups.c.space))
    .outerjoin(cycles, and_(cycles.c.group_id == groups.c.id, _OPEN))
    .order_by(groups.c.id)
)
_SET_ASIDE = select(func.count()).where(
    # The first condition lets the index of what is not done be used.
    inbox.c.state != DONE,
    inbox.c.state == InboxState.POISON,
    inbox.c.received_at >= _SINCE,
)
_REFUSED = (
    select(outbox.c.reason, func.count().label("n"))
    .where(outbox.c.state.in_(UNSENT), outbox.c.settled_at >= _SINCE)
    .group_by(outbox.c.reason)
    .order_by(outbox.c.reason)
)
