"""How the bot is doing, for a person at the server: beside a running one, and when none runs."""

import asyncio
import fcntl
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer

import pytest
from group import group
from homeserver import Account, Homeserver
from stored import scene_in
from test_cli import configured, doetank_bot, running

from doetank_bot.observe.presence import AlreadyRunning, Runner, look, single_instance
from doetank_bot.observe.systemd import keep_telling, watchdog
from doetank_bot.settings import Settings, load_settings
from doetank_bot.status import Fact, Status, as_json, facts, read
from doetank_bot.store.backlog import Backlog, Heap, NextStep
from doetank_bot.store.migration import migrate

NOW = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
NOBODY = Account("@doetank:test", "t", "X", "")
STEP = NextStep(NOW + timedelta(days=4), "Parkeren", "Europe/Amsterdam")
BACKLOG = Backlog(12, 9, 1, Heap(), Heap(), Heap(), 0, STEP)
RUNNER = Runner(812, "0.1.0", NOW - timedelta(days=3), NOW - timedelta(seconds=12))
WELL = Status(NOW, RUNNER, BACKLOG, 0, NOW - timedelta(hours=20))


def told(status: Status) -> dict[str, Fact]:
    return {fact.about: fact for fact in facts(status, "https://matrix.example.org")}


def trouble(status: Status) -> set[str]:
    return {about for about, fact in told(status).items() if fact.is_trouble}


def settings_in(folder: Path) -> Settings:
    return load_settings(configured(folder, NOBODY, "http://127.0.0.1:9"), {})


def test_a_bot_that_is_well_is_told_in_facts_without_trouble() -> None:
    lines = {about: fact.text for about, fact in told(WELL).items()}
    assert trouble(WELL) == set()
    assert "3 days (process 812, version 0.1.0)" in lines["bot"]
    assert lines["homeserver"] == "heard 12 s ago"
    assert lines["groups"] == "12; cycles running: 9, paused: 1"
    assert lines["next step"] == "Fri 12 Feb 2027 10:00 in Parkeren (Europe/Amsterdam)"
    assert lines["to send"] == lines["to handle"] == "nothing waits"
    assert lines["last backup"] == "20 h ago"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"runner": None}, {"bot"}),
        ({"runner": Runner()}, {"bot"}),
        ({"runner": replace(RUNNER, heard_at=None)}, {"homeserver"}),
        ({"runner": replace(RUNNER, heard_at=NOW - timedelta(seconds=89))}, set[str]()),
        ({"runner": replace(RUNNER, heard_at=NOW - timedelta(seconds=90))}, {"homeserver"}),
        ({"backlog": replace(BACKLOG, posts=Heap(3, NOW - timedelta(minutes=59)))}, set[str]()),
        ({"backlog": replace(BACKLOG, posts=Heap(3, NOW - timedelta(hours=1)))}, {"to send"}),
        ({"backlog": replace(BACKLOG, inputs=Heap(1, NOW - timedelta(minutes=10)))}, {"to handle"}),
        ({"backlog": replace(BACKLOG, set_aside=Heap(2, NOW - timedelta(days=9)))}, set[str]()),
        ({"backlog": replace(BACKLOG, next_step=replace(STEP, due_at=NOW - timedelta(minutes=9)))}, set[str]()),
        ({"backlog": replace(BACKLOG, next_step=replace(STEP, due_at=NOW - timedelta(minutes=10)))}, {"next step"}),
        ({"backlog": None, "unread": "is not there yet"}, {"database"}),
    ],
)
def test_trouble_is_what_a_person_must_look_at(change: Mapping[str, object], expected: set[str]) -> None:
    status = replace(WELL, **change)  # type: ignore[arg-type]
    assert trouble(status) == expected
    assert len(as_json(status, "x")["trouble"]) == len(expected)  # type: ignore[arg-type]


def test_what_waits_is_no_trouble_of_its_own_while_no_bot_runs() -> None:
    waiting = replace(BACKLOG, posts=Heap(3, NOW - timedelta(days=2)), next_step=replace(STEP, due_at=NOW))
    status = replace(WELL, runner=None, backlog=waiting, at=NOW + timedelta(days=1))
    assert trouble(status) == {"bot"}
    assert told(status)["to send"].text == "3, the oldest since 3 days"


def test_before_the_first_start_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    configured(tmp_path, NOBODY, "http://127.0.0.1:9")
    before = sorted(tmp_path.iterdir())
    ended = doetank_bot(tmp_path, "status")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "wrong  bot: not running" in ended.stdout
    assert "wrong  database: is not there yet" in ended.stdout
    assert sorted(tmp_path.iterdir()) == before


async def test_it_reads_what_is_there_and_not_what_anyone_said(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag iets geheims")
        settings = settings_in(tmp_path)
        found = await read(settings, here.house.clock.now())
    assert found.backlog is not None
    assert (found.backlog.n_groups, found.backlog.n_running) == (1, 1)
    assert "Mon 08 Feb 2027 09:30 in Parkeren" in told(found)["next step"].text
    text = "\n".join(map(str, facts(found, "x"))) + json.dumps(as_json(found, "x"))
    for word in ("geheim", "Joke", "joke", "@"):
        assert word not in text


async def test_a_database_that_tells_nothing_is_left_as_it_is(tmp_path: Path) -> None:
    settings, database = settings_in(tmp_path), tmp_path / "doetank.db"
    await migrate(settings.database.url)
    for version, expected in (("0002", "has an older schema; run brings it up to date"), ("9999", "cannot be used")):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
            connection.commit()
        assert expected in told(await read(settings, NOW))["database"].text
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(version,)]
    database.write_bytes(b"geen database" * 400)
    assert "cannot be used" in told(await read(settings, NOW))["database"].text
    assert database.read_bytes() == b"geen database" * 400


async def test_the_time_of_the_last_backup_is_that_of_its_sign(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        settings = settings_in(tmp_path)
        assert told(await read(settings, NOW))["last backup"].text == "none is known"
        sign = tmp_path / "doetank.db.backup.json"
        sign.write_text("{}")
        assert told(await read(settings, NOW))["last backup"].text == "none is known"
        sign.write_text(json.dumps({"at": NOW.isoformat(), "path": "/var/backups/doetank.tar"}))
        assert told(await read(settings, NOW + timedelta(days=3)))["last backup"].text == "3 days ago"


def test_a_bot_that_starts_while_someone_looks_does_start(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        done = Timer(0.05, fcntl.flock, (looking, fcntl.LOCK_UN))
        done.start()
        with single_instance(lock):
            assert look(lock) == Runner()
        done.join()


def test_only_one_holds_the_lock_until_it_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert look(lock) is None
    with single_instance(lock) as presence:
        assert look(lock) == Runner()
        presence.sign("1.2.3", NOW)
        assert look(lock) == Runner(os.getpid(), "1.2.3", NOW)
        with pytest.raises(AlreadyRunning), single_instance(lock):
            pass
        found = look(lock)
        assert found is not None
        assert found.version == "1.2.3"
    assert look(lock) is None
    with single_instance(lock):
        assert look(lock) == Runner()


def test_the_homeserver_is_marked_as_heard_once_in_ten_seconds(tmp_path: Path) -> None:
    with single_instance(tmp_path / "lock") as presence:
        presence.sign("1", NOW)
        seen = []
        for seconds in (1, 5, 10, 11, 12, 40, -3600):
            presence.heard(NOW + timedelta(seconds=seconds))
            found = look(tmp_path / "lock")
            assert found is not None
            assert found.heard_at is not None
            seen.append((found.heard_at - NOW).total_seconds())
    assert seen == [1, 1, 1, 11, 11, 40, -3600]


def test_a_sign_that_cannot_be_read_is_no_traceback(tmp_path: Path) -> None:
    with single_instance(tmp_path / "lock"):
        for written in ("{", "[]", '{"pid": "x"}', '{"pid": 1, "version": "1", "started_at": 7}', "\x00\xff"):
            (tmp_path / "lock").write_text(written)
            assert look(tmp_path / "lock") == Runner()


@pytest.mark.homeserver
def test_beside_a_running_bot_it_says_since_when_and_after_a_kill_at_once_that_it_is_gone(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    configured(tmp_path, homeserver.register("status"), homeserver.url)
    with running(tmp_path) as program:
        well = doetank_bot(tmp_path, "status")
        machine = doetank_bot(tmp_path, "status", "--json")
        program.kill()
        gone = doetank_bot(tmp_path, "status")
    assert (well.returncode, well.stderr) == (0, "")
    assert f"(process {program.pid}, version " in well.stdout
    assert "ok     homeserver: heard " in well.stdout
    found = json.loads(machine.stdout)
    assert (machine.returncode, found["is_running"], found["pid"], found["trouble"]) == (0, True, program.pid, [])
    assert gone.returncode == 1
    assert gone.stdout.startswith("wrong  bot: not running")
    assert "groups: 0" in gone.stdout


@pytest.mark.homeserver
def test_systemd_hears_that_it_is_ready_alive_and_how_it_goes(homeserver: Homeserver, tmp_path: Path) -> None:
    configured(tmp_path, homeserver.register("status-systemd"), homeserver.url)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        told_about = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
        with subprocess.Popen(
            [sys.executable, "-m", "doetank_bot", "run"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **told_about},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as program:
            words = ""
            while "READY=1" not in words or "heard 0 s ago" not in words:
                words += systemd.recv(4096).decode() + "\n"
            assert "WATCHDOG=1\nSTATUS=Homeserver " in words
            program.terminate()
            assert program.wait(10) == 0


async def test_the_watchdog_is_fed_twice_as_often_as_it_asks(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(0)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        telling = asyncio.create_task(keep_telling(lambda: "fine", environ))
        async with asyncio.timeout(5):
            received = [await asyncio.get_running_loop().sock_recv(systemd, 100) for _ in range(4)]
        (tmp_path / "notify").unlink()
        await asyncio.sleep(0.25)
        assert not telling.done()
        telling.cancel()
    assert received == [b"WATCHDOG=1\nSTATUS=fine"] * 4


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "veel"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
    ],
)
def test_the_watchdog_counts_when_it_is_meant_for_this_process(
    environ: Mapping[str, str], expected: timedelta | None
) -> None:
    assert watchdog(environ) == expected


async def test_without_systemd_nothing_is_told() -> None:
    async with asyncio.timeout(1):
        await keep_telling(lambda: "fine", {})
