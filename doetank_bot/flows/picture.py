"""The picture of the cycle so far, after a digest, where the coach switched it on. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest.picture import CyclePicture, ExperimentSpan, ExperimentState, picture_of
from doetank_bot.domain.effect import ShowPicture
from doetank_bot.domain.group import Group
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.progress import Progress, is_over, status_of
from doetank_bot.domain.reference import Room
from doetank_bot.domain.schedule import to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage

_STATES = {
    Progress.PLANNED: ExperimentState.PLANNED,
    Progress.FINISHED: ExperimentState.REVIEWED,
    Progress.SOLVED: ExperimentState.REVIEWED,
    Progress.STOPPED: ExperimentState.STOPPED,
}


def week_starts(cycle: Cycle, group: Group) -> tuple[datetime, ...]:
    """Return the UTC instants at which the weeks begin that a picture counts; nothing where none is drawn."""
    if not group.settings.shows_picture:
        return ()
    return tuple(to_utc(datetime.combine(day, time()), group.timezone) for day in cycle.weeks)


def after_digest(stage: Stage, scene: Scene, rules: Rules) -> tuple[ShowPicture, ...]:
    """Return the picture for the room, or nothing where it is not switched on."""
    if not stage.group.settings.shows_picture:
        return ()
    picture = so_far(stage, course.pack_of(stage.cycle, rules), scene.now)
    return (ShowPicture(Room(stage.group.space), picture),)


def so_far(stage: Stage, pack: Pack, now: datetime) -> CyclePicture:
    """Return how the cycle stands at the instant `now`. Raises as `picture_of`."""
    cycle, group = stage.cycle, stage.group
    week = cycle.week_on(course.today(group, now))
    spans = tuple(_spans(cycle, group, stage.material.contributions))
    return picture_of(cycle, pack, len(stage.taking_part), stage.per_week, spans, week)


def _spans(cycle: Cycle, group: Group, given: Sequence[Contribution]) -> Iterator[ExperimentSpan]:
    for one in given:
        if one.kind is ContributionKind.EXPERIMENT and one.field is None:
            parts = [part for part in given if part.part_of == one.number]
            state, ended = _state(parts)
            yield ExperimentSpan(one.number, state, _week_of(one, cycle, group), _week_of(ended, cycle, group))


def _state(parts: Sequence[Contribution]) -> tuple[ExperimentState, Contribution | None]:
    """Return how far an experiment is, and what ended it: a status that says so, or its review."""
    said = status_of(parts)
    review = next((one for one in parts if one.kind is ContributionKind.REVIEW), None)
    if review is not None and not is_over(parts):
        return ExperimentState.REVIEWED, review
    state = ExperimentState.RUNNING if said is None else _STATES.get(Progress(said.text), ExperimentState.RUNNING)
    return state, said if is_over(parts) else None


def _week_of(one: Contribution | None, cycle: Cycle, group: Group) -> int:
    at = None if one is None else one.created_at
    return cycle.week_on(to_local(at, group.timezone).date()) if at else 0
