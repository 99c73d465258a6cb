"""Which message may be made again because it could not be sent in time: one of a step, whole, and surely not out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from stored import ANA, NOW, Scene, cycle_of, quoting, scene_in, step

from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.schedule import Occurrence, Run
from doetank_bot.ports import DuePost, NewPost, PostState

LATER = NOW + timedelta(days=1)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def _posted(scene: Scene, run: Run, *abouts: Purpose, private: Purpose | None = None) -> list[DuePost]:
    """Let a step be carried out that leads to these messages in the room, and to one for Ana."""
    async with scene.uow.write() as work:
        await work.group(scene.group).store_cycle(
            cycle_of(scene.group), [step("w1.one", 0, run), step("w2.one", 7, run)]
        )
    async with scene.uow.write() as work:
        [timer] = await work.due_timers(NOW + timedelta(hours=1))
        posts = [await work.post(_about(scene, timer.cycle, one), NOW) for one in abouts]
        if private is not None:
            posts.append(await work.post(replace(_about(scene, timer.cycle, private), space=None, user=ANA), NOW))
        await work.fired(timer.id, NOW)
    return posts


def _about(scene: Scene, cycle: CycleId, purpose: Purpose) -> NewPost:
    return quoting(scene.group, about=About(purpose, cycle, prompt="V3" if purpose is Purpose.PROMPT else None))


async def _again(scene: Scene, post: DuePost) -> Occurrence | None:
    async with scene.uow.write() as work:
        is_planned = await work.plan_again(post.id)
        due = [one.occurrence for one in await work.due_timers(LATER)]
    assert is_planned == bool(due)
    return due[0] if due else None


async def test_a_prompt_waits_again_for_the_same_question_and_the_time_that_was_planned(scene: Scene) -> None:
    [post] = await _posted(scene, Run.PROMPT, Purpose.PROMPT)
    again = await _again(scene, post)
    assert again == replace(step("w1.one", 0), prompts=("V3",), post=post.id)


@pytest.mark.parametrize(("run", "purpose"), [(Run.DIGEST, Purpose.DIGEST), (Run.PROMPT, Purpose.PROMPT)])
async def test_a_copy_in_private_does_not_come_again_but_what_stands_in_the_room_does(
    scene: Scene, run: Run, purpose: Purpose
) -> None:
    in_room, copy = await _posted(scene, run, purpose, private=purpose)
    assert await _again(scene, copy) is None
    assert await _again(scene, in_room) is not None


async def test_the_coachs_draft_comes_again_though_it_is_private(scene: Scene) -> None:
    [draft] = await _posted(scene, Run.DRAFT, private=Purpose.DRAFT)
    assert await _again(scene, draft) is not None


async def test_of_a_message_in_parts_none_comes_again(scene: Scene) -> None:
    first, second = await _posted(scene, Run.DIGEST, Purpose.DIGEST, Purpose.DIGEST)
    assert await _again(scene, first) is None
    assert await _again(scene, second) is None


@pytest.mark.parametrize("state", [PostState.SENT, PostState.CANCELLED])
async def test_what_is_out_or_was_taken_back_does_not_come_again(scene: Scene, state: PostState) -> None:
    [post] = await _posted(scene, Run.PROMPT, Purpose.PROMPT)
    async with scene.uow.write() as work:
        await work.settle(post.id, state, "$out", NOW)
    assert await _again(scene, post) is None


async def test_what_no_step_led_to_does_not_come_again(scene: Scene) -> None:
    [by_hand] = await _posted(scene, Run.DIGEST, Purpose.PROMPT)
    assert await _again(scene, by_hand) is None
