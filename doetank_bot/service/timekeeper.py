"""From a due timer to what it leads to: now, later, or not any more.

Called with the group's lock held; changes nothing itself.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from doetank_bot.domain.cycle import Cycle, CycleState
from doetank_bot.domain.effect import Effect, Outcome, Say
from doetank_bot.domain.error import Unreachable, UserError
from doetank_bot.domain.group import Group
from doetank_bot.domain.pack import AskedOf
from doetank_bot.domain.reference import GroupId, Private, Room
from doetank_bot.domain.schedule import REMINDERS, Drop, Occurrence, Run, Wait, late, next_due
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import steps
from doetank_bot.flows.attendance import N_SILENT, silent
from doetank_bot.flows.course import calendar_of, fitting_pack, today
from doetank_bot.flows.picture import week_starts
from doetank_bot.flows.sealed import TOLD_FOR, told
from doetank_bot.flows.series import names
from doetank_bot.flows.stage import Stage
from doetank_bot.ports import AskedPrompt, ChatPort, Clock, Counted, NoTally, Tally, TimerRow, UnitOfWork
from doetank_bot.service.interpreter import Origin
from doetank_bot.service.refusal import LOOK_AGAIN_AFTER
from doetank_bot.service.reminders import Reminders
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

_LOOKED_AT = 12
"""Prompts that are looked at to find the last two that everyone was asked: a series has four."""

_AWAY_FOR = timedelta(minutes=1)
"""Of a step that is later than this the bot may have missed meanwhile that the room was closed."""

Decided = tuple[Sequence[Effect], Origin] | datetime
"""What a timer leads to, or the UTC instant it must wait for."""


class Timekeeper:
    """Decides on due timers."""

    def __init__(
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        clock: Clock,
        rules: Rules,
        catalogue: Catalogue,
        words: WordTable,
        tally: Tally | None = None,
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._clock = clock
        self._rules = rules
        self._catalogue = catalogue
        self._tally = tally or NoTally()
        self._reminders = Reminders(uow, rules, catalogue, words)

    async def on_timer(self, timer: TimerRow) -> Decided:
        """Return what the timer leads to, or the UTC instant it must wait for."""
        scene, stage = await self._look(timer)
        origin = Origin(scene.language, self._rules.timezone, timer.group, timer=timer.id)
        if stage is not None and timer.occurrence.run in REMINDERS:
            return await self._reminded(timer, scene, stage, origin)
        if stage is not None and timer.key not in {one.key for one in stage.waiting}:
            # A command took the step out of the schedule just before its turn came.
            origin.timer = None
            return (), origin
        if scene.group is None or stage is None or not _is_meant(timer, stage.cycle):
            return await self._overtaken(timer) if stage is None else (), origin
        if not await self._is_open(scene.group, scene.now - timer.due_at):
            # It cannot be said there now; once it can, its rule for lateness decides.
            return scene.now + LOOK_AGAIN_AFTER
        origin.timezone = scene.group.timezone
        following = next_due(timer.occurrence, await self._others(timer, stage))
        calendar = calendar_of(scene.group, self._rules)
        verdict = late(timer.occurrence, scene.now, calendar, scene.group.timezone, following)
        if isinstance(verdict, Wait):
            return verdict.until
        return self._decided(timer, scene, stage, is_dropped=isinstance(verdict, Drop)).effects, origin

    async def _overtaken(self, timer: TimerRow) -> tuple[Effect, ...]:
        """Return what is said of a step whose message could not be sent before its cycle was over."""
        if timer.occurrence.post is None:
            return ()
        async with self._uow.read() as views:
            cycles = await views.group(timer.group).cycles()
        return tuple(steps.missed(timer.occurrence, cycle) for cycle in cycles if cycle.id == timer.cycle)

    async def _is_open(self, group: Group, late_by: timedelta) -> bool:
        if not group.settings.access.is_open or late_by < _AWAY_FOR or self._chat.is_away:
            return group.settings.access.is_open
        with contextlib.suppress(Unreachable):
            now = await self._chat.access(group.space)
            # Whether the room moves on is not for here to say: that may be into one that has a group.
            return now is not None and now.may_post
        return True

    async def _others(self, timer: TimerRow, stage: Stage) -> Sequence[Occurrence]:
        """Return the steps that may make this one pointless: of one that comes again also those that were handled."""
        if timer.occurrence.post is None:
            return stage.waiting
        async with self._uow.read() as views:
            return (*stage.waiting, *await views.group(timer.group).fired(timer.cycle))

    async def _reminded(self, timer: TimerRow, scene: Scene, stage: Stage, origin: Origin) -> Decided:
        origin.timezone = stage.group.timezone
        decided = await self._reminders.on_reminder(timer.occurrence, scene, stage)
        return decided if isinstance(decided, datetime) else (decided.effects, origin)

    async def on_sealed(self, group: GroupId) -> tuple[Sequence[Effect], Origin]:
        """Return what a group's coach is told of messages that wait for their key: mostly nothing."""
        async with self._uow.read() as views:
            rows = views.group(group)
            now = self._clock.now()
            found, cycle, sealed = await rows.group(), await rows.cycle(), await rows.sealed(now - TOLD_FOR)
        scene = Scene(now, Room(found.space), found.speech, group=found, cycle=cycle)
        return told(sealed, scene, self._rules).effects, Origin(found.speech, found.timezone, group)

    async def on_fault(self, timer: TimerRow, fault: str) -> tuple[Sequence[Effect], Origin]:
        """Return the calm sentence to the coach about a step that failed through our own fault, for the last time."""
        scene, stage = await self._look(timer)
        origin = Origin(scene.language, self._rules.timezone, timer.group, timer=timer.id)
        if stage is None:
            return (), origin
        return (Say(Private(stage.cycle.coach), "error.internal", {"fault": fault}),), origin

    def _decided(self, timer: TimerRow, scene: Scene, stage: Stage, *, is_dropped: bool) -> Outcome:
        try:
            if is_dropped:
                self._tally.count(Counted.STEP_MISSED)
                return steps.dropped(timer.occurrence, scene, stage)
            return steps.fire(timer.occurrence, scene, self._rules, stage, self._catalogue)
        except UserError as trouble:
            params = {"prefix": self._rules.prefix, **trouble.params}
            return Outcome((Say(Private(stage.cycle.coach), trouble.key, params),))

    async def _look(self, timer: TimerRow) -> tuple[Scene, Stage | None]:
        async with self._uow.read() as views:
            rows = views.group(timer.group)
            standing = await rows.standing(None)
            group, cycle = standing.group, standing.cycle
            scene = Scene(
                self._clock.now(),
                Room(group.space),
                group.speech,
                group=group,
                cycle=cycle,
                next_number=standing.next_number,
                n_groups=1,
            )
            if cycle is None or cycle.id != timer.cycle:
                return scene, None
            material, asked = await rows.material(cycle.id), await rows.prompts_asked(cycle.id)
            posted = self._counted(cycle, await rows.prompts_posted(cycle.id, _LOOKED_AT))
            givers = await rows.gave_since(posted[-1].at) if len(posted) == N_SILENT else frozenset()
            quiet = silent(material.members, posted, givers, cycle.coach, today(group, scene.now))
            per_week = await rows.n_given(cycle.id, week_starts(cycle, group))
            return scene, Stage(cycle, group, material, asked, await rows.waiting(cycle.id), quiet, per_week)

    def _counted(self, cycle: Cycle, posted: Sequence[AskedPrompt]) -> tuple[AskedPrompt, ...]:
        """Return the last prompts that each was asked: nobody is silent who leaves one of a series or of the group."""
        pack = fitting_pack(cycle, self._rules)
        if pack is None:
            return tuple(posted[:N_SILENT])
        together = {name for name, prompt in pack.prompts.items() if prompt.asked_of is AskedOf.GROUP}
        return tuple(one for one in posted if one.prompt not in together | names(pack))[:N_SILENT]


def _is_meant(timer: TimerRow, cycle: Cycle) -> bool:
    """While a cycle is paused, only its going on is carried out."""
    return cycle.state is CycleState.RUNNING or timer.occurrence.run is Run.RESUME
