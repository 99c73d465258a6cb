"""What the bot may do in a group's room changed, or it was put out: what that means for the cycle, and who is told.

The coach is told in private, once: the room may be closed to the bot, and the group has nothing to mend.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from doetank_bot.domain import cycle as life
from doetank_bot.domain.cycle import Cycle, CycleState
from doetank_bot.domain.effect import Effect, ForgetAct, Params, Say, StoreCycle, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Access, Group
from doetank_bot.domain.reference import Private, SpaceRef, UserRef
from doetank_bot.domain.room_effect import Forsake, Join, TryAgain
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Rules
from doetank_bot.flows import course

_NAMED = 3


def changed(group: Group, now: Access, cycle: Cycle | None, rules: Rules, by: UserRef | None) -> tuple[Effect, ...]:
    """Return what a change of the bot's rights leads to; nothing when all is as it was.

    What was refused is tried again when it may be done. The coach hears of a room that is closed to the bot, where it
    cannot take back what it said, or that all moderators left; who moved the room (`by`) hears what to do when there is
    no coach.
    """
    before = group.settings.access
    tried: tuple[Effect, ...] = (TryAgain(group.space),) if now.may_post else ()
    if now == before:
        return tried
    # To go back to how things stood before would be to forget what is known of the room.
    known = (StoreGroup(group.with_settings(access=now)), ForgetAct(), *tried)
    if now.successor is not None:
        return known if now.successor == before.successor else (*known, *_moving(now.successor, cycle, rules, by))
    return (*known, *_told(before, now, cycle, rules))


def at_start(group: Group, cycle: Cycle, rules: Rules) -> tuple[Effect, ...]:
    """Return what the coach of a new cycle is told of what the room does not let the bot do."""
    return _told(Access(), group.settings.access, cycle, rules)


def put_out(
    group: Group, cycle: Cycle | None, waiting: Sequence[Occurrence], rules: Rules, now: datetime
) -> tuple[Effect, ...]:
    """Return what it leads to that the bot is no longer in the group's room: its cycle stands still from now on.

    Not when the room moved: then the bot waits to be asked into the new one.
    """
    gone: tuple[Effect, ...] = (Forsake(group.space),)
    if cycle is None or group.settings.access.successor is not None:
        return gone
    told = Say(Private(cycle.coach), "access.put_out", _params(cycle, rules))
    if cycle.state is not CycleState.RUNNING:
        return (*gone, told)
    stopped = life.pause(cycle, course.today(group, now))
    # Also when the operator took its pack away.
    with contextlib.suppress(UserError):
        stopped = course.stopped(stopped, group, rules, waiting)
    return (*gone, StoreCycle(stopped, ()), ForgetAct(), told)


def words_stay(cycle: Cycle | None, rules: Rules) -> tuple[Effect, ...]:
    """Tell the coach that words that must go are still in a room that the group has left, where we may not delete."""
    if cycle is None:
        return ()
    return (Say(Private(cycle.coach), "access.words_stay", _params(cycle, rules)),)


def _moving(to: SpaceRef, cycle: Cycle | None, rules: Rules, by: UserRef | None) -> tuple[Effect, ...]:
    who = cycle.coach if cycle is not None else by
    key = "access.moving" if cycle is not None else "access.moving_idle"
    asked: tuple[Effect, ...] = () if who is None else (Say(Private(who), key, _params(cycle, rules)),)
    return (Join(to), *asked)


def _told(before: Access, now: Access, cycle: Cycle | None, rules: Rules) -> tuple[Effect, ...]:
    if cycle is None:
        return ()
    keys = []
    if before.may_post != now.may_post:
        keys.append("access.may_post" if now.may_post else "access.muted")
    if now.keeps_words and not before.keeps_words:
        keys.append("access.keeps_words")
    if before.has_moderator and not now.has_moderator:
        keys.append("access.unled_named" if rules.moderators else "access.unled")
    return tuple(Say(Private(cycle.coach), key, _params(cycle, rules)) for key in keys)


def _params(cycle: Cycle | None, rules: Rules) -> dict[str, Params]:
    return {
        "title": cycle.title if cycle else "",
        "me": rules.me.native,
        "prefix": rules.prefix,
        "who": ", ".join(sorted(rules.moderators)[:_NAMED]),
    }
