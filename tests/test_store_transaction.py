import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from stored import ANA, NOW, ROOM, Scene, given, message, opened, said, scene_in

from doetank_bot.domain.reference import Room
from doetank_bot.store.uow import Store


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def _give_next(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        number = await group.next_number()
        # Hand the turn to the others between the read and the write, as any await may.
        await asyncio.sleep(0)
        await group.record(given(scene.ana, number), NOW)


async def test_twenty_at_once_read_and_write_and_no_update_is_lost(scene: Scene) -> None:
    await asyncio.gather(*(_give_next(scene) for _ in range(20)))

    async with scene.uow.read() as views:
        assert [kept.number for kept in await views.group(scene.group).contributions()] == list(range(1, 21))


async def test_two_stores_on_one_file_lose_no_update_either(scene: Scene) -> None:
    async with opened(scene.path) as second:
        twin = Scene(second, scene.path, scene.group, scene.other, scene.ana, scene.ana_elsewhere)
        await asyncio.gather(*(_give_next(one) for one in [scene, twin] * 10))

    async with scene.uow.read() as views:
        assert await views.group(scene.group).next_number() == 21


async def test_what_was_done_before_a_fault_is_undone(scene: Scene) -> None:
    async def fail() -> None:
        async with scene.uow.write() as work:
            await work.take([said("$1")], "s1", NOW)
            await work.group(scene.group).record(given(scene.ana, 1), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    async with scene.uow.read() as views:
        assert await views.waiting_inbox() == ()
        assert await views.cursor() is None
        assert await views.group(scene.group).contributions() == ()


async def test_a_cancelled_write_leaves_nothing_and_the_next_one_works(scene: Scene) -> None:
    begun = asyncio.Event()

    async def write_for_ever() -> None:
        async with scene.uow.write() as work:
            number = 0
            while True:
                number += 1
                await work.group(scene.group).record(given(scene.ana, number), NOW)
                begun.set()

    task = asyncio.create_task(write_for_ever())
    await begun.wait()
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with scene.uow.write() as work:
        assert await work.group(scene.group).next_number() == 1
        await work.group(scene.group).record(given(scene.ana, 1), NOW)


async def test_a_transaction_in_which_nothing_is_asked_holds_nobody_up(scene: Scene) -> None:
    async with opened(scene.path) as second, scene.uow.write(), second.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
    async with scene.uow.read():
        pass
    async with scene.uow.read() as views:
        assert await views.group(scene.group).next_number() == 2


async def test_a_read_sees_one_moment_while_others_write(scene: Scene) -> None:
    async with scene.uow.read() as views:
        assert await views.group(scene.group).next_number() == 1
        await _give_next(scene)
        assert await views.group(scene.group).next_number() == 1

    async with scene.uow.read() as views:
        assert await views.group(scene.group).next_number() == 2


async def test_a_read_cannot_write(scene: Scene) -> None:
    async with scene.store.read() as views:
        with pytest.raises(OperationalError, match="readonly"):
            await views._run(text("DELETE FROM groups"))


async def test_a_naive_datetime_is_refused(scene: Scene) -> None:
    naive = datetime(2027, 2, 8, 9, 0)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="naive"):
        async with scene.uow.write() as work:
            await work.take([said("$1")], None, naive)


async def test_an_instant_comes_back_as_it_went_in(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.take([said("$1")], None, NOW)

    async with scene.uow.read() as views:
        [row] = await views.waiting_inbox()
        assert row.received_at == NOW
        assert row.received_at.tzinfo is not None


async def test_an_error_tells_no_words(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
    with pytest.raises(IntegrityError) as caught:
        async with scene.uow.write() as work:
            await work.group(scene.group).record(given(scene.ana, 1, "geheim woord"), NOW)

    assert "geheim" not in str(caught.value)


async def test_the_database_and_its_log_are_for_the_owner_only(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.conversation(Room(ROOM))

    files = list(scene.path.parent.glob("doetank.sqlite*"))
    assert {file.name for file in files} >= {"doetank.sqlite", "doetank.sqlite-wal"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_everything_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.uow.write() as work:
        await work.take([said("$1")], "s1", NOW)
    async with opened(tmp_path / "doetank.sqlite") as store, store.read() as views:
        assert await views.cursor() == "s1"
        assert [row.incoming.ref for row in await views.waiting_inbox()] == [message("$1")]
        assert len(await views.groups_of(ANA)) == 2


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.sqlite") as store:
        pass
    with pytest.raises(RuntimeError, match="not open"):
        async with store.read():
            pass


async def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        await Store("sqlite+aiosqlite:///:memory:", "@bot", {}).open()
