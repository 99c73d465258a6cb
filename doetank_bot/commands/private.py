"""How someone wants it: their own language and zone in private, a question later, taking part no more, what is kept."""

from dataclasses import dataclass, replace
from zoneinfo import available_timezones

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who, nothing
from doetank_bot.domain.effect import Effect, Open, Outcome, SetTimer, StorePerson
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Person
from doetank_bot.domain.schedule import Run
from doetank_bot.flows import leaving
from doetank_bot.flows.later import comes_back, key, parse_delay
from doetank_bot.flows.leaving import LeavingState
from doetank_bot.flows.reminder import reminder
from doetank_bot.text.words import LANGUAGE_NAMES


async def _person(call: Call, sources: Sources) -> Person:
    if call.scene.sender is None:
        raise UserError("error.members_only")
    return await sources.views.person(call.scene.sender.user)


def _language(call: Call, person: Person) -> Outcome:
    """Speak this language with them in private. Raises UserError for another one."""
    language = LANGUAGE_NAMES.get((call.arguments.text("text") or "").strip(" .!").casefold())
    if language is None:
        raise UserError("private.no_language", prefix=call.rules.prefix)
    chosen, scene = replace(person, language=language), call.scene
    spoken = chosen.speech(scene.group.speech if scene.group else language) if scene.is_private else scene.language
    said = call.catalogue.document(f"private.language_{language}", {}, spoken)
    return Outcome((StorePerson(chosen), shown(call, said)))


def _timezone(call: Call, person: Person) -> Outcome:
    """Tell them times in this zone in private. Raises UserError for what is no zone."""
    known = {name.casefold(): name for name in available_timezones()}
    zone = known.get((call.arguments.text("text") or "").strip(" .!").casefold())
    if zone is None:
        raise UserError("private.no_timezone", prefix=call.rules.prefix)
    return Outcome((StorePerson(replace(person, timezone=zone)), answer(call, "private.timezone", zone=zone)))


@dataclass(frozen=True, slots=True)
class Asked:
    """How many questions wait for the member's answer."""

    n_open: int = 0


async def _open(call: Call, sources: Sources) -> Asked:
    if call.scene.sender is None or sources.group is None:
        return Asked()
    return Asked(len(await sources.group.flows_of(call.scene.sender.id)))


def _later(call: Call, asked: Asked) -> Outcome:
    """Let what is asked of them come back later. Raises UserError: nothing is, or no such time."""
    scene, typed = call.scene, call.arguments.text("text")
    delay = parse_delay(typed) if typed else None
    if typed and delay is None:
        raise UserError("later.how", prefix=call.rules.prefix)
    if not asked.n_open or scene.sender is None or scene.cycle is None:
        raise UserError("later.nothing")
    at = comes_back(delay, scene, call.rules)
    timer = reminder(key(scene.sender.id), Run.LATER, at, scene, member=scene.sender.id)
    return Outcome((SetTimer(timer), answer(call, "later.set", at=at)))


def _stop(call: Call, _loaded: None) -> Outcome:
    """Ask once whether they are sure."""
    if call.scene.sender is None:
        raise UserError("error.members_only")
    state = LeavingState()
    asked = leaving.begin(state, call.scene, call.rules, call.words).effects
    opened: tuple[Effect, ...] = (Open(call.scene.lane, call.scene.sender.id, state),)
    return Outcome((*asked, *opened))


def _privacy(call: Call, _loaded: None) -> Outcome:
    return Outcome((answer(call, "private.privacy"),))


def _group(call: Call, _loaded: None) -> Outcome:
    name = call.scene.group.name if call.scene.group else ""
    return Outcome((answer(call, "which.now", group=name),))


_TEXT = Parameter("text", Shape.TEXT, is_required=True)
PRIVATE: tuple[Command[Person] | Command[Asked] | Command[None], ...] = (
    Command(
        name="language",
        purpose="command.language",
        load=_person,
        decide=_language,
        parameters=(_TEXT,),
        who=Who.MEMBER,
        example={"nl": "en", "en": "nl"},
    ),
    Command(
        name="timezone",
        purpose="command.timezone",
        load=_person,
        decide=_timezone,
        parameters=(_TEXT,),
        who=Who.MEMBER,
        example={"nl": "America/Kralendijk", "en": "America/Kralendijk"},
    ),
    Command(
        name="later",
        purpose="command.later",
        load=_open,
        decide=_later,
        parameters=(Parameter("text", Shape.TEXT),),
        who=Who.MEMBER,
        example={"nl": "2 uur", "en": "2 hours"},
    ),
    Command(name="stop", purpose="command.stop", load=nothing, decide=_stop, who=Who.MEMBER),
    Command(name="privacy", purpose="command.privacy", load=nothing, decide=_privacy, needs_group=False),
    Command(name="group", purpose="command.group", load=nothing, decide=_group, who=Who.MEMBER),
)
