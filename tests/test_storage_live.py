"""Bad disks under the whole program on a real Synapse, as another user and as the operator see it."""

import asyncio
import contextlib
import json
import os
import random
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from conftest import People
from homeserver import Account, Event, Homeserver, Person
from living import answer_to, seen
from test_cli import doetank_bot

from bench import program
from bench.program import Program

pytestmark = pytest.mark.homeserver
PAGE = 4096


@contextlib.contextmanager
def _small_disk(folder: Path, size: str = "2m") -> Iterator[None]:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)  # noqa: S607
    if mounted.returncode:
        pytest.skip("NOT TESTED: a full disk needs the right to mount a tmpfs (run as root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607


@contextlib.asynccontextmanager
async def _running(bot: Program) -> AsyncIterator[None]:
    await bot.start()
    try:
        yield
    finally:
        await bot.kill()


async def _room(coach: Person, account: Account, *others: Person) -> str:
    room = await coach.create_room(invite=[account.user_id, *(one.user_id for one in others)], name="Parking")
    for one in others:
        await one.join(room)
    await seen(coach, room, lambda event: event["sender"] == account.user_id and event["type"] == "m.room.message")
    return room


def _n_answers(events: list[Event], bot: str, message: str) -> int:
    return sum(
        event["sender"] == bot
        and event["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == message
        for event in events
    )


def _status(folder: Path) -> str:
    return doetank_bot(folder, "status").stdout


def _smash(database: Path, pages: list[int], seed: int = 1) -> None:
    """Overwrite whole pages at random, as a failing disk does; what was in the log is in the file first."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    noise = random.Random(seed)
    with database.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(noise.randbytes(PAGE))


def _table_pages(database: Path, table: str) -> list[int]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return [root - 1]


async def test_on_a_full_disk_words_wait_and_with_room_again_each_is_answered_once(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account = await person("coach"), homeserver.register("doetank-full-disk")
    folder = tmp_path / "bot"
    folder.mkdir()
    with _small_disk(folder):
        bot = program.bot(folder, homeserver.url, account)
        async with _running(bot):
            room = await _room(coach, account)
            filler = folder / "filler"
            with contextlib.suppress(OSError), filler.open("wb") as file:
                while True:
                    file.write(b"x" * PAGE)
                    file.flush()
            said = [await coach.send(room, f"!observe Row {number} {'long ' * 300}") for number in range(40)]
            async with asyncio.timeout(9):
                while "the bot can store nothing" not in await asyncio.to_thread(_status, folder):
                    await asyncio.sleep(0.5)
            before = len(await coach.messages(room))
            await asyncio.sleep(3)
            assert len(await coach.messages(room)) == before
            assert bot.is_alive
            filler.unlink()
            subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)  # noqa: S607
            await answer_to(coach, room, _Bot(account.user_id), said[-1], timeout=60)
            await asyncio.sleep(1)
            events = await coach.messages(room)
            assert [_n_answers(events, account.user_id, message) for message in said] == [1] * len(said)
            assert "can store nothing" not in await asyncio.to_thread(_status, folder)
            assert await bot.stop() == 0
        assert "Traceback" not in bot.log.read_text()
        assert bot.log.read_text().count("store_takes_nothing") <= 2


class _Bot:
    def __init__(self, user_id: str) -> None:
        self.user_id = user_id


async def test_on_a_damaged_database_the_bot_rests_and_a_restore_brings_back_all_that_was_said(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, joke = await person("coach"), await person("joke")
    account = homeserver.register("doetank-damaged")
    folder = tmp_path / "bot"
    bot = program.bot(folder, homeserver.url, account)
    async with _running(bot):
        room = await _room(coach, account, joke)
        kept = await joke.send(room, "!observe Before the backup")
        await answer_to(joke, room, _Bot(account.user_id), kept)
        assert doetank_bot(folder, "backup", "good.tar").returncode == 0
        since = await joke.send(room, "!observe After the backup")
        await answer_to(joke, room, _Bot(account.user_id), since)
        assert await bot.stop() == 0
    _smash(folder / "doetank.db", _table_pages(folder / "doetank.db", "contributions"))

    command = [str(part) for part in bot.command]
    resting = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert resting.stderr is not None
    try:
        line = await _line_with(resting.stderr, "doetank-bot restore")
        assert f"{folder / 'good.tar'} --yes --config {folder / 'doetank.yaml'}" in line
        asked = await coach.send(room, "!status")
        answer = await answer_to(coach, room, _Bot(account.user_id), asked)
        assert "resting" in answer["content"]["body"]
        assert answer["content"]["msgtype"] == "m.notice"
        meanwhile = await joke.send(room, "!observe While it rested")
        await answer_to(joke, room, _Bot(account.user_id), meanwhile)
        await joke.send(room, "just talk")
        await asyncio.sleep(1)
        mine = [event for event in await joke.messages(room) if event["sender"] == account.user_id]
        assert sum("resting" in event.get("content", {}).get("body", "") for event in mine) == 2
        assert "it is damaged" in await asyncio.to_thread(_status, folder)
        refused = doetank_bot(folder, "restore", "good.tar", "--yes")
        assert "Stop that one first" in refused.stderr
        resting.terminate()
        assert await asyncio.wait_for(resting.wait(), 10) == 0
    finally:
        if resting.returncode is None:
            resting.kill()

    assert doetank_bot(folder, "restore", "good.tar", "--yes").returncode == 0
    async with _running(bot):
        async with asyncio.timeout(30):
            while _n_answers(await joke.messages(room), account.user_id, meanwhile) < 2:
                await asyncio.sleep(0.2)
        events = await joke.messages(room)
        assert [_n_answers(events, account.user_id, message) for message in (kept, since, meanwhile)] == [1, 1, 2]
        exported = json.loads(doetank_bot(folder, "export", "--group", room, "--format", "json", "--out", "-").stdout)
    del exported
    with contextlib.closing(sqlite3.connect(folder / "doetank.db")) as connection:
        texts = sorted(text for (text,) in connection.execute("SELECT text FROM contributions"))
    assert texts == ["After the backup", "Before the backup", "While it rested"]


async def _line_with(stream: asyncio.StreamReader, text: str) -> str:
    async with asyncio.timeout(30):
        while raw := await stream.readline():
            if text in raw.decode():
                return raw.decode()
    raise AssertionError(f"it ended without a line with {text!r}")


async def test_damage_that_comes_while_it_runs_lets_it_rest_too(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account = await person("coach"), homeserver.register("doetank-damaged-later")
    bot = program.bot(tmp_path / "bot", homeserver.url, account)
    database = tmp_path / "bot" / "doetank.db"
    async with _running(bot):
        room = await _room(coach, account)
        await answer_to(coach, room, _Bot(account.user_id), await coach.send(room, "!observe One"))
        _smash(database, list(range(2, os.path.getsize(database) // PAGE)))
        asked = [await coach.send(room, "!cycle status") for _ in range(2)]
        answer = await answer_to(coach, room, _Bot(account.user_id), await coach.send(room, "!help"), timeout=30)
        for _ in range(20):
            if "resting" in answer["content"]["body"]:
                break
            message = await coach.send(room, "!help")
            answer = await answer_to(coach, room, _Bot(account.user_id), message, timeout=30)
        assert "resting" in answer["content"]["body"]
        assert bot.is_alive
        assert asked
    assert "No good backup is known" in bot.log.read_text()


@pytest.mark.parametrize("command", ["run"])
async def test_a_header_that_cannot_be_read_is_one_line_with_the_way_back(
    homeserver: Homeserver, tmp_path: Path, command: str
) -> None:
    account = homeserver.register("doetank-no-header")
    folder = tmp_path / "bot"
    bot = program.bot(folder, homeserver.url, account)
    async with _running(bot):
        assert doetank_bot(folder, "backup", "good.tar").returncode == 0
    _smash(folder / "doetank.db", [0])
    ended = doetank_bot(folder, command)
    assert ended.returncode == 65
    assert f"doetank-bot restore {folder / 'good.tar'} --yes" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert doetank_bot(folder, "restore", "good.tar", "--yes").returncode == 0
    async with _running(bot):
        assert bot.is_alive


async def test_a_second_bot_on_the_same_database_ends_and_the_first_goes_on(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account = await person("coach"), homeserver.register("doetank-twice")
    folder = tmp_path / "bot"
    async with _running(program.bot(folder, homeserver.url, account)):
        room = await _room(coach, account)
        second = await asyncio.to_thread(doetank_bot, folder, "run")
        assert (second.returncode, len(second.stderr.splitlines())) == (75, 1)
        said = await coach.send(room, "!observe Still there")
        await answer_to(coach, room, _Bot(account.user_id), said)
        assert _n_answers(await coach.messages(room), account.user_id, said) == 1
