"""What comes next: the coming prompts and digest, by what kind of thing they are."""

from collections.abc import Iterable
from datetime import date, timedelta

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest.model import NextStep
from doetank_bot.domain.group import Meeting
from doetank_bot.domain.pack import Pack, Run, Step
from doetank_bot.domain.schedule import phase_of

MAX_NEXT = 3
MAX_OFF = 2
_SOON = timedelta(days=14)
_DIGEST = "digest.send"
_PROMPT = "prompt"


def next_steps(
    pack: Pack,
    cycle: Cycle,
    waiting: Iterable[tuple[str, date]],
    today: date,
    meetings: Iterable[Meeting] = (),
    days_off: Iterable[tuple[date, str]] = (),
) -> tuple[NextStep, ...]:
    """Return the first steps after `today`, of `waiting` ones by key (`w2.do`) and local date.

    With them the next meeting and days off. Only what the group sees: no draft for the coach, no end of a pause.
    """
    ahead = sorted(((on, key) for key, on in waiting if on > today), key=lambda one: one[0])
    named = ((_what(pack, cycle, key), on) for on, key in ahead)
    steps = [NextStep(what, on) for what, on in named if what][:MAX_NEXT]
    coming = sorted((one for one in meetings if one.on > today), key=lambda one: (one.on, one.at))[:1]
    steps += [NextStep("meeting", one.on, one.at) for one in coming if one.on - today <= _SOON]
    steps += [NextStep(name, on) for on, name in list(days_off)[:MAX_OFF]]
    return tuple(sorted(steps, key=lambda one: one.on))


def _what(pack: Pack, cycle: Cycle, key: str) -> str | None:
    step = _step(pack, cycle, key)
    if step is None or step.run is Run.DRAFT:
        return None
    if step.run is Run.SEND:
        return _DIGEST
    kinds = {pack.prompt(prompt).kind.value for prompt in step.pick}
    return kinds.pop() if len(kinds) == 1 else _PROMPT


def _step(pack: Pack, cycle: Cycle, key: str) -> Step | None:
    week, _, step_id = key.removeprefix("w").partition(".")
    if not week.isdecimal():
        return None
    steps = phase_of(pack, len(cycle.weeks), int(week), cycle.phases).steps
    return next((step for step in steps if step.id == step_id), None)
