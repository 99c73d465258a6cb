"""The main scenarios on a real Synapse, read as another user."""

import asyncio
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import People
from homeserver import Event, Homeserver, Person
from living import answer_to, coming_monday, living, room_with, says, seen

pytestmark = pytest.mark.homeserver
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def _relation(event: Event) -> Event:
    relation: Event = event["content"].get("m.relates_to", {})
    return relation


async def test_a_week_as_another_user_sees_it(homeserver: Homeserver, person: People, tmp_path: Path) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        start = await maaike.send(room, '!ronde start "Parkeren" weken=4')
        preview = await answer_to(joke, room, bot, start)
        assert preview["content"]["msgtype"] == "m.notice"
        assert preview["content"]["m.mentions"] == {}
        asking = await seen(joke, room, lambda event: _relation(event).get("event_id") == start)
        assert _relation(asking)["rel_type"] == "m.thread"
        question = await maaike.send(room, "Waarom steeds opnieuw?", thread=start)
        await answer_to(joke, room, bot, question)

        bot.clock.put_to(coming_monday() + timedelta(hours=9, minutes=31))
        prompt = await seen(joke, room, says("Antwoord op dit bericht, of in de draad", bot.user_id))
        assert prompt["content"]["msgtype"] == "m.text"
        assert set(prompt["content"]["m.mentions"]["user_ids"]) == {maaike.user_id, joke.user_id}
        answer = await joke.send(room, "Als het dinsdag is, dan <b>ga</b> ik @room", thread=prompt["event_id"])
        sign = await seen(maaike, room, lambda event: event["type"] == "m.reaction")
        assert _relation(sign)["event_id"] == answer

        bot.clock.put_to(coming_monday() + timedelta(days=4, hours=11, minutes=1))
        private = await maaike.wait_for_invite(by=bot.user_id)
        await maaike.join(private)
        await seen(maaike, private, says("14:00", bot.user_id))
        assert not [event for event in await joke.messages(room) if says("Weekbericht", bot.user_id)(event)]

        bot.clock.put_to(coming_monday() + timedelta(days=4, hours=14, minutes=1))
        digest = await seen(joke, room, says("Weekbericht", bot.user_id))
        content = digest["content"]
        assert content["msgtype"] == "m.text"
        assert content["m.mentions"] == {}
        assert "“Als het dinsdag is, dan <b>ga</b> ik @room” — joke" in content["body"]
        assert "<b>ga</b>" not in content["formatted_body"]
        assert f"https://matrix.to/#/{room}/{answer}" in content["formatted_body"].replace("%21", "!").replace(
            "%24", "$"
        )


async def test_edits_and_deletions_reach_the_posted_digest(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke, bas = await person("maaike"), await person("joke"), await person("bas")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke, bas)
        await answer_to(maaike, room, bot, await maaike.send(room, "!ronde start weken=4"))
        observed = await joke.send(room, "!zag drie mensen")
        await answer_to(joke, room, bot, observed)
        await answer_to(bas, room, bot, await bas.send(room, "!zag een dichte deur"))
        await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
        digest = await seen(bas, room, says("Weekbericht", bot.user_id))
        await bas.edit(room, observed, "!zag helemaal niemand")
        await joke.edit(room, observed, "!zag vier mensen")
        edit = await seen(bas, room, lambda event: _relation(event).get("event_id") == digest["event_id"])
        new = edit["content"]["m.new_content"]["body"]
        assert "vier mensen" in new
        assert "niemand" not in new
        await joke.redact(room, observed)
        again = await seen(
            bas, room, lambda event: says("Weekbericht", bot.user_id)(event) and event["event_id"] != digest["event_id"]
        )
        assert "mensen”" not in again["content"]["body"]
        assert "een dichte deur" in again["content"]["body"]
        for gone in (digest["event_id"], edit["event_id"]):
            assert "body" not in (await bas.event(room, gone))["content"]


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_only_moderators_of_the_room_start_in_every_room_version(
    homeserver: Homeserver, person: People, tmp_path: Path, version: str
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path, language="en") as bot:
        room = await room_with(maaike, bot, joke, version=version)
        refused = await answer_to(joke, room, bot, await joke.send(room, "!cycle start"))
        await maaike.set_power(room, joke.user_id, 50)
        allowed = await answer_to(joke, room, bot, await joke.send(room, "!cycle start"))
        await maaike.set_power(room, joke.user_id, 0)
        again = await answer_to(joke, room, bot, await joke.send(room, "!cycle end"))
        ended = await answer_to(maaike, room, bot, await maaike.send(room, "!cycle end"))
    assert "moderator" in refused["content"]["body"]
    assert "8 weeks" in allowed["content"]["body"]
    assert "moderator" in again["content"]["body"]
    assert "moderator" not in ended["content"]["body"]


async def test_absurd_input_pings_nobody_and_the_bot_lives(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    absurd = [
        "!",
        "!\u202eceyc\u202c",
        "!zag \u200b",
        "!zag <h1>@room</h1>",
        "!zag " + "ja " * 15000,
        "!ronde start " + "=" * 5000,
    ]
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        for text in absurd:
            answered = await answer_to(joke, room, bot, await joke.send(room, text))
            assert answered["content"]["m.mentions"] == {}
        await answer_to(joke, room, bot, await joke.send(room, "!help"))
        highlights = await _highlights(maaike, room)
    assert highlights == 0


async def test_what_was_said_before_the_bot_came_is_never_acted_on(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike = await person("maaike")
    async with living(homeserver, tmp_path) as bot:
        room = await maaike.create_room(name="Parkeren")
        early = [await maaike.send(room, f"!zag {number}") for number in range(70)]
        await maaike.invite(room, bot.user_id)
        await seen(maaike, room, says("Doetank", bot.user_id))
        late = await maaike.send(room, "!zag iets nieuws")
        await answer_to(maaike, room, bot, late)
        answered = {
            _relation(event).get("m.in_reply_to", {}).get("event_id") for event in bot.said(await maaike.messages(room))
        }
    assert not answered & set(early)


async def test_a_homeserver_that_was_away_is_found_again_and_nothing_is_lost(person: People, tmp_path: Path) -> None:
    del person
    (tmp_path / "hs").mkdir()
    (tmp_path / "bot").mkdir()
    with Homeserver.start(tmp_path / "hs") as own:
        async with Person(own.url, own.register("maaike")) as maaike, living(own, tmp_path / "bot") as bot:
            room = await room_with(maaike, bot)
            own.kill()
            await asyncio.sleep(2)
            await asyncio.to_thread(own.restart)
            observed = [await maaike.send(room, f"!zag rij {number}") for number in range(3)]
            for message in observed:
                await answer_to(maaike, room, bot, message, timeout=30)
            answered = [_relation(each).get("m.in_reply_to", {}) for each in bot.said(await maaike.messages(room))]
            assert [answered.count({"event_id": message}) for message in observed] == [1, 1, 1]


async def _highlights(who: Person, room: str) -> int:
    answer = await who.call("GET", "/sync", timeout=0)
    count: int = answer["rooms"]["join"][room]["unread_notifications"]["highlight_count"]
    return count
