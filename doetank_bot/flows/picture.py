"""The picture of the cycle so far, after a digest, where the coach switched it on. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest.picture import ExperimentSpan, ExperimentState, picture_of
from doetank_bot.domain.effect import ShowPicture
from doetank_bot.domain.group import Group
from doetank_bot.domain.reference import Room
from doetank_bot.domain.schedule import to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage


def week_starts(cycle: Cycle, group: Group) -> tuple[datetime, ...]:
    """Return the UTC instants at which the weeks begin that a picture counts; nothing where none is drawn."""
    if not group.settings.shows_picture:
        return ()
    return tuple(to_utc(datetime.combine(day, time()), group.timezone) for day in cycle.weeks)


def after_digest(stage: Stage, scene: Scene, rules: Rules) -> tuple[ShowPicture, ...]:
    """Return the picture for the room, or nothing where it is not switched on."""
    cycle, group, material = stage.cycle, stage.group, stage.material
    if not group.settings.shows_picture:
        return ()
    week = cycle.week_on(course.today(group, scene.now))
    spans = tuple(_spans(cycle, group, material.contributions))
    pack, n_members = course.pack_of(cycle, rules), len(material.members)
    picture = picture_of(cycle, pack, n_members, stage.per_week, spans, week)
    return (ShowPicture(Room(group.space), picture),)


def _spans(cycle: Cycle, group: Group, given: Sequence[Contribution]) -> Iterator[ExperimentSpan]:
    reviewed = {one.part_of: one for one in given if one.kind is ContributionKind.REVIEW and one.part_of is not None}
    for one in given:
        if one.kind is not ContributionKind.EXPERIMENT or one.field is not None:
            continue
        review = reviewed.get(one.number)
        state = ExperimentState.RUNNING if review is None else ExperimentState.REVIEWED
        last = 0 if review is None else _week_of(review, cycle, group)
        yield ExperimentSpan(one.number, state, _week_of(one, cycle, group), last)


def _week_of(one: Contribution, cycle: Cycle, group: Group) -> int:
    return cycle.week_on(to_local(one.created_at, group.timezone).date()) if one.created_at else 0
