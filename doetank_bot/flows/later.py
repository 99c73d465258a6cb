"""Putting a question off: it stays where it is and comes back at the time that was asked. Pure."""

import re
from datetime import datetime, timedelta

from doetank_bot.domain.effect import Effect, SetTimer
from doetank_bot.domain.flow import FlowState, Step
from doetank_bot.domain.reference import MemberId
from doetank_bot.domain.schedule import Run, to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.control import bare
from doetank_bot.flows.form import say
from doetank_bot.flows.reminder import reminder

FARTHEST = timedelta(days=28)

_DELAY = re.compile(r"(?P<n>\d{1,3}) ?(?P<unit>[a-z]+)", re.ASCII)
_UNITS = {
    timedelta(minutes=1): ("m", "min", "minuut", "minuten", "minute", "minutes"),
    timedelta(hours=1): ("u", "uur", "uren", "h", "hour", "hours"),
    timedelta(days=1): ("d", "dag", "dagen", "day", "days"),
    timedelta(weeks=1): ("w", "week", "weken", "weeks"),
}
_UNIT = {name: unit for unit, names in _UNITS.items() for name in names}


def parse_delay(text: str) -> timedelta | None:
    """Return how long `2h`, `2 uur`, `30 min` or `1 dag` is, or None. More than four weeks is None too."""
    match = _DELAY.fullmatch(" ".join(text.casefold().split()))
    unit = _UNIT.get(match["unit"]) if match else None
    delay = int(match["n"]) * unit if match and unit else timedelta()
    return delay if timedelta() < delay <= FARTHEST else None


def put_off(state: FlowState, text: str, scene: Scene, rules: Rules) -> Step:
    """Keep the question open and let it come back: after the time in `text`, else when the next working day begins."""
    return Step(state, comes_again(text, scene, rules))


def comes_again(text: str, scene: Scene, rules: Rules, prompt: str | None = None) -> tuple[Effect, ...]:
    """Return what lets everything open come back to the sender; of a `prompt` in the room a private line says so."""
    if scene.cycle is None or scene.group is None or scene.sender is None:
        return (say(scene, rules, "later.stays"),)
    typed = bare(text).partition(" ")[2]
    delay = parse_delay(typed)
    if typed and delay is None:
        return (say(scene, rules, "later.how"),)
    at = comes_back(delay, scene, rules)
    which = key(scene.sender.id) if prompt is None else f"{key(scene.sender.id)}.{prompt}"
    prompts = () if prompt is None else (prompt,)
    timer = reminder(which, Run.LATER, at, scene, member=scene.sender.id, prompts=prompts)
    return (SetTimer(timer), say(scene, rules, "later.set", at=at))


def key(member: MemberId) -> str:
    """Return the key of a member's one put-off."""
    return f"later.{member}"


def comes_back(delay: timedelta | None, scene: Scene, rules: Rules) -> datetime:
    """Return the UTC instant: after `delay`, or at the next opening of the group's hours on another day."""
    if delay is not None or scene.group is None:
        return scene.now + (delay or timedelta(days=1))
    local = to_local(scene.now, scene.group.timezone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), datetime.min.time())
    return to_utc(course.calendar_of(scene.group, rules).next_opening(tomorrow), scene.group.timezone)
