"""`!break`: days on which the group is asked nothing. What was planned there moves or drops out, as on a holiday."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.cycle import load_stage
from doetank_bot.commands.settings import replanned
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.document import Bullets, Document
from doetank_bot.domain.effect import Outcome, Params, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Break, Group
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage
from doetank_bot.text.preview import exceptions

MAX_BREAKS = 10
LONGEST = timedelta(days=120)
_OF_ONE_DAY = {"rest.done": "rest.done_day", "rest.item": "rest.item_day", "rest.removed": "rest.removed_day"}
_BETWEEN = re.compile(r"\s*(?:\.\.+|\bt/m\b|\btot en met\b|\btot\b|\bto\b|\buntil\b)\s*")
_TAKEN_BACK = re.compile(r"(?:weg|remove)\s+(\d{1,2})")


def decide(call: Call, stage: Stage | None) -> Outcome:
    """List the breaks, add one, or take one back. Raises UserError for days that do not fit."""
    group, typed = call.scene.group, call.arguments.text("text")
    if group is None:
        raise UserError("error.no_group", prefix=call.rules.prefix)
    today = course.today(group, call.scene.now)
    coming = tuple(rest for rest in group.settings.breaks if rest.last >= today)
    if typed is None:
        return Outcome((shown(call, _overview(coming, call)),))
    taken = _TAKEN_BACK.fullmatch(typed.strip().casefold())
    if taken:
        return _without(int(taken[1]), coming, group, call, stage)
    rest = _rest(typed, today, call)
    if len(coming) >= MAX_BREAKS:
        raise UserError("rest.too_many", most=MAX_BREAKS)
    changed = group.with_settings(breaks=tuple(sorted({*coming, rest}, key=lambda one: one.first)))
    planned = replanned(call, stage, changed)
    return Outcome((StoreGroup(changed), *planned, shown(call, _done(rest, changed, call, stage))))


def _done(rest: Break, group: Group, call: Call, stage: Stage | None) -> Document:
    """Say what becomes of what was planned on those days."""
    params: dict[str, Params] = {**_days(rest), "prefix": call.rules.prefix}
    said = call.catalogue.document(_key("rest.done", rest), params, call.scene.language)
    if stage is None or stage.cycle.state is not CycleState.RUNNING:
        return said
    ahead = course.ahead(stage.cycle, group, call.rules, call.scene.now)
    what, days = course.to_show(stage.cycle, group, call.rules, ahead), (rest.first, rest.last)
    changes = exceptions(what, days, call.catalogue, call.scene.language, group.timezone)
    return Document(blocks=(*said.blocks, *changes.blocks))


def _without(number: int, coming: Sequence[Break], group: Group, call: Call, stage: Stage | None) -> Outcome:
    if not 1 <= number <= len(coming):
        raise UserError("rest.no_such", number=number, prefix=call.rules.prefix)
    gone = coming[number - 1]
    changed = group.with_settings(breaks=tuple(one for one in coming if one != gone))
    done = answer(call, _key("rest.removed", gone), **_days(gone))
    return Outcome((StoreGroup(changed), *replanned(call, stage, changed), done))


def _rest(typed: str, today: date, call: Call) -> Break:
    parts = _BETWEEN.split(" ".join(typed.casefold().split()))
    days = [parse_day(part) for part in parts]
    if not 1 <= len(parts) <= len(("first", "last")) or None in days:
        raise UserError("rest.no_days", prefix=call.rules.prefix)
    first, last = (day.on(today) for day in (days[0], days[-1]) if day is not None)
    if last < max(first, today) or last - first > LONGEST or last - today > timedelta(days=366):
        raise UserError("rest.do_not_fit", first=first, last=last, prefix=call.rules.prefix)
    return Break(first, last)


def _key(key: str, rest: Break) -> str:
    return key if rest.first < rest.last else _OF_ONE_DAY[key]


def _days(rest: Break) -> dict[str, Params]:
    return {"first": rest.first, "last": rest.last}


def _overview(coming: Sequence[Break], call: Call) -> Document:
    key = "rest.overview" if coming else "rest.none"
    head = call.catalogue.document(key, {"prefix": call.rules.prefix}, call.scene.language)
    items = tuple(
        call.catalogue.line(_key("rest.item", one), {"number": number, **_days(one)}, call.scene.language)
        for number, one in enumerate(coming, start=1)
    )
    return Document(blocks=(*head.blocks, Bullets(items=items))) if items else Document(blocks=head.blocks)


BREAK = Command(
    name="break",
    purpose="command.break",
    load=load_stage,
    decide=decide,
    parameters=(Parameter("text", Shape.TEXT),),
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
    example={"nl": "3 mei tot 7 mei", "en": "3 May to 7 May"},
)
