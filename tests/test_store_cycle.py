from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from stored import NOW, ROOM, Scene, cycle_of, scene_in, step

from doetank_bot.domain.cycle import CycleState, end, pause
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.schedule import Late, Occurrence, Run
from doetank_bot.store.transaction import Stale

MONDAY, THURSDAY, FRIDAY = step("w1.do", 0), step("w1.think", 3), step("w1.digest", 4, Run.DIGEST)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def _start(scene: Scene, *steps: Occurrence) -> CycleId:
    async with scene.uow.write() as work:
        return await work.group(scene.group).store_cycle(cycle_of(scene.group), steps)


async def _replan(scene: Scene, cycle: CycleId, *steps: Occurrence) -> None:
    async with scene.uow.write() as work:
        await work.group(scene.group).store_cycle(replace(cycle_of(scene.group), id=cycle), steps)


async def _due(scene: Scene, days: float = 30) -> dict[str, int]:
    async with scene.uow.read() as views:
        return {row.key: row.id for row in await views.due_timers(NOW + timedelta(days=days))}


async def _fire(scene: Scene, timer: int) -> None:
    async with scene.uow.write() as work:
        await work.fired(timer, NOW)


async def _plan(scene: Scene, cycle: CycleId) -> tuple[tuple[Occurrence, ...], frozenset[str]]:
    async with scene.uow.read() as views:
        group = views.group(scene.group)
        return await group.waiting(cycle), frozenset(one.key for one in await group.fired(cycle))


async def test_a_cycle_comes_back_as_it_went_in(scene: Scene) -> None:
    cycle_id = await _start(scene)
    stored = replace(cycle_of(scene.group), id=cycle_id)
    for changed in (stored, pause(stored, date(2027, 2, 17))):
        async with scene.uow.write() as work:
            await work.group(scene.group).store_cycle(changed, ())
        async with scene.uow.read() as views:
            assert await views.group(scene.group).cycle() == changed
    ended = end(stored, NOW)
    async with scene.uow.write() as work:
        await work.group(scene.group).store_cycle(ended, ())
    async with scene.uow.read() as views:
        assert await views.group(scene.group).cycle() is None
        assert await views.group(scene.group).cycles() == (ended,)


async def test_a_second_cycle_in_a_room_is_refused_until_the_first_is_over(scene: Scene) -> None:
    cycle = await _start(scene)
    with pytest.raises(IntegrityError):
        await _start(scene)
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.store_cycle(replace(cycle_of(scene.group), id=cycle, state=CycleState.ENDED), ())
    second = await _start(scene)

    async with scene.uow.read() as views:
        assert [one.id for one in await views.group(scene.group).cycles()] == [cycle, second]


async def test_a_due_timer_carries_its_step(scene: Scene) -> None:
    cycle = await _start(scene, FRIDAY, MONDAY)

    async with scene.uow.read() as views:
        [row] = await views.due_timers(NOW)
    assert (row.group, row.cycle, row.key, row.due_at) == (scene.group, cycle, "w1.do", MONDAY.due_at)
    assert (row.late, row.occurrence) == (Late.NEXT_WINDOW, MONDAY)
    assert await _due(scene, -0.01) == {}


async def test_a_timer_fires_once(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY, FRIDAY)
    timer = (await _due(scene))["w1.do"]
    await _fire(scene, timer)
    with pytest.raises(Stale):
        await _fire(scene, timer)

    assert await _plan(scene, cycle) == ((FRIDAY,), frozenset({"w1.do"}))


async def test_what_was_fired_is_not_planned_again_on_another_day_either(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY, THURSDAY)
    await _fire(scene, (await _due(scene))["w1.do"])
    await _replan(scene, cycle, step("w1.do", 7), THURSDAY)

    assert await _plan(scene, cycle) == ((THURSDAY,), frozenset({"w1.do"}))


async def test_a_new_schedule_replaces_what_waits(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY, THURSDAY)
    moved = step("w1.think", 10)
    await _replan(scene, cycle, moved, FRIDAY)

    assert await _plan(scene, cycle) == ((FRIDAY, moved), frozenset())


async def test_a_timer_that_a_new_schedule_dropped_does_not_fire(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY)
    timer = (await _due(scene))["w1.do"]
    await _replan(scene, cycle)

    with pytest.raises(Stale):
        await _fire(scene, timer)


async def test_the_last_step_may_end_its_cycle_while_it_fires(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY)
    timer = (await _due(scene))["w1.do"]
    async with scene.uow.write() as work:
        await work.group(scene.group).store_cycle(end(replace(cycle_of(scene.group), id=cycle), NOW), ())
        await work.fired(timer, NOW)

    assert await _plan(scene, cycle) == ((), frozenset())


async def test_a_step_that_moves_its_own_cycle_fires_once(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY, THURSDAY)
    timer = (await _due(scene))["w1.do"]
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.store_cycle(replace(cycle_of(scene.group), id=cycle), (step("w1.do", 7), THURSDAY))
        await work.fired(timer, NOW)

    assert await _plan(scene, cycle) == ((THURSDAY,), frozenset({"w1.do"}))


async def test_a_postponed_timer_waits_and_stays_what_it_was_planned_for(scene: Scene) -> None:
    cycle = await _start(scene, MONDAY)
    async with scene.uow.write() as work:
        await work.postpone((await _due(scene))["w1.do"], NOW + timedelta(hours=3))
    assert await _due(scene, 0) == {}
    await _replan(scene, cycle, MONDAY)

    assert await _due(scene, 0) == {}
    async with scene.uow.read() as views:
        [row] = await views.due_timers(NOW + timedelta(hours=3))
    assert (row.due_at, row.occurrence) == (NOW + timedelta(hours=3), MONDAY)


async def test_steps_of_a_room_that_the_bot_left_wait_until_it_is_back(scene: Scene) -> None:
    await _start(scene, MONDAY)
    async with scene.uow.write() as work:
        await work.leave_space(ROOM)
    assert await _due(scene) == {}
    async with scene.uow.write() as work:
        await work.create_group(ROOM, "", "nl", "Europe/Amsterdam")

    assert list(await _due(scene)) == ["w1.do"]


_steps = st.builds(
    Occurrence,
    key=st.sampled_from([f"w{week}.{name}" for week in range(1, 4) for name in ("do", "think", "digest")]),
    week=st.integers(1, 16),
    phase=st.sampled_from(["verkennen", "oogsten"]),
    run=st.sampled_from(Run),
    planned_local=st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - local on purpose
    due_at=st.datetimes(datetime(2027, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as above
    late=st.sampled_from(Late),
    prompts=st.tuples(st.text(max_size=3)),
    requires_action=st.booleans(),
    otherwise=st.none() | st.text(max_size=3),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(
    plans=st.lists(st.lists(_steps, unique_by=lambda one: one.key, max_size=6), min_size=1, max_size=4),
    n_fired=st.integers(0, 2),
)
async def test_after_any_replanning_the_last_plan_waits_but_for_what_was_fired(
    tmp_path_factory: pytest.TempPathFactory, plans: list[list[Occurrence]], n_fired: int
) -> None:
    async with scene_in(tmp_path_factory.mktemp("plan")) as scene:
        cycle = await _start(scene, *plans[0])
        fired: set[str] = set()
        for plan in plans:
            await _replan(scene, cycle, *plan)
            for key, timer in list((await _due(scene, 900)).items())[:n_fired]:
                await _fire(scene, timer)
                fired.add(key)

        waiting, done = await _plan(scene, cycle)
    assert done == fired
    assert {one.key: one for one in waiting} == {one.key: one for one in plans[-1] if one.key not in fired}
    assert [one.due_at for one in waiting] == sorted(one.due_at for one in waiting)
