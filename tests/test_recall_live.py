"""A bot that is put back to an earlier moment, on a real Synapse, as another user sees it."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from conftest import People
from homeserver import Event, Homeserver, Person
from kept import ENVIRON
from living import Living, answer_to, living, room_with, says, seen

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]


async def _program(folder: Path, *arguments: str) -> None:
    program = [sys.executable, "-m", "doetank_bot", *arguments]
    ended = await asyncio.to_thread(
        subprocess.run, program, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def _shown(events: list[Event]) -> list[tuple[str, str]]:
    """What of a room is there to read: the sender and words of each event, edits too."""
    return [
        (event["sender"], event["content"].get("body", event["type"]))
        for event in events
        if event["type"] in {"m.room.message", "m.reaction"} and event["content"]
    ]


def _words(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "doetank.db")) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM contributions ORDER BY number")]


async def _lived(bot: Living, room: str, maaike: Person, joke: Person, bas: Person) -> None:
    """What happens after the backup: a prompt, answers, a digest, an edit, a withdrawal, a digest made again."""
    await answer_to(maaike, room, bot, await maaike.send(room, "!opdracht nu"))
    prompt = await seen(joke, room, says("in de draad", bot.user_id))
    answer = await joke.send(room, "Als het dinsdag is ga ik kijken", thread=prompt["event_id"])
    await seen(joke, room, lambda event: event["type"] == "m.reaction")
    gone = await bas.send(room, "!zag vier mensen")
    await answer_to(bas, room, bot, gone)
    await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
    digest = await seen(bas, room, says("Weekbericht", bot.user_id))
    await joke.edit(room, answer, "Als het woensdag is ga ik kijken")
    await bas.redact(room, gone)
    await seen(
        bas, room, lambda event: says("Weekbericht", bot.user_id)(event) and event["event_id"] != digest["event_id"]
    )


async def test_a_bot_put_back_says_nothing_twice_and_knows_the_answers_since(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke, bas = await person("maaike"), await person("joke"), await person("bas")
    account = homeserver.register("doetank-put-back")
    async with living(homeserver, tmp_path, account=account) as bot:
        room = await room_with(maaike, bot, joke, bas)
        await answer_to(maaike, room, bot, await maaike.send(room, "!ronde start weken=4"))
        secret = await bas.send(room, "!zag een geheim")
        await answer_to(bas, room, bot, secret)
        await _program(tmp_path, "backup", "set.tar")
        await bas.redact(room, secret)
        await _lived(bot, room, maaike, joke, bas)
    before, words = _shown(await joke.messages(room)), _words(tmp_path)
    await _program(tmp_path, "restore", "set.tar", "--yes")
    assert "een geheim" in _words(tmp_path)
    late = await bas.send(room, "!zag dat de bot weg was")
    async with living(homeserver, tmp_path, account=account) as bot:
        await answer_to(bas, room, bot, late)
        await asyncio.sleep(3)
        after = _shown(await joke.messages(room))
    assert [one for one in after[len(before) :] if one[0] == bas.user_id] == [(bas.user_id, "!zag dat de bot weg was")]
    assert len(after) == len(before) + 2
    assert after[: len(before)] == before
    # What was deleted before it could be read again is not there, as it should be; not even its number.
    assert _words(tmp_path) == ["", *(text for text in words if text), "dat de bot weg was"]
    assert "Als het woensdag is ga ik kijken" in words
    assert b"een geheim" not in (tmp_path / "doetank.db").read_bytes()
