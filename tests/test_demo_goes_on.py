"""The demo goes on after its play: whoever logs in is answered, and Ctrl-C ends it all."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from homeserver import Account, Person
from living import says
from test_demo import left_in, processes_in

SHORT = """2027-01-07 15:00
Parking without paperwork
Maaike Joke
Erik

Maaike: !cycle start weeks=4
Maaike>> Why is the form so hard?
Maaike: !sponsor @erik:doetank.test
= 2027-01-11 10:00
Joke> I rang a carer.
= 2027-01-15 14:30
Maaike: !cycle end
"""
ON_A_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from rich.console import Console
from doetank_bot.demo import script, show
sys.exit(show.run("en", Console(), script.read_script(sys.argv[1])))
"""
CTRL_C = b"\x03"
COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen:
    """What a terminal shows, and its keyboard."""

    def __init__(self, keys: int) -> None:
        self.keys = keys
        self.shown = ""

    async def until(self, words: str) -> str:
        """Return all that is shown once `words` are."""
        async with asyncio.timeout(60):
            while words not in self.shown:
                shown = (await asyncio.to_thread(os.read, self.keys, 65536)).decode(errors="replace")
                self.shown += COLOUR.sub("", shown)
        return self.shown

    def press(self, keys: bytes) -> None:
        os.write(self.keys, keys)


@contextmanager
def on_a_terminal(tmp_path: Path, script: str) -> Iterator[tuple[Screen, "subprocess.Popen[bytes]"]]:
    ours, theirs = os.openpty()
    environment = os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "100", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, script], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    try:
        yield Screen(ours), process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


async def logged_in(url: str, name: str, password: str) -> Account:
    """Log in as a web client does: the browser asks first whether it may."""
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": password}
    origin = {"Origin": "https://app.element.io"}
    async with aiohttp.ClientSession(headers=origin) as session:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        async with session.options(f"{url}/_matrix/client/v3/login", headers=asked) as allowed:
            assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, "*")
        async with session.post(f"{url}/_matrix/client/v3/login", data=json.dumps(body)) as answer:
            assert answer.status == 200, await answer.text()
            got = await answer.json()
    return Account(got["user_id"], got["access_token"], got["device_id"], password)


@pytest.mark.homeserver
async def test_after_the_play_anyone_logs_in_and_goes_on_until_ctrl_c(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path, SHORT) as (screen, process):
        shown = await screen.until("Ctrl-C stops")
        (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+", shown))
        (password,) = re.findall(r"password is: (\w+)", shown)
        async with Person(url, await logged_in(url, "maaike", password)) as maaike:
            room = await room_named(maaike, "Parking without paperwork")
            await maaike.send(room, '!cycle start "Letters in plain words" weeks=4')
            bot = "@doebot:doetank.test"
            await maaike.wait_for(room, says("Letters in plain words · 4 weeks", bot))
            await maaike.send(room, "!prompt now")
            await maaike.wait_for(room, says("Something to do", bot))
        await screen.until("Letters in plain words · 4 weeks")
        screen.press(CTRL_C)
        assert await asyncio.to_thread(process.wait, 30) == 0
    (folder,) = left_in(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"group.html", "group.json"}
    assert processes_in(tmp_path) == []


async def room_named(person: Person, name: str) -> str:
    for room in (await person.call("GET", "/joined_rooms"))["joined_rooms"]:
        if any(event["content"].get("name") == name for event in await person.messages(room)):
            return str(room)
    raise AssertionError(name)
