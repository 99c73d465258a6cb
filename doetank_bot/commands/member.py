"""A member's own attendance: away until a day, resting, and back. In the room or in private; nobody else is told."""

from dataclasses import replace
from datetime import date, timedelta

from doetank_bot.commands.answer import answer
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who, nothing
from doetank_bot.domain.effect import Outcome, StoreMember
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Attendance, Group, Member
from doetank_bot.flows import course
from doetank_bot.flows.attendance import asked_again

FARTHEST = timedelta(days=366)


def _who(call: Call) -> tuple[Group, Member]:
    if call.scene.group is None or call.scene.sender is None:
        raise UserError("error.members_only")
    return call.scene.group, call.scene.sender


def _away(call: Call, _loaded: None) -> Outcome:
    group, member = _who(call)
    typed, today = call.arguments.day("until"), course.today(group, call.scene.now)
    day: date = typed.on(today) if typed is not None else today
    if not today < day <= today + FARTHEST:
        raise UserError("attendance.no_such_day", day=day, prefix=call.rules.prefix)
    return Outcome((StoreMember(replace(member, away_until=day)), answer(call, "attendance.away", day=day)))


def _rest(call: Call, _loaded: None) -> Outcome:
    _group, member = _who(call)
    resting = replace(member, attendance=Attendance.RESTING)
    return Outcome((StoreMember(resting), answer(call, "attendance.resting")))


def _back(call: Call, _loaded: None) -> Outcome:
    _group, member = _who(call)
    return Outcome((StoreMember(asked_again(member, call.scene.now)), answer(call, "attendance.back")))


AWAY = Command(
    name="away",
    purpose="command.away",
    load=nothing,
    decide=_away,
    parameters=(Parameter("until", Shape.DAY, is_required=True),),
    who=Who.MEMBER,
    example={"nl": "tot 8 maart", "en": "until 8 March"},
)
REST = Command(name="pause", purpose="command.pause", load=nothing, decide=_rest, who=Who.MEMBER)
BACK = Command(name="resume", purpose="command.resume", load=nothing, decide=_back, who=Who.MEMBER)
