"""A database on a disk that fails: what is wrong is seen before it is used, and while the bot runs."""

import asyncio
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from stored import NOW, given, scene_in, url_of

from doetank_bot.ports import Damaged
from doetank_bot.store.migration import Unreadable
from doetank_bot.store.soundness import check_sound, watch

PAGE = 4096
N_SMASHES = 100


async def _filled(folder: Path) -> Path:
    async with scene_in(folder) as scene, scene.uow.write() as work:
        for number in range(1, 120):
            await work.group(scene.group).record(given(scene.ana, number, "woorden " * 40), NOW)
    return folder / "doetank.sqlite"


async def test_a_sound_database_an_empty_file_and_none_pass(tmp_path: Path) -> None:
    await check_sound(url_of(await _filled(tmp_path)))
    await check_sound(url_of(tmp_path / "none"))
    (tmp_path / "empty").touch()
    await check_sound(url_of(tmp_path / "empty"))


async def test_a_database_that_is_gone_though_a_backup_of_it_was_made_is_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "doetank.sqlite.backup.json").touch()
    with pytest.raises(Unreadable, match=r"gone.*remove .*doetank.sqlite.backup.json"):
        await check_sound(url_of(tmp_path / "doetank.sqlite"))


async def test_of_a_hundred_pages_overwritten_at_random_each_is_seen(tmp_path: Path) -> None:
    content = (await _filled(tmp_path)).read_bytes()
    n_pages, chance = len(content) // PAGE, random.Random(1)  # noqa: S311 - the same each time
    for _ in range(N_SMASHES):
        page, broken = chance.randrange(n_pages), tmp_path / "broken.sqlite"
        broken.write_bytes(content[: page * PAGE] + chance.randbytes(PAGE) + content[(page + 1) * PAGE :])
        with pytest.raises(Damaged if page else Unreadable):
            await check_sound(url_of(broken))


async def test_damage_that_comes_later_ends_the_watch_and_a_file_that_is_away_for_a_moment_does_not(
    tmp_path: Path,
) -> None:
    path = await _filled(tmp_path)
    watching = asyncio.create_task(watch(url_of(path), timedelta(milliseconds=20)))
    path.rename(tmp_path / "away")
    await asyncio.sleep(0.1)
    assert not watching.done()
    shutil.copy(tmp_path / "away", path)
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * PAGE)
    with pytest.raises(Damaged):
        await asyncio.wait_for(watching, 5)
