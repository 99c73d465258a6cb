"""The script: one week of a Doetank, the first of eight. What the bot says is not in it."""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from doetank_bot.demo.cast import BAS, FATIMA, JOKE, MAAIKE, TITLE, Words
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.stage import Stage

_THURSDAY_BEFORE, _MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY = -4, 0, 1, 2, 3, 4
_LOOK_AFTER = timedelta(days=18)


async def play(stage: Stage, monday: date) -> Seen:
    """Play the week that begins on `monday` (local date), and return the digest that the room holds at its end."""
    week = _Week(stage, monday)
    await week.begin()
    await week.do()
    await week.observe()
    await week.experiment()
    await week.think()
    await week.draft()
    return await week.digest()


@dataclass(slots=True)
class _Week:
    stage: Stage
    monday: date
    observation: Seen | None = None
    withdrawn: Seen | None = None
    private: str = ""

    async def at(self, day: int, clock_time: str) -> None:
        await self.stage.at(self.monday + timedelta(days=day), clock_time)

    async def begin(self) -> None:
        """The coach makes a room, invites everyone and starts the cycle."""
        stage = self.stage
        await self.at(_THURSDAY_BEFORE, "15:00")
        await self._meet()
        await self.at(_THURSDAY_BEFORE, "15:04")
        start = await stage.say(
            MAAIKE, Words(nl=f'!ronde start "{TITLE.nl}" weken=8', en=f'!cycle start "{TITLE.en}" weeks=8')
        )
        await stage.answer(start, in_thread=True)
        question = await stage.say(
            MAAIKE,
            Words(
                nl="Waarom vragen we mantelzorgers elk jaar opnieuw om papieren die we al hebben?",
                en="Why do we ask family carers every year for papers that we already have?",
            ),
            thread=start,
        )
        await stage.answer(question)

    async def _meet(self) -> None:
        stage = self.stage
        coach = stage.people[MAAIKE]
        stage.aside(
            Words(
                nl="Maaike maakt een ruimte voor de groep. Fatima, Bas en Joke komen erbij. Dan nodigt ze Doebot uit.",
                en="Maaike makes a room for the group. Fatima, Bas and Joke come in. Then she invites Doebot.",
            )
        )
        stage.room = await coach.create_room(name=TITLE.get(stage.language))
        for person in stage.people.values():
            if person is not coach:
                await coach.invite(stage.room, person.user_id)
                await person.join(stage.room)
        await coach.invite(stage.room, stage.bot_id)
        await stage.message(stage.room)

    async def do(self) -> None:
        """Monday's prompt, and what people did with it."""
        stage = self.stage
        await self.at(_MONDAY, "09:30")
        prompt = await stage.announcement()
        await self._personal()
        await self.at(_MONDAY, "16:10")
        masked = await stage.say(
            FATIMA,
            Words(
                nl="Ik belde een mantelzorger die net verlengde (06-12345678). Ze zocht een middag naar onze brief.",
                en="I rang a carer who just renewed (06-12345678). She searched all afternoon for our letter.",
            ),
            thread=prompt,
        )
        await stage.answer(masked)
        await stage.answer(await stage.say(FATIMA, Words(nl="1", en="1"), thread=prompt))
        await self.at(_TUESDAY, "20:15")
        await stage.sign(
            await stage.say(
                JOKE,
                Words(
                    nl="Ik ging twee keer naar de stad: er miste een kopie. De tweede keer was ik zo klaar.",
                    en="I went to town twice: a copy was missing. The second time took three minutes.",
                ),
                thread=prompt,
            )
        )
        await stage.say(
            BAS,
            Words(
                nl="Wat vervelend, Joke. Ik ga morgen zelf eens aan de balie zitten.",
                en="That is annoying, Joke. Tomorrow I will sit at the desk myself.",
            ),
        )
        stage.aside(
            Words(
                nl="Dit is gewoon gesprek. Doebot bewaart het niet.", en="This is just talk. Doebot does not keep it."
            )
        )

    async def _personal(self) -> None:
        """Each member gets a few questions in private; the coach answers one and leaves the rest."""
        stage = self.stage
        self.private = (await stage.invitation()).room
        stage.aside(
            Words(
                nl="Doebot nodigt ieder uit voor een gesprek met z'n tweeën. Maaike zegt ja.",
                en="Doebot invites each of them to a chat of two. Maaike says yes.",
            )
        )
        await stage.people[MAAIKE].join(self.private)
        await stage.message(self.private)
        own = Words(
            nl="Omdat ik mensen zie afhaken bij het derde formulier.",
            en="Because I see people give up at the third form.",
        )
        await stage.answer(await stage.say(MAAIKE, own, room=self.private))
        await stage.answer(await stage.say(MAAIKE, Words(nl="stop", en="stop"), room=self.private))

    async def observe(self) -> None:
        """Bas gives something of his own accord."""
        stage = self.stage
        await self.at(_WEDNESDAY, "11:05")
        self.observation = await stage.say(
            BAS,
            Words(
                nl="!waarneming Een uur aan de balie: vier van de zes mensen kwamen terug met iets dat wij al hadden.",
                en="!observe An hour at the desk: four of six people came back with something that we already had.",
            ),
        )
        await stage.answer(self.observation)

    async def experiment(self) -> None:
        """An experiment, and the questions that make it a card."""
        stage = self.stage
        await self.at(_WEDNESDAY, "11:20")
        card = await stage.say(
            BAS,
            Words(
                nl="!proef De balie vraagt bij verlengen geen papier dat de gemeente al heeft",
                en="!experiment At a renewal the desk asks for no paper that the municipality already has",
            ),
        )
        await stage.answer(card, in_thread=True)
        look_on = self.monday + _LOOK_AFTER
        for words in (
            Words(nl="Mensen zijn in één keer klaar", en="People are done in one visit"),
            Words(nl="Van de volgende tien komt er niemand terug", en="Of the next ten, nobody has to come back"),
            Words(nl=format_date(look_on, "d MMMM", locale="nl"), en=format_date(look_on, "d MMMM", locale="en")),
            Words(nl="overslaan", en="skip"),
        ):
            await stage.answer(await stage.say(BAS, words, thread=card))

    async def think(self) -> None:
        """Thursday's question, and two answers."""
        stage = self.stage
        await self.at(_THURSDAY, "10:00")
        prompt = await stage.announcement()
        await self.at(_THURSDAY, "13:40")
        self.withdrawn = await stage.say(
            JOKE,
            Words(
                nl="Toen ik een bon kreeg voor de deur van mijn moeder. Mijn vergunning lag nog op het stadhuis.",
                en="When I got a fine at my mother's door. My permit was still lying at the town hall.",
            ),
            thread=prompt,
        )
        await stage.sign(self.withdrawn)
        await stage.sign(
            await stage.say(
                FATIMA,
                Words(
                    nl="Vorig jaar. Een man zei: maar u weet dit toch al van mij? Ik had geen antwoord.",
                    en="Last year. A man said: but you know this about me already? I had no answer.",
                ),
                thread=prompt,
            )
        )

    async def draft(self) -> None:
        """Friday's draft for the coach; an edit reaches it."""
        stage = self.stage
        await self.at(_FRIDAY, "11:00")
        draft = await stage.message(self.private, about=TITLE)
        await self.at(_FRIDAY, "11:40")
        stage.aside(Words(nl="Bas telt nog eens na.", en="Bas counts again."))
        await stage.edit(
            BAS,
            _there(self.observation),
            Words(
                nl="!waarneming Een uur aan de balie: vijf van de zes mensen kwamen terug met iets dat wij al hadden.",
                en="!observe An hour at the desk: five of six people came back with something that we already had.",
            ),
        )
        await stage.change(draft)

    async def digest(self) -> Seen:
        """The digest, and a deletion that it follows. Returns the digest as it is in the end."""
        stage = self.stage
        await self.at(_FRIDAY, "14:00")
        digest = await stage.announcement()
        await self.at(_FRIDAY, "14:25")
        stage.aside(
            Words(
                nl="Joke wil het verhaal van de bon toch liever voor zichzelf houden.",
                en="Joke would rather keep the story of the fine to herself after all.",
            )
        )
        await stage.delete(JOKE, _there(self.withdrawn))
        await stage.deletion(digest)
        again = await stage.announcement()
        await stage.settle()
        return again


def _there(seen: Seen | None) -> Seen:
    if seen is None:
        raise ValueError("the script is out of order")
    return seen
