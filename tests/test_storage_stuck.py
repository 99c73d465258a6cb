"""A store that takes nothing for a while: everything waits, nothing is lost, nothing happens twice."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from group import Group, group
from house import running
from structlog.testing import capture_logs

from doetank_bot.chat.memory import Person
from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import Counted

N_SAID = 12


async def _on_the_writer(doetank: Group, statement: str) -> None:
    """Let every later transaction of the bot's writer run under this pragma."""
    engine = doetank.house.store._writer
    assert engine is not None
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.execute(statement)  # type: ignore[union-attr]  # aiosqlite's


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the write lock as an administrator's tool would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(0.02)


def _say_all(doetank: Group, who: Person) -> list[MessageRef]:
    return [who.say(doetank.room, f"!zag rij {number} " + "lang " * 600) for number in range(N_SAID)]


def _answered(doetank: Group, said: list[MessageRef]) -> list[int]:
    return [len(doetank.answers(message)) for message in said]


async def _n_kept(doetank: Group) -> int:
    async with doetank.house.store.read() as views:
        found = await views.group_in(doetank.room)
        assert found is not None
        return len(await views.group(found).contributions())


async def test_a_full_disk_holds_everything_up_and_with_room_again_all_is_done_once(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        before, cursor = doetank.of_bot(), await _cursor(doetank)
        await _on_the_writer(doetank, "PRAGMA max_page_count=1")
        said = _say_all(doetank, doetank.joke)
        figures = doetank.house.figures
        await _until(lambda: bool(figures.stuck_because))
        await asyncio.sleep(1.5)

        assert figures.stuck_because == "database or disk is full"
        assert await _cursor(doetank) == cursor
        assert doetank.of_bot() == before
        await _on_the_writer(doetank, "PRAGMA max_page_count=4294967294")
        await doetank.house.settle()

        assert not figures.stuck_because
        assert _answered(doetank, said) == [1] * N_SAID
        assert await _n_kept(doetank) == N_SAID
        assert figures.counts[Counted.INPUT_FAILED] == 0


async def _cursor(doetank: Group) -> str | None:
    async with doetank.house.store.read() as views:
        return await views.cursor()


async def test_the_operator_reads_once_a_minute_what_to_do_and_once_that_it_is_over(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        with capture_logs() as logs:
            await _on_the_writer(doetank, "PRAGMA max_page_count=1")
            _say_all(doetank, doetank.joke)
            await _until(lambda: bool(doetank.house.figures.stuck_because))
            await asyncio.sleep(4)
            await _on_the_writer(doetank, "PRAGMA max_page_count=4294967294")
            await doetank.house.settle()
    told = [line for line in logs if line["event"] in {"store_takes_nothing", "store_works_again"}]
    assert [line["event"] for line in told] == ["store_takes_nothing", "store_works_again"]
    assert "Make room on the disk" in told[0]["remedy"]


async def test_a_database_that_another_program_holds_for_ten_seconds_only_makes_the_bot_wait(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        with _held(tmp_path / "doetank.db"):
            said = _say_all(doetank, doetank.joke)
            await asyncio.sleep(10)
            assert _answered(doetank, said) == [0] * N_SAID
        await doetank.house.settle()

        assert _answered(doetank, said) == [1] * N_SAID
        assert await _n_kept(doetank) == N_SAID
        assert doetank.house.figures.counts[Counted.INPUT_FAILED] == 0


@pytest.mark.parametrize("n_pages", range(0, 60, 12))
async def test_wherever_the_room_ends_what_was_begun_is_done_once(tmp_path: Path, n_pages: int) -> None:
    # The disk is full at another statement each time: taking up, handling, settling, or the first try of a post.
    async with group(tmp_path) as doetank:
        await doetank.start()
        database = tmp_path / "doetank.db"
        with closing(sqlite3.connect(database)) as look:
            (n_now,) = look.execute("PRAGMA page_count").fetchone()
        await _on_the_writer(doetank, f"PRAGMA max_page_count={n_now + n_pages}")
        said = _say_all(doetank, doetank.joke)
        await asyncio.sleep(0.5)
        await _on_the_writer(doetank, "PRAGMA max_page_count=4294967294")
        await doetank.house.settle()

        assert _answered(doetank, said) == [1] * N_SAID
        assert await _n_kept(doetank) == N_SAID


async def test_a_bot_that_is_stuck_ends_when_it_is_asked_to_and_the_next_one_does_it_all(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with group(tmp_path) as doetank:
            await doetank.start()
            await _on_the_writer(doetank, "PRAGMA max_page_count=1")
            said = _say_all(doetank, doetank.joke)
            await _until(lambda: bool(doetank.house.figures.stuck_because))
            began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 10
    assert "store_works_again" not in {line["event"] for line in logs}
    assert _answered(doetank, said) == [0] * N_SAID
    async with running(tmp_path, chat=doetank.house.chat) as again:
        await again.settle()
        assert _answered(doetank, said) == [1] * N_SAID
