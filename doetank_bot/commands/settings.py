"""`!set`: how a group wants to be spoken to and when. What it changes of the days ahead is planned anew at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from zoneinfo import available_timezones

from doetank_bot.commands.answer import shown
from doetank_bot.commands.cycle import load_stage
from doetank_bot.commands.cycle_start import DEFAULT_PACK
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.document import Bullets, Code, Document, Line, Paragraph, Text
from doetank_bot.domain.effect import Effect, Outcome, Params, StoreGroup
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Address, Group, Region
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.pack import Pack, Run, Weekday, week_time, with_rhythm
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage
from doetank_bot.flows.steps import resumed
from doetank_bot.text.words import LANGUAGE_NAMES

_ADDRESSES = {"je": Address.JE, "jij": Address.JE, "u": Address.U}
_REGIONS = {"north": Region.NOORD, "middle": Region.MIDDEN, "south": Region.ZUID, "none": Region.NONE}
_HOURS = re.compile(r"(\d{1,2})[:.](\d{2})\s*(?:-|–|tot|to|until)\s*(\d{1,2})[:.](\d{2})")
_MOMENT = re.compile(r"(\w+)\s*[= ]\s*(\w+)\s+(\d{1,2})[:.](\d{2})")
_DAYS = (
    ("ma", "maandag", "mon", "monday"),
    ("di", "dinsdag", "tue", "tuesday"),
    ("wo", "woensdag", "wed", "wednesday"),
    ("do", "donderdag", "thu", "thursday"),
    ("vr", "vrijdag", "fri", "friday"),
)
_DAY_NUMBER = {name: number for number, names in enumerate(_DAYS) for name in names}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set.

    `put` returns the group with it, or None when the words do not fit; `value` says what it is now; `example` is what
    to type after its word, where a meaning of the word table stands for its word in the reader's language.
    """

    put: Callable[[Group, str, Call], Group | None]
    value: Callable[[Group, Call], str]
    example: str
    moves_days: bool = True


def decide(call: Call, stage: Stage | None) -> Outcome:
    """Show the settings, or change one. Raises UserError, with what to type, when the words do not fit."""
    group, typed = call.scene.group, call.arguments.text("text")
    if group is None:
        raise UserError("error.no_group", prefix=call.rules.prefix)
    if typed is None:
        return Outcome((shown(call, _overview(group, call)),))
    word, _, value = typed.partition(" ")
    name = call.words.canonical(word)
    if name == "picture":
        # What it comes with may be left out.
        name, value = "digest", typed
    if name is None or name not in SETTINGS:
        raise UserError("settings.unknown", prefix=call.rules.prefix)
    changed = SETTINGS[name].put(group, value.strip().casefold(), call)
    if changed is None:
        raise UserError("settings.does_not_fit", typed=_typed(name, call))
    told = replace(call, scene=replace(call.scene, language=changed.speech))
    value_now = SETTINGS[name].value(changed, told)
    what: dict[str, Params] = {"what": call.words.word(name, changed.speech), "value": value_now}
    done = shown(call, call.catalogue.document("settings.done", what, changed.speech))
    effects = (StoreGroup(changed), *(replanned(call, stage, changed) if SETTINGS[name].moves_days else ()))
    return Outcome((*effects, done))


def replanned(call: Call, stage: Stage | None, changed: Group) -> tuple[Effect, ...]:
    """Return the effects that plan the days ahead anew for the changed group; nothing without a running cycle."""
    if stage is None or stage.cycle.state is not CycleState.RUNNING:
        return ()
    return resumed(stage.cycle, call.scene, call.rules, replace(stage, group=changed))


def _language(group: Group, value: str, _call: Call) -> Group | None:
    language = LANGUAGE_NAMES.get(value)
    return replace(group, language=language) if language else None


def _timezone(group: Group, value: str, _call: Call) -> Group | None:
    known = {name.casefold(): name for name in available_timezones()}
    return replace(group, timezone=known[value]) if value in known else None


def _window(group: Group, value: str, _call: Call) -> Group | None:
    match = _HOURS.fullmatch(value)
    found = [_time(match[1], match[2]), _time(match[3], match[4])] if match else []
    opens, closes = (*found, None, None)[:2]
    if opens is None or closes is None or opens >= closes:
        return None
    return group.with_settings(opens=opens, closes=closes)


def _rhythm(group: Group, value: str, call: Call) -> Group | None:
    match = _MOMENT.fullmatch(value)
    at = _time(match[3], match[4]) if match else None
    if match is None or at is None or match[2] not in _DAY_NUMBER:
        return None
    step, pack = match[1], _pack(call)
    weekly = {one.id for phase in pack.phases for one in phase.steps if one.on}
    if step not in weekly:
        raise UserError("settings.no_such_step", step=excerpt(step, 40), steps=", ".join(sorted(weekly)))
    moved = f"{Weekday(_DAY_NUMBER[match[2]]).name.lower()} {at:%H:%M}"
    rhythm = (*(one for one in group.settings.rhythm if one[0] != step), (step, moved))
    if _is_draft_too_late(with_rhythm(pack, rhythm)):
        raise UserError("settings.draft_too_late")
    return group.with_settings(rhythm=rhythm)


def _is_draft_too_late(pack: Pack) -> bool:
    """Whether the coach would get the draft of a digest only after it went out."""
    for phase in pack.phases:
        at = {one.run: (one.on.weekday, one.on.at) for one in phase.steps if one.on and one.run}
        if Run.DRAFT in at and Run.SEND in at and at[Run.DRAFT] >= at[Run.SEND]:
            return True
    return False


def _pack(call: Call) -> Pack:
    cycle = call.scene.cycle
    name = cycle.pack if cycle else DEFAULT_PACK
    pack = call.rules.packs.get(name)
    if pack is None:
        raise UserError("cycle.pack_gone", pack=name)
    return pack


def _time(hours: str, minutes: str) -> time | None:
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        return None


def _hours_of(group: Group, call: Call) -> str:
    window = course.calendar_of(group, call.rules).window
    return f"{window.opens:%H:%M}-{window.closes:%H:%M}"


def _rhythm_of(group: Group, call: Call) -> str:
    pack = with_rhythm(_pack(call), group.settings.rhythm)
    steps = {one.id: one.on for phase in reversed(pack.phases) for one in phase.steps if one.on}
    names = {day.name.lower(): _DAYS[day][2 if call.scene.language == "en" else 0] for day in list(Weekday)[:5]}
    said = (f"{step}={names[week_time(str(on)).weekday.name.lower()]} {on.at:%H:%M}" for step, on in steps.items())
    return ", ".join(said)


def _region(group: Group, value: str, call: Call) -> Group | None:
    region = _REGIONS.get(call.words.canonical(value) or "")
    return group.with_settings(region=region) if region else None


def _region_of(group: Group, call: Call) -> str:
    region = course.region_of(group, call.rules) or Region.NONE
    return call.words.word(next(word for word, one in _REGIONS.items() if one is region), call.scene.language)


def _address(group: Group, value: str, _call: Call) -> Group | None:
    address = _ADDRESSES.get(value)
    return group.with_settings(address=address) if address else None


def _address_of(group: Group, call: Call) -> str:
    return call.catalogue.plain("settings.address", {"address": group.settings.address}, call.scene.language)


def _is_on(value: str, call: Call) -> bool | None:
    """Read `on` or `off`; None for other words."""
    return {"on": True, "off": False}.get(call.words.canonical(value) or "")


def _nudge(group: Group, value: str, call: Call) -> Group | None:
    is_on = _is_on(value, call)
    return None if is_on is None else group.with_settings(nudges=is_on)


def _nudge_of(group: Group, call: Call) -> str:
    key = "settings.nudge_on" if group.settings.nudges else "settings.nudge_off"
    return call.catalogue.plain(key, {}, call.scene.language)


def _picture(group: Group, value: str, call: Call) -> Group | None:
    what, _, switch = value.partition(" ")
    is_on = _is_on(switch, call) if call.words.canonical(what) == "picture" else None
    return None if is_on is None else group.with_settings(shows_picture=is_on)


def _picture_of(group: Group, call: Call) -> str:
    key = "settings.picture_on" if group.settings.shows_picture else "settings.picture_off"
    return call.catalogue.plain(key, {}, call.scene.language)


SETTINGS: Mapping[str, Setting] = {
    "language": Setting(_language, lambda group, _call: group.language, "en", moves_days=False),
    "address": Setting(_address, _address_of, "u", moves_days=False),
    "timezone": Setting(_timezone, lambda group, _call: group.timezone, "Europe/Amsterdam"),
    "window": Setting(_window, _hours_of, "09:00-17:00"),
    "rhythm": Setting(_rhythm, _rhythm_of, "do=tue 10:00"),
    "region": Setting(_region, _region_of, "middle"),
    "nudge": Setting(_nudge, _nudge_of, "on", moves_days=False),
    "digest": Setting(_picture, _picture_of, "picture on", moves_days=False),
}


def _overview(group: Group, call: Call) -> Document:
    intro = call.catalogue.line("settings.overview", {}, call.scene.language)
    items = tuple(_item(name, setting, group, call) for name, setting in SETTINGS.items())
    return Document(blocks=(Paragraph(lines=(intro,)), Bullets(items=items)))


def _item(name: str, setting: Setting, group: Group, call: Call) -> Line:
    return (Code(text=_typed(name, call)), Text(text=f": {setting.value(group, call)}"))


def _typed(name: str, call: Call) -> str:
    language, meanings = call.scene.language, ("set", name, *SETTINGS[name].example.split())
    known = call.words.meanings()
    return call.rules.prefix + " ".join(call.words.word(one, language) if one in known else one for one in meanings)


SET = Command(
    name="set",
    purpose="command.set",
    load=load_stage,
    decide=decide,
    parameters=(Parameter("text", Shape.TEXT),),
    who=Who.MODERATOR,
    needs_room=True,
    is_undoable=True,
    example={"nl": "uren 10:00-16:00", "en": "hours 10:00-16:00"},
)
