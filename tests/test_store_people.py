"""Absence, private questions, reminders and undo, as they are kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from stored import (
    ANA,
    BEN,
    NOW,
    ROOM,
    Asked,
    Scene,
    cycle_of,
    scene_in,
    step,
)

from doetank_bot.domain.cycle import Before, CycleState
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.group import Attendance, MemberStatus, Person
from doetank_bot.domain.reference import Private
from doetank_bot.domain.schedule import Run
from doetank_bot.ports import Act, NewPost


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def test_reminders_stay_when_the_plan_changes_and_go_when_the_next_cycle_begins(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), (step("w1.do", 0),))
        await group.set_timer(cycle, step("plan.1", 2, Run.PLAN))
        await group.set_timer(cycle, step("plan.1", 3, Run.PLAN))
        await group.set_timer(cycle, step("look.2", 1, Run.LOOK))
        await group.clear_timer(cycle, "look.2")
        planned = replace(cycle_of(scene.group), id=cycle)
        await group.store_cycle(planned, (step("w1.think", 1),))
        assert await group.reminders(cycle) == (step("plan.1", 3, Run.PLAN),)
        assert [waiting.key for waiting in await group.waiting(cycle)] == ["w1.think"]
        assert [due.key for due in await work.due_timers(NOW + timedelta(days=9))] == ["w1.think", "plan.1"]
        await group.store_cycle(replace(planned, state=CycleState.ENDED), ())
        # An end can be undone.
        assert await group.reminders(cycle) == (step("plan.1", 3, Run.PLAN),)
        await group.store_cycle(cycle_of(scene.group), ())
        assert await group.reminders(cycle) == ()


async def test_a_reminder_that_sets_itself_again_while_it_goes_off_waits_again(scene: Scene) -> None:
    async with scene.uow.write() as work:
        cycle = await work.group(scene.group).store_cycle(cycle_of(scene.group), ())
        await work.group(scene.group).set_timer(cycle, step("later.1", 0, Run.LATER))
    async with scene.uow.write() as work:
        [due] = await work.due_timers(NOW)
        await work.group(scene.group).set_timer(cycle, step("later.1", 1, Run.LATER))
        await work.fired(due.id, NOW)

    async with scene.uow.read() as views:
        assert await views.group(scene.group).reminders(cycle) == (step("later.1", 1, Run.LATER),)


async def test_who_comes_back_is_asked_again_from_that_moment(scene: Scene) -> None:
    later = NOW + timedelta(days=3)
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        ben = await group.set_member(BEN, "Ben", is_in=True, now=NOW)
        await group.store_member(replace(ben, attendance=Attendance.READING, away_until=date(2027, 3, 1)))
        renamed = await group.set_member(BEN, "Benno", is_in=True, now=later)
        assert (renamed.asked_since, renamed.attendance, renamed.away_until) == (
            NOW,
            Attendance.READING,
            date(2027, 3, 1),
        )
        await group.set_member(BEN, "", is_in=False, now=later)
        back = await group.set_member(BEN, "", is_in=True, now=later)
        assert (back.asked_since, back.attendance, back.away_until) == (later, Attendance.ASKED, None)


async def test_a_sponsor_is_no_member_and_a_member_does_not_become_one(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        sponsor = await group.know_sponsor(BEN, "Ben")
        assert sponsor.status is MemberStatus.SPONSOR
        assert await group.members() == (scene.ana,)
        assert (await group.know_sponsor(ANA, "")).status is MemberStatus.ACTIVE
        await work.group(scene.group).open_flow(await work.conversation(Private(BEN)), sponsor.id, Asked(number=1))
        assert await work.flow(Private(BEN), BEN) == Asked(number=1)
        assert scene.group not in await work.groups_of(BEN)


async def test_private_questions_take_turns(scene: Scene) -> None:
    async with scene.uow.write() as work:
        private = await work.conversation(Private(ANA))
        group, other = work.group(scene.group), work.group(scene.other)
        await group.store_cycle(cycle_of(scene.group), ())
        await group.open_flow(private, scene.ana.id, Asked(number=1))
        await group.queue_flow(private, scene.ana.id, Asked(number=2))
        await other.queue_flow(private, scene.ana_elsewhere.id, Asked(number=3))
        assert await work.flow(Private(ANA), ANA) == Asked(number=1)
        assert await work.next_question(ANA) is None
        await group.close_flow(private, scene.ana.id)
        assert await work.flow(Private(ANA), ANA) is None
        queued = await work.next_question(ANA)
        assert queued is not None
        assert (queued.group, queued.member, queued.state) == (scene.group, scene.ana, Asked(number=2))
        await work.unqueue(queued)
        # A group asks nothing without a cycle.
        assert await work.next_question(ANA) is None
        await work.group(scene.other).store_cycle(cycle_of(scene.other), ())
        await other.queue_flow(private, scene.ana_elsewhere.id, Asked(number=3))
        following = await work.next_question(ANA)
        assert following is not None
        assert (following.group, following.state) == (scene.other, Asked(number=3))


async def test_a_person_keeps_their_language_their_zone_and_the_group_they_talk_about(scene: Scene) -> None:
    async with scene.uow.write() as work:
        assert await work.person(ANA) == Person(ANA)
        said = Person(ANA, "en", "Europe/London", scene.other, "$waits")
        await work.store_person(said)
        await work.store_person(replace(said, waiting=None))
        assert await work.person(ANA) == replace(said, waiting=None)


async def test_the_last_act_is_kept_until_it_cannot_be_undone(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), ())
        before = Before("set", NOW, await group.group(), await group.cycle(), 3)
        await group.remember(replace(before, act="cycle.start"))
        await group.remember(before)
        assert await group.last_act() == before
        assert not await group.asked_anything_since(NOW)
        about = About(Purpose.PROMPT, cycle, "V1")
        await work.post(NewPost(Act.SEND, None, ROOM, group=scene.group, about=about), NOW)
        assert await group.asked_anything_since(NOW)
        assert not await group.asked_anything_since(NOW + timedelta(seconds=1))
        await group.forget_act()
        assert await group.last_act() is None
