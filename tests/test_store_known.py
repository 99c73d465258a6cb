"""Who may be answering beside the thread: the only talk of which the screen lets anything through."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from stored import ANA, BEN, NOW, OTHER_ROOM, ROOM, Scene, cycle_of, message, quoting, scene_in

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.group import Attendance
from doetank_bot.domain.reference import CycleId, SpaceRef, UserRef
from doetank_bot.ports import PostState

EVERYONE = [(space, user) for space in (ROOM, OTHER_ROOM) for user in (ANA, BEN)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def ask(scene: Scene, space: SpaceRef = OTHER_ROOM, state: PostState = PostState.SENT) -> CycleId:
    """Begin a cycle in the second group and ask it something, there unless told."""
    async with scene.uow.write() as work:
        cycle = await work.group(scene.other).store_cycle(cycle_of(scene.other), ())
        about = About(Purpose.PROMPT, cycle, prompt="V1")
        post = await work.post(quoting(scene.other, space=space, about=about), NOW)
        if state is not PostState.WAITING:
            await work.settle(post.id, state, "$prompt", NOW)
    return cycle


async def unhinted(scene: Scene, since: timedelta = timedelta()) -> frozenset[tuple[SpaceRef, UserRef]]:
    async with scene.uow.read() as views:
        return await views.unhinted(EVERYONE, NOW + since)


async def test_members_are_named_only_for_the_room_in_which_something_was_asked_since(scene: Scene) -> None:
    assert not await unhinted(scene)
    await ask(scene)
    assert await unhinted(scene) == {(OTHER_ROOM, ANA), (OTHER_ROOM, BEN)}
    assert not await unhinted(scene, timedelta(microseconds=1))
    async with scene.uow.read() as views:
        assert await views.unhinted([(OTHER_ROOM, BEN), (ROOM, ANA)], NOW) == {(OTHER_ROOM, BEN)}
        assert not await views.unhinted([], NOW)


async def test_who_was_hinted_rests_or_left_is_not_named(scene: Scene) -> None:
    await ask(scene)
    async with scene.uow.write() as work:
        group = work.group(scene.other)
        await group.store_member(replace(scene.ana_elsewhere, is_hinted=True))
        # Someone who comes back was told before.
        await group.set_member(ANA, "Ana", is_in=False)
        await group.set_member(ANA, "Ana", is_in=True, now=NOW)
    assert await unhinted(scene) == {(OTHER_ROOM, BEN)}
    async with scene.uow.write() as work:
        ben = await work.group(scene.other).set_member(BEN, "Ben", is_in=True)
        await work.group(scene.other).store_member(replace(ben, attendance=Attendance.RESTING))
    assert not await unhinted(scene)
    async with scene.uow.write() as work:
        await work.group(scene.other).store_member(ben)
        await work.group(scene.other).set_member(BEN, "Ben", is_in=False)
    assert not await unhinted(scene)


@pytest.mark.parametrize("state", [PostState.WAITING, PostState.DENIED])
async def test_a_question_that_is_not_in_the_room_is_not_open(scene: Scene, state: PostState) -> None:
    await ask(scene, state=state)
    assert not await unhinted(scene)


async def test_nor_one_that_went_elsewhere(scene: Scene) -> None:
    await ask(scene, SpaceRef(OTHER_ROOM.account, "!private"))
    assert not await unhinted(scene)


async def test_a_question_that_a_moderator_deleted_is_not_open(scene: Scene) -> None:
    await ask(scene)
    async with scene.uow.write() as work:
        await work.removed(message("$prompt", OTHER_ROOM))
    assert not await unhinted(scene)


@pytest.mark.parametrize("state", [CycleState.PAUSED, CycleState.ENDED])
async def test_nothing_is_open_while_the_cycle_does_not_run(scene: Scene, state: CycleState) -> None:
    cycle = await ask(scene)
    async with scene.uow.write() as work:
        await work.group(scene.other).store_cycle(replace(cycle_of(scene.other), id=cycle, state=state), ())
    assert not await unhinted(scene)
