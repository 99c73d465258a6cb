"""Who does what in a cycle: `!role` hands over the coaching, `!sponsor` says who is asked for a yes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from doetank_bot.commands.answer import answer
from doetank_bot.commands.cycle import running
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who
from doetank_bot.domain.effect import Effect, KnowSponsor, Outcome, Say, StoreCycle, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Member
from doetank_bot.domain.reference import Private, UserRef
from doetank_bot.domain.schedule import Occurrence

_USER = re.compile(r"@[^\s:]{1,200}:[^\s]{1,200}")
_ADDRESSED = re.compile(r"[<\[(].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class People:
    """The group's active members, and the steps to come."""

    members: tuple[Member, ...]
    waiting: tuple[Occurrence, ...] = ()


async def _load(call: Call, sources: Sources) -> People:
    if sources.group is None:
        return People(())
    cycle = call.scene.cycle
    return People(await sources.group.members(), await sources.group.waiting(cycle.id) if cycle else ())


def _role(call: Call, people: People) -> Outcome:
    """Hand the cycle over to a member. Raises UserError: no cycle, or nobody by that name."""
    now = running(call)
    coach = one_named(call.arguments.text("text") or "", people.members, call)
    if coach.user == now.cycle.coach:
        return Outcome((answer(call, "role.already", name=coach.name),))
    changed = StoreCycle(replace(now.cycle, coach=coach.user), people.waiting)
    told = Say(Private(coach.user), "role.you_coach", {"title": now.cycle.title, "prefix": call.rules.prefix})
    return Outcome((changed, answer(call, "role.done", name=coach.name), told))


def one_named(typed: str, members: Sequence[Member], call: Call) -> Member:
    """Return the member with that id or name. Raises UserError when there is none, or more than one."""
    bare = _ADDRESSED.sub("", typed).strip().lstrip("@").casefold() or typed.strip().lstrip("@").casefold()
    wanted = typed.strip().casefold()
    found = [one for one in members if one.user.native.casefold() == wanted or one.name.casefold() == bare]
    if not found:
        found = [one for one in members if bare and bare in {one.name.casefold().partition(" ")[0], _local(one.user)}]
    if len(found) != 1:
        raise UserError("role.nobody", names=", ".join(one.name for one in members), prefix=call.rules.prefix)
    return found[0]


def _local(user: UserRef) -> str:
    return user.native.lstrip("@").partition(":")[0].casefold()


def _sponsor(call: Call, people: People) -> Outcome:
    """Say who the sponsor is, or set it. Raises UserError for what is no user id."""
    group, typed = call.scene.group, (call.arguments.text("text") or "").strip()
    if group is None:
        raise UserError("error.no_group", prefix=call.rules.prefix)
    if not typed:
        known = group.settings.sponsor
        key = "sponsor.is" if known else "sponsor.none"
        return Outcome((answer(call, key, user=known.native if known else ""),))
    if call.words.canonical(typed) == "nobody":
        return Outcome((StoreGroup(group.with_settings(sponsor=None)), answer(call, "sponsor.removed")))
    user = _user(typed, people.members, call)
    set_ = StoreGroup(group.with_settings(sponsor=user))
    told: tuple[Effect, ...] = (Say(Private(user), "sponsor.hello", {"group": group.name}),)
    return Outcome((KnowSponsor(user), set_, *told, answer(call, "sponsor.set", user=user.native)))


def _user(typed: str, members: Sequence[Member], call: Call) -> UserRef:
    match = _USER.search(typed)
    if match is not None:
        return UserRef(call.rules.me.account, match[0].rstrip(")>]"))
    try:
        return one_named(typed, members, call).user
    except UserError:
        raise UserError("sponsor.no_id", prefix=call.rules.prefix) from None


ROLE = Command(
    name="role.coach",
    purpose="command.role",
    load=_load,
    decide=_role,
    parameters=(Parameter("text", Shape.TEXT, is_required=True),),
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
    example={"nl": "Fatima", "en": "Fatima"},
)
SPONSOR = Command(
    name="sponsor",
    purpose="command.sponsor",
    load=_load,
    decide=_sponsor,
    parameters=(Parameter("text", Shape.TEXT),),
    who=Who.MODERATOR,
    example={"nl": "@erik:gemeente.example", "en": "@erik:town.example"},
)
