import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import People
from homeserver import SERVER_NAME, Homeserver, HomeserverError, Person, RefusedError

pytestmark = pytest.mark.homeserver


@pytest.mark.parametrize("version", ["10", "12"])
async def test_two_people_talk_in_a_thread_edit_and_delete(person: People, version: str) -> None:
    ana, bo = await person("ana"), await person("bo")
    room = await ana.create_room(version, invite=[bo.user_id], name="Doetank")
    assert await bo.wait_for_invite(by=ana.user_id) == room
    await bo.join(room)

    root = await ana.send(room, "Wat ga je doen?")
    answer = await bo.send(room, "Ik bel de buurt.", thread=root)
    await bo.edit(room, answer, "Ik bel mijn buurvrouw.")
    gone = await bo.send(room, "Oeps", reply_to=root)
    await bo.redact(room, gone)
    await ana.react(room, answer, "👍")

    seen = await ana.event(room, answer)
    assert seen["content"]["m.relates_to"]["event_id"] == root
    assert seen["unsigned"]["m.relations"]["m.replace"]["content"]["m.new_content"]["body"] == "Ik bel mijn buurvrouw."
    assert (await ana.event(room, gone))["content"] == {}
    kinds = [event["type"] for event in await ana.messages(room)]
    assert kinds[0] == "m.room.create"
    assert kinds[-3:] == ["m.room.message", "m.room.redaction", "m.reaction"]
    assert (await ana.state(room, "m.room.name"))["name"] == "Doetank"
    assert await bo.members(room) == {ana.user_id: "join", bo.user_id: "join"}


async def test_messages_gives_every_event_of_a_long_room_oldest_first(person: People) -> None:
    ana = await person("ana")
    room = await ana.create_room()
    for number in range(110):
        await ana.send(room, str(number))
    said = [e["content"]["body"] for e in await ana.messages(room) if e["type"] == "m.room.message"]
    assert said == [str(number) for number in range(110)]


async def test_waiting_finds_what_was_said_before_and_what_comes_later(person: People) -> None:
    ana, bo = await person("ana"), await person("bo")
    room = await ana.create_room(invite=[bo.user_id])
    await bo.join(room)
    first = await ana.send(room, "eerder")
    assert (await bo.wait_for(room, lambda e: e["content"].get("body") == "eerder"))["event_id"] == first
    waiting = asyncio.create_task(bo.wait_for(room, lambda e: e["content"].get("body") == "later"))
    await asyncio.sleep(0.3)
    assert await ana.send(room, "later") == (await waiting)["event_id"]
    with pytest.raises(TimeoutError):
        await bo.wait_for(room, lambda e: e["content"].get("body") == "nooit", timeout=0.5)


async def test_a_power_level_is_what_the_room_says_and_a_refusal_names_its_code(person: People) -> None:
    ana, bo = await person("ana"), await person("bo")
    room = await ana.create_room("11", invite=[bo.user_id])
    await bo.join(room)
    with pytest.raises(RefusedError, match="M_FORBIDDEN"):
        await bo.kick(room, ana.user_id)
    await ana.set_power(room, bo.user_id, 50)
    assert (await bo.state(room, "m.room.power_levels"))["users"][bo.user_id] == 50


async def test_the_same_transaction_id_gives_the_same_event(person: People) -> None:
    ana = await person("ana")
    room = await ana.create_room()
    assert await ana.send(room, "een", txn="t/1") == await ana.send(room, "een", txn="t/1")


async def test_a_killed_homeserver_restarts_on_the_same_directory_with_everything_in_it(
    tmp_path: Path,
) -> None:
    with Homeserver.start(tmp_path / "hs") as server:
        async with Person(server.url, server.register("ana")) as ana:
            assert ana.user_id == f"@ana:{SERVER_NAME}"
            room = await ana.create_room()
            event_id = await ana.send(room, "blijft")
            server.kill()
            server.restart()
            assert (await ana.event(room, event_id))["content"]["body"] == "blijft"


async def test_rate_limits_can_be_asked_for(tmp_path: Path) -> None:
    limit = {"rc_message": {"per_second": 0.01, "burst_count": 2}}
    with Homeserver.start(tmp_path, extra=limit) as server:
        async with Person(server.url, server.register("ana")) as ana:
            room = await ana.create_room()
            for _ in range(2):
                with contextlib.suppress(RefusedError):
                    await ana.send(room, "een")
            with pytest.raises(RefusedError, match="M_LIMIT_EXCEEDED"):
                await ana.send(room, "en nog een")


def test_a_name_that_is_taken_is_an_error_that_says_so(homeserver: Homeserver) -> None:
    homeserver.register("dubbel")
    with pytest.raises(HomeserverError, match="M_USER_IN_USE"):
        homeserver.register("dubbel")


def test_two_homeservers_never_share_a_port(homeserver: Homeserver, tmp_path: Path) -> None:
    taken = int(homeserver.url.rsplit(":", 1)[1])
    with pytest.raises(HomeserverError, match="No free port"):
        Homeserver.start(tmp_path, port=taken)


def test_a_homeserver_does_not_outlive_a_starter_that_was_killed(tmp_path: Path) -> None:
    starter = (
        "import sys, time, pathlib; from doetank_bot.demo.homeserver import Homeserver;"
        "server = Homeserver.start(pathlib.Path(sys.argv[1]));"
        "print(server._process.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", starter, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert _ends(pid)
    assert json.loads((tmp_path / "homeserver.json").read_text())["presence"] == {"enabled": False}


def _ends(pid: int) -> bool:
    """True once the process is gone; it has 10 s for an orderly end."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
    return False


def test_a_homeserver_that_stopped_leaves_no_lock_file_and_never_takes_that_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Homeserver.start(tmp_path / "one") as server:
        port = int(server.url.rpartition(":")[2])
        lock = tmp_path / f"doetank-port-{port}.lock"
        assert lock.exists()
        with pytest.raises(HomeserverError, match=str(port)):
            Homeserver.start(tmp_path / "two", port)
        assert lock.exists()
    assert not lock.exists()


def test_a_port_that_another_program_has_leaves_no_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(HomeserverError):
        Homeserver.start(tmp_path / "one", taken.getsockname()[1])
    assert list(tmp_path.glob("*.lock")) == []
