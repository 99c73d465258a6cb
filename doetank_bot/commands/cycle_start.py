"""`!cycle start`: everything has a default, so the two words are enough."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from doetank_bot.commands import meeting
from doetank_bot.commands.answer import shown
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who
from doetank_bot.domain.cycle import Cycle, monday_of, weeks_from
from doetank_bot.domain.document import Bullets, Document
from doetank_bot.domain.effect import Effect, Open, Outcome, Show, StoreCycle
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Group, Member
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import CycleId, Private
from doetank_bot.domain.schedule import to_local
from doetank_bot.domain.view import Privacy, Rules
from doetank_bot.flows import access, course, kickoff
from doetank_bot.flows.kickoff import MAX_TITLE, KickoffState
from doetank_bot.text.preview import Course, tree

DEFAULT_PACK = "doetank"
DEFAULT_TITLE = "Doetank"
FARTHEST = timedelta(days=366)
"""A start farther away is a slip in the year."""
_DAY_BEGINS = time(9)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class _Wish:
    """Who starts what, where: the scene and arguments with their defaults filled in."""

    group: Group
    coach: Member
    pack: Pack
    n_weeks: int
    first: date
    title: str | None


async def load(call: Call, sources: Sources) -> Privacy | None:
    """Return who may see what is said in the room, where the pack is about what may hurt people."""
    pack, group = call.rules.packs.get(_name_of(call)), call.scene.group
    return await sources.chat.privacy(group.space) if pack and pack.sensitive and group else None


def decide(call: Call, privacy: Privacy | None) -> Outcome:
    """Store the cycle with its whole schedule, show the dated preview, and ask what is missing.

    The coach is told, once, what the room does not let the bot do, and of a sensitive pack who else may see what is
    said there.

    Raises UserError: a cycle is under way, no such pack, too few or too many weeks, a day that is past or too far.
    """
    wish = _wish(call)
    cycle = Cycle(
        id=CycleId(0),
        group=wish.group.id,
        title=wish.title or excerpt(wish.group.name, MAX_TITLE) or DEFAULT_TITLE,
        pack=wish.pack.name,
        coach=wish.coach.user,
        weeks=weeks_from(wish.first, wish.n_weeks),
    )
    coming = course.ahead(cycle, wish.group, call.rules, call.scene.now)
    pack, calendar = course.own_pack(cycle, wish.group, call.rules), course.calendar_of(wish.group, call.rules)
    preview = Course(cycle.title, pack, cycle.weeks, coming, calendar)
    document = tree(preview, call.catalogue, call.scene.language, wish.group.timezone)
    needs_title = wish.title is None and not wish.group.name
    effects: tuple[Effect, ...] = (StoreCycle(cycle, coming.occurrences), shown(call, document))
    begun = replace(call.scene, cycle=cycle)
    meetings = wish.group.settings.meetings
    told = (effect for one in meetings for effect in meeting.reminded(one, wish.group, begun, call.rules))
    exposed = (*access.at_start(wish.group, cycle, call.rules), *_exposed(call, cycle, privacy))
    return Outcome((*effects, *told, *exposed, *_questions(call, wish.coach, cycle, needs_title=needs_title)))


def next_working_monday(now: datetime, group: Group, rules: Rules) -> date:
    """Return the first working Monday (local date); today counts before 09:00."""
    local, calendar = to_local(now, group.timezone), course.calendar_of(group, rules)
    monday = monday_of(local.date())
    if local.date() != monday or local.time() >= _DAY_BEGINS:
        monday += _WEEK
    while not calendar.is_working(monday):
        monday += _WEEK
    return monday


def _wish(call: Call) -> _Wish:
    scene, arguments = call.scene, call.arguments
    if scene.group is None or scene.sender is None:
        raise UserError("error.members_only")
    if scene.cycle is not None:
        raise UserError("cycle.already", title=scene.cycle.title, prefix=call.rules.prefix)
    pack = _pack(call)
    first = _first_monday(call, scene.group)
    return _Wish(scene.group, scene.sender, pack, _n_weeks(call, pack), first, arguments.text("title"))


def _exposed(call: Call, cycle: Cycle, privacy: Privacy | None) -> tuple[Effect, ...]:
    """Tell the coach in private what makes the room a bad place for this pack."""
    if privacy is None:
        return ()
    ways = {
        "cycle.exposed_plain": not privacy.is_encrypted,
        "cycle.exposed_public": privacy.is_public,
        "cycle.exposed_readable": privacy.is_world_readable,
    }
    items = tuple(call.catalogue.line(key, {}, call.scene.language) for key, is_so in ways.items() if is_so)
    if not items:
        return ()
    head = call.catalogue.document("cycle.exposed", {"title": cycle.title}, call.scene.language)
    return (Show(Private(cycle.coach), Document(blocks=(*head.blocks, Bullets(items=items)))),)


def _name_of(call: Call) -> str:
    return (call.arguments.text("pack") or DEFAULT_PACK).casefold()


def _pack(call: Call) -> Pack:
    pack = call.rules.packs.get(_name_of(call))
    if pack is None:
        packs, typed = ", ".join(sorted(call.rules.packs)), call.arguments.text("pack") or DEFAULT_PACK
        raise UserError("cycle.no_such_pack", pack=typed, packs=packs, prefix=call.rules.prefix)
    return pack


def _n_weeks(call: Call, pack: Pack) -> int:
    n_weeks = call.arguments.number("weeks")
    if n_weeks is None:
        return pack.weeks.default
    if not pack.weeks.min <= n_weeks <= pack.weeks.max:
        limits = {"least": pack.weeks.min, "most": pack.weeks.max, "usual": pack.weeks.default}
        raise UserError("cycle.no_such_length", prefix=call.rules.prefix, **limits)
    return n_weeks


def _first_monday(call: Call, group: Group) -> date:
    typed = call.arguments.day("from")
    coming = next_working_monday(call.scene.now, group, call.rules)
    if typed is None:
        return coming
    today = course.today(group, call.scene.now)
    wanted = typed.on(today)
    if monday_of(wanted) < today or wanted - today > FARTHEST:
        key = "cycle.from_past" if wanted <= today or monday_of(wanted) < today else "cycle.from_far"
        raise UserError(key, day=wanted, example=coming.isoformat(), prefix=call.rules.prefix)
    return monday_of(wanted)


def _questions(call: Call, coach: Member, cycle: Cycle, *, needs_title: bool) -> tuple[Effect, ...]:
    scene = replace(call.scene, place=call.scene.lane, cycle=cycle)
    state = KickoffState(needs_title=needs_title)
    return (kickoff.ask(state, scene, call.rules), Open(scene.lane, coach.id, state))


START = Command(
    name="cycle.start",
    purpose="command.cycle_start",
    load=load,
    decide=decide,
    parameters=(
        Parameter("title", Shape.TITLE),
        Parameter("pack", Shape.WORD, is_keyword=True),
        Parameter("weeks", Shape.NUMBER, is_keyword=True),
        Parameter("from", Shape.DAY, is_keyword=True),
    ),
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
    example={
        "nl": '"Parkeren zonder papierwinkel" weken=8 vanaf=2027-02-08',
        "en": '"Parking without paper" weeks=8 from=2027-02-08',
    },
)
