"""An answer in the room itself, on a real Synapse, read as another user."""

from pathlib import Path

import pytest
from conftest import People
from group import words_on_disk
from homeserver import Event, Homeserver
from living import answer_to, living, room_with, says, seen

pytestmark = pytest.mark.homeserver


async def test_who_answers_in_the_room_is_shown_the_way_once_and_their_words_are_kept_nowhere(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await answer_to(maaike, room, bot, await maaike.send(room, '!ronde start "Parkeren" weken=4'))
        await joke.send(room, "Zin in pannenkoeken, iedereen?")
        await maaike.send(room, "!opdracht nu")
        prompt = await seen(joke, room, says("of in de draad eronder", bot.user_id))

        said = await joke.send(room, "Ik ging naar de pannenkoekenboot")
        hint = await answer_to(maaike, room, bot, said)
        assert "in de draad onder de vraag" in hint["content"]["body"]
        assert hint["content"]["msgtype"] == "m.notice"
        assert hint["content"]["m.mentions"] == {}
        assert hint["content"]["m.relates_to"].get("rel_type") is None

        await joke.edit(room, said, "Ik ging naar de pannenkoekenboot, en terug")
        await joke.send(room, "Die pannenkoeken waren trouwens erg lekker")
        await joke.redact(room, said)
        answer = await joke.send(room, "Ik belde met het loket", thread=prompt["event_id"])
        await seen(maaike, room, lambda event: _signed(event) == answer)
        assert b"pannenkoek" not in words_on_disk(tmp_path)
        assert b"het loket" in words_on_disk(tmp_path)
        shown = [event for event in bot.said(await maaike.messages(room)) if "draad onder de vraag" in _body(event)]
        assert [event["event_id"] for event in shown] == [hint["event_id"]]
    assert b"pannenkoek" not in words_on_disk(tmp_path)


def _body(event: Event) -> str:
    return str(event["content"].get("body", ""))


def _signed(event: Event) -> str | None:
    is_sign = event["type"] == "m.reaction"
    return str(event["content"].get("m.relates_to", {}).get("event_id")) if is_sign else None
