"""What is told in private and shared, and what belongs to an experiment, on a real Synapse, read as another user."""

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import People
from homeserver import Homeserver, Person
from living import Living, answer_to, coming_monday, living, room_with, says, seen

pytestmark = pytest.mark.homeserver


async def tells(person: Person, private: str, bot: Living, text: str, answer: str) -> None:
    """Say something to the bot in private and wait for the words of its answer."""
    await person.send(private, text)
    await seen(person, private, says(answer, bot.user_id))


async def test_what_is_told_at_a_plan_reaches_the_room_only_with_a_yes_and_the_experiment_has_its_answers(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, joke)
        await answer_to(maaike, room, bot, await maaike.send(room, '!ronde start "Parkeren" weken=4'))
        card = await maaike.send(room, "!proef Eén belletje")
        await answer_to(maaike, room, bot, card)
        await answer_to(maaike, room, bot, await maaike.send(room, "stop", thread=card))
        await maaike.send(room, "!opdracht nu E3")
        prompt = await seen(joke, room, says("bij de proef “Eén belletje”", bot.user_id))
        await joke.send(room, "Na twee dagen was het rond.", thread=prompt["event_id"])
        await seen(maaike, room, lambda event: event["type"] == "m.reaction")

        bot.clock.put_to(coming_monday() + timedelta(hours=9, minutes=31))
        private = await joke.wait_for_invite(by=bot.user_id)
        await joke.join(private)
        await seen(joke, private, says("Waarom doe jij mee?", bot.user_id))
        await tells(joke, private, bot, "stop", "we stoppen hier")
        plan = await joke.send(room, "!voornemen Als het maandag is, dan bel ik de balie.")
        await answer_to(joke, room, bot, plan)
        bot.clock.put_to(coming_monday() + timedelta(hours=16, minutes=1))
        await seen(joke, private, says("dan bel ik de balie", bot.user_id))
        await tells(joke, private, bot, "gedaan", "Wat zag of hoorde je daarbij?")
        await tells(joke, private, bot, "Bij de derde keer nam iemand op.", "Mag de groep dit lezen?")
        assert not [event for event in await maaike.messages(room) if says("derde keer", bot.user_id)(event)]
        await tells(joke, private, bot, "ja", "De groep mag dit lezen")

        bot.clock.put_to(coming_monday() + timedelta(days=4, hours=14, minutes=1))
        digest = await seen(maaike, room, says("Weekbericht: Parkeren", bot.user_id))
    told = digest["content"]["body"]
    assert "Tot nu toe: “Na twee dagen was het rond.” — joke" in told
    assert "“Bij de derde keer nam iemand op.” — joke" in told
    assert private not in digest["content"]["formatted_body"]
