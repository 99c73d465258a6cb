"""A reviewer's faults, mended, on a real Synapse and read as another user."""

import asyncio
from pathlib import Path

import pytest
from conftest import People
from homeserver import Homeserver
from living import answer_to, living, says, seen

pytestmark = pytest.mark.homeserver


async def test_a_deleted_edit_and_a_third_person_in_private(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await maaike.create_room(version="12", invite=[bot.user_id, joke.user_id], name="Parkeren")
        await joke.join(room)
        await seen(maaike, room, says("Doetank", bot.user_id))
        start = await maaike.send(room, '!ronde start "Parkeren" weken=4')
        await answer_to(joke, room, bot, start)
        said = await joke.send(room, "!zag drie mensen")
        await answer_to(joke, room, bot, said)
        edit = await joke.edit(room, said, "!zag een dronken buurman")
        send = await maaike.send(room, "!weekbericht stuur")
        await answer_to(maaike, room, bot, send)
        await seen(maaike, room, says("dronken buurman", bot.user_id))
        await joke.redact(room, edit)
        await seen(maaike, room, says("drie mensen", bot.user_id))
        digests = [one for one in bot.said(await maaike.messages(room)) if "Weekbericht" in one["content"]["body"]]
        assert len(digests) == 1

        await maaike.send(room, "!weekbericht vooruitblik")
        private = await maaike.wait_for_invite(by=bot.user_id)
        await maaike.join(private)
        await maaike.invite(private, joke.user_id)
        await joke.join(private)
        await seen(joke, private, says("ik ga weg", bot.user_id))
        await maaike.send(room, "!weekbericht vooruitblik")
        async with asyncio.timeout(15):
            async for asked, event in maaike.watch():
                if event["type"] == "invite" and asked != private:
                    break
