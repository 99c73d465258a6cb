"""A group's room that moves, closes or changes hands, on a real Synapse: read as another user."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import People
from homeserver import Event, Homeserver, Person
from living import Living, answer_to, coming_monday, living, room_with, says, seen

pytestmark = pytest.mark.homeserver
PROMPT = "Antwoord op dit bericht, of in de draad"
QUIET_FOR = 1.5
"""Seconds after which what the bot would do it has done: its clock ticks ten times a second."""


@pytest.mark.parametrize(("before", "after"), [("10", "11"), ("11", "12"), ("12", "12")])
async def test_an_upgraded_room_takes_the_group_along(
    homeserver: Homeserver, person: People, tmp_path: Path, before: str, after: str
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke, version=before)
        await _started(maaike, room, bot)
        bot.clock.put_to(_monday())
        prompt = await seen(joke, room, says(PROMPT, bot.user_id))
        answered = await joke.send(room, "Als het dinsdag is, dan ga ik", thread=prompt["event_id"])
        await seen(maaike, room, lambda event: event["type"] == "m.reaction")

        new = await _upgraded(maaike, room, after)
        private = await _private(maaike, bot)
        await seen(maaike, private, says("verhuisd", bot.user_id))
        bot.clock.put_to(coming_monday() + timedelta(days=3, hours=11))
        await asyncio.sleep(QUIET_FOR)
        assert bot.user_id not in await maaike.members(new)

        await maaike.invite(new, joke.user_id)
        await joke.join(new)
        await maaike.invite(new, bot.user_id)
        await seen(joke, new, says("gaat hier verder", bot.user_id))
        bot.clock.put_to(coming_monday() + timedelta(days=3, hours=11, minutes=20))
        late = await seen(joke, new, says(PROMPT, bot.user_id))
        assert "10:00" in late["content"]["body"]
        assert joke.user_id in late["content"]["m.mentions"]["user_ids"]
        behind = await maaike.send(room, "Mijn late antwoord", thread=prompt["event_id"])
        await seen(maaike, private, says("uit de oude ruimte bewaar ik, als #", bot.user_id))
        await maaike.send(room, "!zag een dichte deur")
        await seen(maaike, private, says("Met dit bericht deed ik niets", bot.user_id))
        bot.clock.put_to(coming_monday() + timedelta(days=4, hours=14, minutes=1))
        digest = await seen(joke, new, says("Weekbericht", bot.user_id))
        assert "Als het dinsdag is, dan ga ik" in digest["content"]["body"]
        assert answered
        assert len(await _prompts(joke, room, bot)) == 1
        assert len(await _prompts(joke, new, bot)) == 1
        assert digest["content"]["body"].count("Mijn late antwoord") == 1
        assert "dichte deur" not in digest["content"]["body"]
        await maaike.edit(room, behind, "Mijn betere antwoord")
        await _until(lambda: _reads(joke, new, digest, "Mijn betere antwoord"))
        await maaike.redact(room, behind)
        await _until(lambda: _is_gone(joke, new, digest["event_id"]))


async def test_a_successor_that_does_not_name_the_old_room_is_another_group(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike = await person("maaike")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot)
        await _started(maaike, room, bot)
        new = await maaike.create_room(name="Parkeren")
        allowed = {"type": "m.room_membership", "room_id": room}
        await _set(maaike, new, "m.room.join_rules", {"join_rule": "restricted", "allow": [allowed]})
        await _set(maaike, room, "m.room.tombstone", {"body": "", "replacement_room": new})
        hello = await seen(maaike, new, says("Doetank-bot", bot.user_id))
        assert "gaat hier verder" not in hello["content"]["body"]


async def test_a_public_successor_is_entered_at_once(homeserver: Homeserver, person: People, tmp_path: Path) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await _started(maaike, room, bot)
        await _set(maaike, room, "m.room.join_rules", {"join_rule": "public"})
        new = await _upgraded(maaike, room, "12")
        await seen(maaike, new, says("gaat hier verder", bot.user_id))


async def test_a_tombstone_of_a_member_moves_nobody_even_where_the_room_lets_them_write_it(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await _started(maaike, room, bot)
        await _levels(maaike, room, lambda levels: levels["events"].update({"m.room.tombstone": 0}))
        body = {"preset": "private_chat", "creation_content": {"predecessor": {"room_id": room}}, "name": "Parkeren"}
        lure = str((await joke.call("POST", "/createRoom", body))["room_id"])
        await _set(joke, room, "m.room.tombstone", {"body": "", "replacement_room": lure})
        await joke.invite(lure, bot.user_id)
        hello = await seen(
            joke, lure, lambda event: event["sender"] == bot.user_id and event["type"] == "m.room.message"
        )
        assert "Ik ben de Doetank-bot" in hello["content"]["body"]
        bot.clock.put_to(_monday())
        await seen(joke, room, says(PROMPT, bot.user_id))
        assert not await _prompts(joke, lure, bot)


async def test_a_bot_that_is_muted_tells_the_coach_once_and_goes_on_late(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await _started(maaike, room, bot)
        observed = await joke.send(room, "!zag drie mensen")
        await answer_to(joke, room, bot, observed)
        await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
        digest = await seen(joke, room, says("Weekbericht", bot.user_id))
        await _levels(maaike, room, lambda levels: levels.update(events_default=50))
        private = await _private(maaike, bot)
        await seen(maaike, private, says("niets meer schrijven", bot.user_id))
        await maaike.set_power(room, joke.user_id, 50)
        bot.clock.put_to(_monday())
        await joke.redact(room, observed)
        await asyncio.sleep(QUIET_FOR)
        assert not await _prompts(joke, room, bot)
        assert "drie mensen" in (await joke.event(room, digest["event_id"]))["content"]["body"]

        await _levels(maaike, room, lambda levels: levels.update(events_default=0))
        await seen(maaike, private, says("mag weer schrijven", bot.user_id))
        bot.clock.put_to(_monday() + timedelta(hours=2))
        late = await seen(joke, room, says(PROMPT, bot.user_id))
        assert "09:30" in late["content"]["body"]
        await _until(lambda: _is_gone(joke, room, digest["event_id"]))
        told = [event for event in await maaike.messages(private) if says("niets meer schrijven", bot.user_id)(event)]
        assert len(told) == 1


async def test_a_bot_that_may_not_delete_tells_the_coach_and_takes_back_once_it_may(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await _levels(maaike, room, lambda levels: levels["events"].update({"m.room.redaction": 50}))
        await _started(maaike, room, bot)
        private = await _private(maaike, bot)
        await seen(maaike, private, says("eigen berichten niet wissen", bot.user_id))
        observed = await joke.send(room, "!zag drie mensen")
        await answer_to(joke, room, bot, observed)
        await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
        digest = await seen(joke, room, says("Weekbericht", bot.user_id))
        await maaike.redact(room, observed)
        await asyncio.sleep(QUIET_FOR)
        assert "drie mensen" in (await joke.event(room, digest["event_id"]))["content"]["body"]

        await _levels(maaike, room, lambda levels: levels["events"].update({"m.room.redaction": 0}))
        await _until(lambda: _is_gone(joke, room, digest["event_id"]))
        told = [event for event in await maaike.messages(private) if says("niet wissen", bot.user_id)(event)]
        assert len(told) == 1


@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_a_bot_that_is_put_out_pauses_the_cycle_and_leaves_the_room_alone(
    homeserver: Homeserver, person: People, tmp_path: Path, how: str
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await _started(maaike, room, bot)
        observed = await joke.send(room, "!zag drie mensen")
        deleted = await joke.send(room, "!zag een dichte deur")
        for message in (observed, deleted):
            await answer_to(joke, room, bot, message)
        await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
        digest = await seen(joke, room, says("Weekbericht", bot.user_id))
        await maaike.call("POST", f"/rooms/{quote(room)}/{how}", {"user_id": bot.user_id})
        private = await _private(maaike, bot)
        await seen(maaike, private, says("staat nu stil", bot.user_id))

        bot.clock.put_to(_monday())
        await joke.edit(room, observed, "!zag vier mensen")
        await joke.redact(room, deleted)
        await joke.send(room, "!zag iets waar de bot niet bij was")
        for number in range(60):
            await joke.send(room, f"praatje {number}")
        await asyncio.sleep(QUIET_FOR)
        assert (await maaike.members(room))[bot.user_id] == ("leave" if how == "kick" else "ban")

        if how == "ban":
            await maaike.call("POST", f"/rooms/{quote(room)}/unban", {"user_id": bot.user_id})
        await maaike.invite(room, bot.user_id)
        await seen(joke, room, says("staat nog stil", bot.user_id))
        await _until(lambda: _is_gone(joke, room, digest["event_id"]))
        again = [event for event in await joke.messages(room) if says("Weekbericht", bot.user_id)(event)]
        assert "dichte deur" not in str(again)
        assert "vier mensen" in await _shown(joke, room, again[-1])
        bot.clock.ahead_for = timedelta()
        resumed = await answer_to(maaike, room, bot, await maaike.send(room, "!ronde verder"))
        assert "gaat weer verder" in resumed["content"]["body"]
        mine = await answer_to(joke, room, bot, await joke.send(room, "!mijn"))
        assert "waar de bot niet bij was" not in mine["content"]["body"]


async def test_a_member_who_is_deactivated_is_not_asked_and_their_words_stay(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke, bas = await person("maaike"), await person("joke"), await person("bas")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke, bas)
        await _started(maaike, room, bot)
        await answer_to(joke, room, bot, await joke.send(room, "!zag drie mensen"))
        await bas.leave(room)
        await _deactivated(joke)
        await asyncio.sleep(QUIET_FOR)
        bot.clock.put_to(_monday())
        first = await seen(maaike, room, says(PROMPT, bot.user_id))
        assert first["content"]["m.mentions"]["user_ids"] == [maaike.user_id]
        await maaike.invite(room, bas.user_id)
        await bas.join(room)
        await asyncio.sleep(QUIET_FOR)
        bot.clock.put_to(coming_monday() + timedelta(days=3, hours=10, minutes=1))
        await _until(lambda: _has_prompts(maaike, room, bot, 2))
        second = (await _prompts(maaike, room, bot))[1]
        assert set(second["content"]["m.mentions"]["user_ids"]) == {maaike.user_id, bas.user_id}
        bot.clock.put_to(coming_monday() + timedelta(days=4, hours=14, minutes=1))
        digest = await seen(maaike, room, says("Weekbericht", bot.user_id))
        assert "“drie mensen” — joke" in digest["content"]["body"]


async def test_without_moderators_those_the_operator_named_can_act(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path, more=f"  moderators: ['{joke.user_id}']\n") as bot:
        bas = await person("bas")
        room = await room_with(maaike, bot, bas, version="11")
        await _started(maaike, room, bot)
        await _levels(maaike, room, lambda levels: levels.update(invite=0))
        await maaike.leave(room)
        private = await _private(maaike, bot)
        told = await seen(maaike, private, says("geen moderator meer", bot.user_id))
        assert joke.user_id in told["content"]["body"]
        await bas.invite(room, joke.user_id)
        await joke.join(room)
        paused = await answer_to(bas, room, bot, await joke.send(room, "!ronde pauze"))
        assert "staat nu stil" in paused["content"]["body"]


def _monday() -> datetime:
    return coming_monday() + timedelta(hours=9, minutes=31)


async def _started(coach: Person, room: str, bot: Living) -> None:
    await answer_to(coach, room, bot, await coach.send(room, '!ronde start "Parkeren" weken=4'))


async def _upgraded(coach: Person, room: str, version: str) -> str:
    answer = await coach.call("POST", f"/rooms/{quote(room)}/upgrade", {"new_version": version})
    return str(answer["replacement_room"])


async def _private(coach: Person, bot: Living) -> str:
    private = await coach.wait_for_invite(by=bot.user_id)
    await coach.join(private)
    return private


async def _set(who: Person, room: str, kind: str, content: Event) -> None:
    await who.call("PUT", f"/rooms/{quote(room)}/state/{kind}/", content)


async def _levels(who: Person, room: str, change: Callable[[Event], None]) -> None:
    levels = await who.state(room, "m.room.power_levels")
    change(levels)
    await _set(who, room, "m.room.power_levels", levels)


async def _deactivated(who: Person) -> None:
    identifier = {"type": "m.id.user", "user": who.user_id}
    proof = {"type": "m.login.password", "password": who.account.password, "identifier": identifier}
    await who.call("POST", "/account/deactivate", {"auth": proof, "erase": True})


async def _prompts(who: Person, room: str, bot: Living) -> list[Event]:
    return [event for event in await who.messages(room) if says(PROMPT, bot.user_id)(event)]


async def _has_prompts(who: Person, room: str, bot: Living, n: int) -> bool:
    return len(await _prompts(who, room, bot)) >= n


async def _is_gone(who: Person, room: str, event_id: str) -> bool:
    return "body" not in (await who.event(room, event_id))["content"]


async def _shown(who: Person, room: str, message: Event) -> str:
    """Return how a message reads with its newest edit."""
    edits = [
        event["content"]["m.new_content"]["body"]
        for event in await who.messages(room)
        if event["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"
        and event["content"]["m.relates_to"]["event_id"] == message["event_id"]
    ]
    return str([message["content"]["body"], *edits][-1])


async def _reads(who: Person, room: str, message: Event, words: str) -> bool:
    return words in await _shown(who, room, message)


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await is_so():  # noqa: ASYNC110 - it is the homeserver that is looked at
            await asyncio.sleep(0.2)
