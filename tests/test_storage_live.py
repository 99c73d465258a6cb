"""Bad disks under the whole program on a real Synapse, as another user and as the operator see it."""

import asyncio
import contextlib
import random
import re
import sqlite3
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Elements, People
from faults.harness import is_message
from homeserver import Account, Event, Homeserver, Person
from living import AheadClock, Living, answer_to, room_with, seen
from test_cli import doetank_bot

from bench import program
from bench.program import Program
from doetank_bot.backup.make import make
from doetank_bot.backup.place import place_of
from doetank_bot.backup.restore import restore
from doetank_bot.observe.presence import AlreadyRunning
from doetank_bot.settings import Settings, load_settings
from doetank_bot.status import facts, read

pytestmark = pytest.mark.homeserver
PAGE = 4096
N_SAID = 20
N_KEYS = 20


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False)  # noqa: S607
    if mounted.returncode:
        pytest.skip("NOT TESTED: a full disk needs the right to mount a tmpfs (run as root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607


def _make_room(folder: Path) -> None:
    (folder / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)  # noqa: S607


def _fill(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * PAGE)


@contextlib.asynccontextmanager
async def _running(folder: Path, url: str, account: Account) -> AsyncIterator[Program]:
    bot = program.bot(folder, url, account)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.kill()


@contextlib.asynccontextmanager
async def _resting(bot: Program) -> AsyncIterator[tuple[Process, str]]:
    """Start the bot, which rests; give the process and the line that the operator reads. It has to end well."""
    process = await asyncio.create_subprocess_exec(*bot.command, cwd=bot.directory, stdout=PIPE, stderr=PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            line = ""
            while "backup" not in line:
                line = (await process.stderr.readline()).decode()
                assert line, "it ended"
            # What was said before it listens is not answered.
            while b"event='rests'" not in await process.stderr.readline():
                assert process.returncode is None, "it ended"
        yield process, line
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()


def _n_answers(events: Sequence[Event], bot: str, messages: Sequence[str]) -> list[int]:
    """Return how many replies of the bot each message has."""
    targets = [
        event["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id")
        for event in events
        if event["sender"] == bot
    ]
    return [targets.count(message) for message in messages]


async def _operator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(doetank_bot, folder, *arguments)


def _smash(database: Path, pages: Sequence[int]) -> None:
    """Overwrite whole pages, as a failing disk does."""
    noise = random.Random(1)  # noqa: S311 - the same noise each time
    with database.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(noise.randbytes(PAGE))


def _first_page_of(database: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return int(root) - 1


def _texts(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return sorted(text for (text,) in connection.execute("SELECT text FROM contributions"))


async def test_on_a_full_disk_words_wait_and_with_room_again_each_is_answered_once(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account, folder = await person("coach"), homeserver.register("doetank-full-disk"), tmp_path / "bot"
    here = Living(account.user_id, AheadClock(), folder)
    with _small_disk(folder):
        async with _running(folder, homeserver.url, account) as bot:
            room = await room_with(coach, here)
            _fill(folder)
            said = [await coach.send(room, f"!observe Row {number} {'long ' * 600}") for number in range(N_SAID)]
            await _until_status_says(folder, "the bot can store nothing")
            before = len(await coach.messages(room))
            await asyncio.sleep(2)
            assert len(await coach.messages(room)) == before
            assert bot.is_alive
            _make_room(folder)
            await answer_to(coach, room, here, said[-1], timeout=60)
            await asyncio.sleep(1)
            assert _n_answers(await coach.messages(room), account.user_id, said) == [1] * N_SAID
            assert "can store nothing" not in await _status(folder)
            assert await bot.stop() == 0
        assert "Traceback" not in bot.log.read_text()
        assert bot.log.read_text().count("store_takes_nothing") <= 2


async def _status(folder: Path) -> str:
    settings = _settings(folder)
    found = facts(await read(settings, datetime.now(UTC)), settings.matrix.homeserver)
    return "\n".join(fact.text for fact in found if fact.is_trouble)


async def _until_status_says(folder: Path, text: str) -> None:
    async with asyncio.timeout(20):
        while text not in await _status(folder):  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(0.2)


async def _until_logged(bot: Program, event: str) -> None:
    async with asyncio.timeout(20):
        while f"event='{event}'" not in bot.log.read_text():  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(0.1)


def _settings(folder: Path) -> Settings:
    return load_settings(folder / "doetank.yaml", {})


async def _back_up(folder: Path) -> Path:
    made = await asyncio.to_thread(make, place_of(_settings(folder)), folder / "good.tar", datetime.now(UTC))
    return made.path


async def _restore(folder: Path, path: Path) -> None:
    await asyncio.to_thread(restore, place_of(_settings(folder)), path, datetime.now(UTC), may_replace=True)


async def test_on_a_full_disk_no_key_of_an_encrypted_room_is_lost_and_each_word_is_answered_once_there_is_room(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    coach, account, folder = await element("coach"), homeserver.register("doetank-full-keys"), tmp_path / "bot"
    await coach.make_identity()
    await coach.isolate()
    here = Living(account.user_id, AheadClock(), folder)
    with _small_disk(folder):
        async with _running(folder, homeserver.url, account) as bot:
            room = await coach.create_room(invite=[account.user_id], is_encrypted=True)
            await seen(coach, room, lambda event: is_message(event, account.user_id))
            await answer_to(coach, room, here, await coach.send(room, "!help"))
            _fill(folder)
            said = []
            for number in range(N_KEYS):
                await coach.rotate(room)
                said.append(await coach.send(room, f"!observe Row {number} {'long ' * 600}"))
            await asyncio.sleep(6)
            assert _n_answers(await coach.messages(room), account.user_id, said[-1:]) == [0]
            assert bot.is_alive
            _make_room(folder)
            await answer_to(coach, room, here, said[-1], timeout=90)
            await asyncio.sleep(1)
            assert _n_answers(await coach.messages(room), account.user_id, said) == [1] * N_KEYS
            assert await bot.stop() == 0
        assert "Traceback" not in bot.log.read_text()


async def test_on_a_damaged_database_the_bot_rests_and_a_restore_brings_back_all_that_was_said(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, joke = await person("coach"), await person("joke")
    account, folder = homeserver.register("doetank-damaged"), tmp_path / "bot"
    here, database = Living(account.user_id, AheadClock(), folder), folder / "doetank.db"
    async with _running(folder, homeserver.url, account) as bot:
        room = await room_with(coach, here, joke)
        before = await _given(joke, room, here, "Before the backup")
        good = await _back_up(folder)
        since = await _given(joke, room, here, "After the backup")
        assert await bot.stop() == 0
    _smash(database, [_first_page_of(database, "contributions")])

    async with _resting(bot) as (_, line):
        assert f"{good} --yes --config {folder / 'doetank.yaml'}" in line
        answer = await answer_to(coach, room, here, await coach.send(room, "!status"))
        assert answer["content"]["msgtype"] == "m.notice"
        assert _rests(answer)
        meanwhile = await _given(joke, room, here, "While it rested")
        await joke.send(room, "just talk")
        await asyncio.sleep(1)
        mine = here.said(await joke.messages(room))
        assert [_rests(event) for event in mine].count(True) == 2
        assert "database is damaged" in await _status(folder)
        with pytest.raises(AlreadyRunning):
            await _restore(folder, good)

    await _restore(folder, good)
    async with _running(folder, homeserver.url, account):
        async with asyncio.timeout(30):
            while _n_answers(await joke.messages(room), here.user_id, [meanwhile]) != [2]:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.2)
        events = await joke.messages(room)
        assert _n_answers(events, here.user_id, [before, since, meanwhile]) == [1, 1, 2]
        assert _texts(database) == ["After the backup", "Before the backup", "While it rested"]


async def _given(who: Person, room: str, here: Living, text: str) -> str:
    message = await who.send(room, f"!observe {text}")
    await answer_to(who, room, here, message)
    return message


def _rests(event: Event) -> bool:
    return "I am resting" in event["content"]["body"]


async def test_damage_that_comes_while_it_runs_lets_it_rest_too(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account, folder = await person("coach"), homeserver.register("doetank-damaged-later"), tmp_path / "bot"
    here, database = Living(account.user_id, AheadClock(), folder), folder / "doetank.db"
    async with _running(folder, homeserver.url, account) as bot:
        room = await room_with(coach, here)
        await _given(coach, room, here, "One")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _smash(database, range(2, database.stat().st_size // PAGE))
        await coach.send(room, "!cycle status")
        await _until_status_says(folder, "database is damaged")
        # It answers who asks from now on: what is said before it listens anew stays as it was.
        await _until_logged(bot, "rests")
        for _ in range(3):
            assert _rests(await answer_to(coach, room, here, await coach.send(room, "!help")))
        assert bot.is_alive
    assert "No good backup is known" in bot.log.read_text()
    assert "Traceback" not in bot.log.read_text()


@pytest.mark.timeout(300)
async def test_a_header_that_cannot_be_read_is_one_line_with_the_way_back(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    account, folder = homeserver.register("doetank-no-header"), tmp_path / "bot"
    async with _running(folder, homeserver.url, account) as bot:
        good = await _back_up(folder)
        assert await bot.stop() == 0
    _smash(folder / "doetank.db", [0])

    ended = await _operator(folder, "run")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (65, 1)
    (command,) = re.findall(r"run `doetank-bot (restore .* --yes --config .*)`", ended.stderr)
    assert str(good) in command
    assert (await _operator(folder, *command.split())).returncode == 0
    async with _running(folder, homeserver.url, account) as bot:
        assert bot.is_alive


async def test_a_second_bot_on_the_same_database_ends_and_the_first_goes_on(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    coach, account, folder = await person("coach"), homeserver.register("doetank-twice"), tmp_path / "bot"
    here = Living(account.user_id, AheadClock(), folder)
    async with _running(folder, homeserver.url, account):
        room = await room_with(coach, here)
        second = await _operator(folder, "run")
        assert (second.returncode, len(second.stderr.splitlines())) == (75, 1)
        said = await _given(coach, room, here, "Still there")
        assert _n_answers(await coach.messages(room), here.user_id, [said]) == [1]
