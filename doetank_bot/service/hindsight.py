"""What the chat says of the time since a backup: everything in its order, with the instant it happened. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import Batch, Incoming, Invited, MessageReceived
from doetank_bot.service.resting import KEY

MARGIN = timedelta(minutes=2)
"""How much the clocks of the bot and the homeserver may differ: the bot's says when a step was due."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The gap, cut in two at the last message of our own.

    `past`: what the bot lived through, with its instants. `rest`: what came after, and nobody has taken up yet.
    `own`: our messages in it, in the order of the chat. `until`: what was due by then was done; None without `own`.
    """

    past: tuple[tuple[datetime, Incoming], ...]
    rest: tuple[Incoming, ...]
    own: tuple[MessageReceived, ...]
    until: datetime | None


def hindsight(batch: Batch, me: UserRef, now: datetime) -> Hindsight:
    """Return the gap as it went. `now` is the latest that anything can be."""
    own = tuple(
        item
        for item in batch.incoming
        # While it rested the bot took nothing up: that is still to be done.
        if isinstance(item, MessageReceived) and item.sender == me and not (item.key or "").startswith(KEY)
    )
    if not own:
        return Hindsight((), batch.incoming, (), None)
    last = min(max(message.sent_at for message in own), now)
    past, rest = list[tuple[datetime, Incoming]](), list[Incoming]()
    for instant, item in _timed(batch.incoming, me, now):
        if instant <= last and not isinstance(item, Invited):
            past.append((instant, item))
        else:
            rest.append(item)
    return Hindsight(tuple(sorted(past, key=lambda one: one[0])), tuple(rest), own, min(last + MARGIN, now))


def _timed(incoming: Sequence[Incoming], me: UserRef, now: datetime) -> list[tuple[datetime, Incoming]]:
    """Give each thing an instant, never earlier than what came before it in its space.

    What others claim counts only up to our next message there: a forged time must not move everything after it.
    """
    latest: dict[SpaceRef, datetime] = defaultdict(lambda: now)
    limits: list[datetime] = []
    for item in reversed(incoming):
        if isinstance(item, MessageReceived) and item.sender == me:
            latest[item.ref.space] = min(item.sent_at, now)
        limits.append(latest[item.ref.space])
    at: dict[SpaceRef, datetime] = {}
    timed: list[tuple[datetime, Incoming]] = []
    for item, limit in zip(incoming, reversed(limits), strict=True):
        space = item.ref.space
        before = at.get(space)
        claimed = item.sent_at if isinstance(item, MessageReceived) else before or limit
        at[space] = min(max(claimed, before or claimed), limit)
        timed.append((at[space], item))
    return timed
