"""Coming into rooms and private chats, and keeping up with who is there."""

from doetank_bot.domain.cycle import Cycle, CycleState
from doetank_bot.domain.effect import NOTHING, Effect, Outcome, Params, Say, SetMember
from doetank_bot.domain.group import Member, MemberStatus
from doetank_bot.domain.hygiene import name
from doetank_bot.domain.reference import Private, Room, SpaceRef, UserRef
from doetank_bot.domain.room_effect import ForgetPrivate, Found, Join, KnowPrivate, Leave
from doetank_bot.domain.view import Rules
from doetank_bot.ports import BotJoined, Invited, MemberChanged


def invited(incoming: Invited, *, is_awaited: bool = False) -> Outcome:
    """Accept an invitation by someone the operator allows; decline any other without a word.

    Into the room that a group moved to (`is_awaited`) anyone may ask us.
    """
    space = incoming.ref.space
    return Outcome((Join(space) if incoming.is_allowed or is_awaited else Leave(space),))


def joined(incoming: BotJoined, cycle: Cycle | None, rules: Rules, *, moved_from: SpaceRef | None = None) -> Outcome:
    """Begin a group and introduce ourselves once; or, in a private chat, remember whose it is and say one line.

    With a `cycle` under way we were here before, and say only that we are back. The group of `moved_from` goes on here.
    """
    return _private(incoming, rules) if incoming.is_private else _group(incoming, cycle, rules, moved_from)


def member_changed(incoming: MemberChanged, known: Member | None, cycle: Cycle | None, rules: Rules) -> Outcome:
    """Note who came in, left or has another name; who left keeps the name they had.

    Who comes in during a cycle, also while it is paused, gets one private line; `known` is how we had them.
    """
    shown = _shown(incoming.user, incoming.name) if incoming.is_in or incoming.name else ""
    changed = SetMember(incoming.user, shown, incoming.is_in)
    is_new = incoming.is_in and (known is None or known.status is MemberStatus.LEFT)
    if not is_new or cycle is None or cycle.state is CycleState.ENDED:
        return Outcome((changed,))
    params: dict[str, Params] = {"prefix": rules.prefix, "title": cycle.title}
    return Outcome((changed, Say(Private(incoming.user), "joining.newcomer", params)))


def private_changed(incoming: MemberChanged, owner: UserRef, rules: Rules) -> Outcome:
    """Leave a private chat that is not one of two any more, saying why to who is there: nothing private goes there."""
    space, is_owner = incoming.ref.space, incoming.user == owner
    if is_owner is incoming.is_in:
        return NOTHING
    why = () if is_owner else (Say(Room(space), "joining.no_longer_private", {"prefix": rules.prefix}),)
    return Outcome((ForgetPrivate(space), *why, Leave(space)))


def room_name(incoming: BotJoined) -> str:
    """Return the room's name, cleaned; empty when it has none."""
    return name(incoming.name, "")


def _group(incoming: BotJoined, cycle: Cycle | None, rules: Rules, moved_from: SpaceRef | None) -> Outcome:
    people = tuple((user, _shown(user, shown)) for user, shown in incoming.members)
    found = Found(incoming.ref.space, room_name(incoming), people, moved_from)
    return Outcome((found, _hello(incoming, rules, _greeting(cycle, has_moved=moved_from is not None), cycle)))


def _greeting(cycle: Cycle | None, *, has_moved: bool) -> str:
    if has_moved:
        return "joining.moved" if cycle else "joining.moved_idle"
    if cycle is None:
        return "joining.introduction"
    return "joining.back" if cycle.state is CycleState.RUNNING else "joining.back_paused"


def _private(incoming: BotJoined, rules: Rules) -> Outcome:
    user = incoming.inviter or next((user for user, _ in incoming.members), None)
    if user is None:
        return NOTHING
    effects: tuple[Effect, ...] = (KnowPrivate(incoming.ref.space, user), _hello(incoming, rules, "joining.private"))
    return Outcome(effects)


def _hello(incoming: BotJoined, rules: Rules, key: str, cycle: Cycle | None = None) -> Say:
    return Say(Room(incoming.ref.space), key, {"prefix": rules.prefix, "title": cycle.title if cycle else ""})


def _shown(user: UserRef, display_name: str | None) -> str:
    return name(display_name, user.native)
