"""`!meeting`: when the group meets. The digest names it, and the room hears it the working day before."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who, nothing
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.document import Bullets, Document
from doetank_bot.domain.effect import ClearTimer, Effect, Outcome, SetTimer, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Group, Meeting
from doetank_bot.domain.schedule import Run, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.reminder import reminder

MAX_MEETINGS = 20
_MOMENT = re.compile(r"(?P<day>.+?)[ ,]+(?:om |at )?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?: ?uur)?", re.IGNORECASE)
_TAKEN_BACK = re.compile(r"(?:weg|remove)\s+(\d{1,2})", re.IGNORECASE)
_TOLD_AT = time(10)


def decide(call: Call, _loaded: None) -> Outcome:
    """List the meetings to come, add one, or take one back. Raises UserError for a moment that does not fit."""
    group, typed = call.scene.group, call.arguments.text("text")
    if group is None:
        raise UserError("error.no_group", prefix=call.rules.prefix)
    coming = tuple(one for one in group.settings.meetings if one.on >= course.today(group, call.scene.now))
    if typed is None:
        return Outcome((shown(call, _overview(coming, group, call)),))
    taken = _TAKEN_BACK.fullmatch(typed.strip())
    if taken:
        return _without(int(taken[1]), coming, group, call)
    meeting = _meeting(typed, group, call)
    if len(coming) >= MAX_MEETINGS:
        raise UserError("meeting.too_many", most=MAX_MEETINGS)
    meetings = tuple(sorted({*coming, meeting}, key=lambda one: (one.on, one.at)))
    done = answer(call, "meeting.set", at=_instant(meeting, group))
    told = reminded(meeting, group, call.scene, call.rules)
    return Outcome((StoreGroup(group.with_settings(meetings=meetings)), *told, done))


def _meeting(typed: str, group: Group, call: Call) -> Meeting:
    match = _MOMENT.fullmatch(" ".join(typed.split()))
    day = parse_day(match["day"]) if match else None
    if match is None or day is None or int(match["hour"]) > 23 or int(match["minute"]) > 59:  # noqa: PLR2004 - a clock
        raise UserError("meeting.how", prefix=call.rules.prefix)
    today = course.today(group, call.scene.now)
    meeting = Meeting(day.on(today), time(int(match["hour"]), int(match["minute"])))
    if _instant(meeting, group) <= call.scene.now or meeting.on - today > timedelta(days=366):
        raise UserError("meeting.past", day=meeting.on, prefix=call.rules.prefix)
    return meeting


def reminded(meeting: Meeting, group: Group, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """Return the reminder on the working day before, when that is still to come and the scene has a cycle."""
    at = to_utc(datetime.combine(_day_before(meeting.on, group, rules), _TOLD_AT), group.timezone)
    if scene.cycle is None or at <= scene.now:
        return ()
    return (SetTimer(reminder(_key(meeting), Run.MEETING, at, scene)),)


def _day_before(day: date, group: Group, rules: Rules) -> date:
    calendar = course.calendar_of(group, rules)
    before = day - timedelta(days=1)
    while not calendar.is_working(before) and day - before < timedelta(days=14):
        before -= timedelta(days=1)
    return before


def _without(number: int, coming: Sequence[Meeting], group: Group, call: Call) -> Outcome:
    if not 1 <= number <= len(coming):
        raise UserError("meeting.no_such", number=number, prefix=call.rules.prefix)
    gone = coming[number - 1]
    changed = group.with_settings(meetings=tuple(one for one in coming if one != gone))
    return Outcome((
        StoreGroup(changed),
        ClearTimer(_key(gone)),
        answer(call, "meeting.removed", at=_instant(gone, group)),
    ))  # fmt: skip


def _overview(coming: Sequence[Meeting], group: Group, call: Call) -> Document:
    key = "meeting.overview" if coming else "meeting.none"
    head = call.catalogue.document(key, {"prefix": call.rules.prefix}, call.scene.language)
    items = tuple(
        call.catalogue.line(
            "meeting.item", {"number": number, "at": _instant(one, group)}, call.scene.language, group.timezone
        )
        for number, one in enumerate(coming, start=1)
    )
    return Document(blocks=(*head.blocks, Bullets(items=items))) if items else head


def _key(meeting: Meeting) -> str:
    return f"meeting.{datetime.combine(meeting.on, meeting.at).isoformat(timespec='minutes')}"


def _instant(meeting: Meeting, group: Group) -> datetime:
    return to_utc(datetime.combine(meeting.on, meeting.at), group.timezone)


MEETING = Command(
    name="meeting",
    purpose="command.meeting",
    load=nothing,
    decide=decide,
    parameters=(Parameter("text", Shape.TEXT),),
    who_with_text=Who.MODERATOR,
    purpose_without_text="command.meeting_read",
    is_undoable=True,
    example={"nl": "26 maart 15:30", "en": "26 March 15:30"},
)
