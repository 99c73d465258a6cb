"""A group's own week: the pack's weekly steps on other days or at other times."""

from collections.abc import Iterable

from pydantic import TypeAdapter

from doetank_bot.domain.pack.model import Pack
from doetank_bot.domain.pack.phase import On, Phase, Step, WeekTime


def with_rhythm(pack: Pack, rhythm: Iterable[tuple[str, str]]) -> Pack:
    """Return the pack with its weekly steps moved: pairs of a step's id and `tue 10:00`. Unknown ids change nothing."""
    moved = {step: week_time(at) for step, at in rhythm}
    if not moved:
        return pack
    phases = tuple(phase.model_copy(update={"steps": tuple(_steps(phase, moved))}) for phase in pack.phases)
    return pack.model_copy(update={"phases": phases})


def week_time(text: str) -> WeekTime:
    """Return `tue 10:00` as a moment of the week. Raises pydantic's ValidationError, a ValueError."""
    return TypeAdapter(On).validate_python(text)


def _steps(phase: Phase, moved: dict[str, WeekTime]) -> Iterable[Step]:
    for step in phase.steps:
        is_moved = step.on is not None and step.id in moved
        yield step.model_copy(update={"on": moved[step.id]}) if is_moved else step
