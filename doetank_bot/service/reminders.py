"""Loads what a due reminder is about, and whether it may go out now. Changes nothing itself."""

from datetime import datetime, time, timedelta

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import Outcome
from doetank_bot.domain.reference import MemberId, MessageRef
from doetank_bot.domain.schedule import Occurrence, Run, to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.course import calendar_of, today
from doetank_bot.flows.reminding import Reminded, Reminder, remind
from doetank_bot.flows.stage import Stage
from doetank_bot.ports import GroupViews, UnitOfWork
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

_ASKED_FOR = frozenset({Run.LATER})
"""What someone asked for at that time comes at any hour, also while the cycle is paused."""
_LAST_PROMPTS = 50


class Reminders:
    """Decides on due reminders."""

    def __init__(self, uow: UnitOfWork, rules: Rules, catalogue: Catalogue, words: WordTable) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._rules = rules
        self._catalogue = catalogue
        self._words = words

    async def on_reminder(self, step: Occurrence, scene: Scene, stage: Stage) -> Outcome | datetime:
        """Return what the reminder leads to, or the UTC instant to wait for: open hours, no pause, someone back."""
        until = self._waits_until(step, scene, stage)
        if until is not None:
            return until
        async with self._uow.read() as views:
            about = await _about(views.group(stage.group.id), step, stage)
        back_on = about.member.away_until if about.member is not None and step.run is Run.PLAN else None
        if back_on is not None and back_on > today(stage.group, scene.now):
            return self._opening(datetime.combine(back_on, time()), stage)
        return remind(Reminder(step, about, scene, self._rules, stage), self._catalogue, self._words)

    def _waits_until(self, step: Occurrence, scene: Scene, stage: Stage) -> datetime | None:
        if step.run in _ASKED_FOR:
            return None
        local = to_local(scene.now, stage.group.timezone)
        if stage.cycle.state is CycleState.PAUSED:
            return self._opening(local + timedelta(days=1), stage)
        return None if calendar_of(stage.group, self._rules).is_open(local) else self._opening(local, stage)

    def _opening(self, local: datetime, stage: Stage) -> datetime:
        return to_utc(calendar_of(stage.group, self._rules).next_opening(local), stage.group.timezone)


async def _about(group: GroupViews, step: Occurrence, stage: Stage) -> Reminded:
    settings = stage.group.settings
    is_for_sponsor = step.run is Run.ASK and settings.sponsor is not None
    member = None
    if is_for_sponsor and settings.sponsor is not None:
        member = await group.member(settings.sponsor)
    elif step.member is not None:
        member = await group.member_by_id(MemberId(step.member))
    is_about_prompt = step.run in {Run.NUDGE, Run.LATER} and step.prompts
    givers = await _givers(group, step, stage) if is_about_prompt else frozenset()
    return Reminded(
        card=await group.numbered(step.number) if step.number is not None else None,
        parts=await group.parts_of([step.number]) if step.number is not None else (),
        member=member,
        asking=await group.flows_of(member.id) if member is not None and step.run is Run.LATER else (),
        root=await _root(group, step, stage) if step.run is Run.SERIES else None,
        givers=givers,
    )


async def _root(group: GroupViews, step: Occurrence, stage: Stage) -> MessageRef | None:
    """Return the message that began the series: of a look back the one that quotes its experiment."""
    first = step.prompts[0]
    if step.number is not None:
        quoting = await group.posts_quoting(step.number)
        return next((post.message for post in reversed(quoting) if post.about.prompt == first and post.message), None)
    posted = await group.prompts_posted(stage.cycle.id, _LAST_PROMPTS)
    return next((one.message for one in posted if one.prompt == first and one.message), None)


async def _givers(group: GroupViews, step: Occurrence, stage: Stage) -> frozenset[MemberId]:
    posted = await group.prompts_posted(stage.cycle.id, _LAST_PROMPTS)
    prompt = next((one for one in posted if one.prompt in step.prompts), None)
    return await group.gave_since(prompt.at) if prompt is not None else frozenset()
