"""Lists, settings and absence on a real Synapse, read as another user."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import People
from homeserver import Event, Homeserver
from living import answer_to, living, room_with, says, seen

pytestmark = pytest.mark.homeserver


def _body(event: Event) -> str:
    return str(event["content"].get("body", ""))


def redacts(gone: str) -> Callable[[Event], bool]:
    return lambda event: gone in {event.get("redacts"), event["content"].get("redacts")}


async def test_what_is_read_back_in_the_room_follows_a_deletion_and_holds_nothing_private(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        given = await joke.send(room, "!proef Eén belletje naar het loket")
        await answer_to(maaike, room, bot, given)
        private = await joke.create_room(invite=[bot.user_id], is_direct=True)
        await seen(joke, private, says("geen mens", bot.user_id))
        await answer_to(joke, private, bot, await joke.send(private, "!zag Het loket was dicht en ik werd boos"))

        listed = await answer_to(maaike, room, bot, await maaike.send(room, "!proeven"))
        assert "belletje naar het loket” — joke" in _body(listed)
        found = await answer_to(maaike, room, bot, await joke.send(room, "!zoek loket"))
        assert "belletje" in _body(found)
        assert "boos" not in _body(found)
        mine = await answer_to(joke, private, bot, await joke.send(private, "!mijn"))
        assert "boos” (alleen jij ziet dit)" in _body(mine)
        told = await answer_to(maaike, room, bot, await joke.send(room, "!mijn"))
        assert _body(told) == "Dat stuur ik je privé."

        await joke.redact(room, given)
        for shown in (listed, found):
            await seen(maaike, room, redacts(shown["event_id"]))
            assert "body" not in (await maaike.event(room, shown["event_id"]))["content"]
        assert not [event for event in await maaike.messages(room) if "boos" in _body(event)]


async def test_the_coach_sets_undoes_and_rests_and_a_member_goes_away(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path, language="en") as bot:
        room = await room_with(maaike, bot, joke, name="Parking")
        for typed, part in (
            ("!cycle start weeks=4", "4 weeks"),
            ("!set rhythm do=tue 10:00", "do=tue 10:00"),
            ("!cycle undo", "Undone"),
            ("!break 1 May to 5 May", "I ask nothing"),
            ("!set hours 10-12", "Nothing has changed"),
        ):
            answer = await answer_to(joke, room, bot, await maaike.send(room, typed))
            assert part in _body(answer), typed
            assert answer["content"]["msgtype"] == "m.notice"
        refused = await answer_to(maaike, room, bot, await joke.send(room, "!set hours 10:00-12:00"))
        assert "moderator" in _body(refused)
        away = await answer_to(joke, room, bot, await joke.send(room, "!away until 31 December"))
        assert "31 December" in _body(away)
