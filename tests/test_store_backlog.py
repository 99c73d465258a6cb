"""The figures of the store: what waits, since when, and that old times cost nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from stored import NOW, OTHER_ROOM, ROOM, Scene, cycle_of, said, scene_in, step

from doetank_bot.domain.reference import SpaceRef
from doetank_bot.ports import Act, NewPost, PostState
from doetank_bot.store import backlog
from doetank_bot.store.backlog import Heap
from doetank_bot.store.sqlite import readers

POST = NewPost(Act.SEND, None, ROOM, payload={"body": "hoi"})
NEW_ROOM = SpaceRef(ROOM.account, "!new")
LATER = NOW + timedelta(days=2)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as made:
        yield made


async def test_an_empty_store_has_groups_and_nothing_to_do(scene: Scene) -> None:
    async with scene.store.read() as views:
        found = await views.backlog(NOW)
    assert (found.n_groups, found.n_running, found.n_paused, found.n_due) == (2, 0, 0, 0)
    assert (found.posts, found.inputs, found.set_aside, found.next_step) == (Heap(), Heap(), Heap(), None)


async def test_what_waits_is_counted_from_its_oldest(scene: Scene) -> None:
    async with scene.store.write() as work:
        sent = await work.post(POST, NOW)
        for number in (1, 2):
            await work.post(POST, NOW + timedelta(hours=number))
        await work.settle(sent.id, PostState.SENT, "$sent", NOW)
        first, second, _ = await work.take([said("$1"), said("$2"), said("$3")], "t", NOW)
        await work.handled(first.id)
        await work.put_off(second.id, is_poison=True)
    async with scene.store.read() as views:
        found = await views.backlog(LATER)
    assert found.posts == Heap(2, NOW + timedelta(hours=1))
    assert (found.inputs, found.set_aside) == (Heap(1, NOW), Heap(1, NOW))


async def test_what_cannot_go_out_in_a_room_that_was_left_is_not_late(scene: Scene) -> None:
    async with scene.store.write() as work:
        await work.post(NewPost(Act.DELETE, None, ROOM), NOW)
        await work.post(NewPost(Act.JOIN, None, NEW_ROOM), NOW)
        assert (await work.backlog(LATER)).posts.n == 2
        await work.move_group(scene.group, NEW_ROOM)
        assert (await work.backlog(LATER)).posts.n == 1
        await work.leave_space(NEW_ROOM)
        assert (await work.backlog(LATER)).posts.n == 0


async def test_steps_count_where_the_bot_is_and_the_earliest_comes_first(scene: Scene) -> None:
    for group in (scene.group, scene.other):
        steps = [step("w1.do", 1), step("w1.think", 3)] if group == scene.group else [step("w1.early", 0)]
        async with scene.store.write() as work:
            await work.group(group).store_cycle(cycle_of(group), steps)
    async with scene.store.write() as work:
        await work.leave_space(OTHER_ROOM)
    async with scene.store.read() as views:
        found = await views.backlog(LATER)
    assert (found.n_groups, found.n_running, found.n_due) == (1, 2, 1)
    assert found.next_step is not None
    assert (found.next_step.due_at, found.next_step.group) == (NOW + timedelta(days=1), "Parkeren")


async def test_what_was_refused_counts_since_the_day_that_was_asked_for(scene: Scene) -> None:
    async with scene.store.write() as work:
        for days, state in ((0, PostState.DENIED), (5, PostState.REJECTED), (5, PostState.SENT)):
            post = await work.post(POST, NOW)
            await work.settle(post.id, state, "", NOW + timedelta(days=days))
    async with scene.store.read() as views:
        assert await views.n_refused(NOW + timedelta(days=1)) == 1
        assert await views.n_refused(NOW) == 2


@pytest.mark.parametrize("name", ["_POSTS", "_INPUTS", "_DUE", "_NEXT"])
async def test_the_tables_that_grow_are_read_by_what_is_open_alone(scene: Scene, name: str) -> None:
    engine = readers(f"sqlite+aiosqlite:///{scene.path}")
    asked = str(getattr(backlog, name).compile(engine.sync_engine))
    values = (NOW.isoformat(" "),) * asked.count("?")
    async with engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)
        steps = [str(row.detail) for row in plan]
    await engine.dispose()
    assert not [step for step in steps if step in {"SCAN outbox", "SCAN inbox", "SCAN timers"}]
