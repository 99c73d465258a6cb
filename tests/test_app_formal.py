"""A group that wants to be spoken to with u is, by everything the bot says, in the room and in private."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cast import SAYS_JE
from group import Group, group
from house import FakeClock

from doetank_bot.chat.memory import MemoryChat, Person
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.view import Snapshot

SLIPS = (
    *("!rodne start", "!ronde start weken=99", "!ronde vooraf", "!ronde pauze tot 1 januari 2020", "!instel"),
    *("!instel kleur rood", "!instel ritme dans=di 10:00", "!instel ritme do=di 10:00", "!vrij", "!vrij ooit"),
    *(
        "!deel 1 koning",
        "!opdracht nu X9",
        "!bijeenkomst ooit",
        "!rol coach Niemand",
        "!weg tot 1 januari 2020",
        "!les",
    ),
    *("!later ooit", "!opdrachtgever", "!proeven", "!mijn", "!zoek a", "!vraagstuk", "!privacy", "!weekbericht vooraf"),
)
PHONE = "Bel mij op 06 12345678 over de papieren"


@asynccontextmanager
async def formal_group(folder: Path, chat: MemoryChat | None = None) -> AsyncIterator[Group]:
    """A group that chose u. Afterwards nothing that the bot said since may have je in it."""
    async with group(folder, chat=chat) as here:
        [introduction] = heard(here)
        assert SAYS_JE.search(introduction)
        chosen = await here.says(here.maaike, "!instel aanspreekvorm u")
        assert here.answers(chosen) == ["Goed, dat is veranderd. Nu staat het zo: aanspreekvorm u."]
        yield here
        assert [text for text in heard(here) if SAYS_JE.search(text)] == [introduction]


def heard(here: Group) -> list[str]:
    """Return all that the bot said, anywhere."""
    chat = here.house.chat
    return [one.text for room in chat.rooms() for one in room.messages.values() if one.sender == chat.me]


def own(person: Person) -> SpaceRef:
    space = person.private_chat()
    assert space is not None
    return space


async def answers(here: Group, person: Person, thread: MessageRef, *texts: str) -> None:
    for text in texts:
        await here.says(person, text, thread=thread)


async def in_private(here: Group, person: Person, *texts: str) -> None:
    for text in texts:
        await here.house.say(person, own(person), text)


async def test_the_kickoff_the_prompts_and_the_private_questions_say_u(tmp_path: Path) -> None:
    async with formal_group(tmp_path) as here:
        start = await here.start()
        assert "als u het nog niet weet" in here.answers(start)[-1]
        kickoff = ("Waarom wacht men een jaar?", "De mantelzorger", "later 1 uur", "help", "De wethouder", "Alles")
        await answers(here, here.maaike, start, *kickoff)
        await here.house.move_to("2027-02-08 10:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert "Kleine opdracht" in prompt.text
        assert "Waarom doet u mee?" in here.told(here.joke)[-1]
        await in_private(here, here.joke, "help", "Mijn moeder wacht", "terug", "overslaan", "9", "2", "hallo daar")
        assert "Dank u. De groep ziet dit niet." in here.told(here.joke)
        await answers(here, here.bas, prompt.ref, "help", PHONE, "nog iets", "1")
        await here.house.move_to("2027-02-11 11:00")
        think = next(one for one in reversed(here.of_bot()) if one.mentions)
        await answers(here, here.joke, think.ref, "De papieren lagen er al", "stop")
        await here.house.move_to("2027-02-12 15:00")
        assert "eigen woorden van de groep" in here.digests()[0]


async def test_follow_ups_personal_data_and_edits_say_u(tmp_path: Path) -> None:
    async with formal_group(tmp_path) as here:
        await here.start()
        trial = await here.says(here.bas, "!proef Eén belletje")
        assert "Wat verwacht u dat er dan gebeurt?" in here.answers(trial)[0]
        await answers(
            here, here.bas, trial, "help", "Minder wachten", "De teller", "ooit", "5 maart", "overslaan", "stop"
        )
        story = await here.says(here.joke, "!verhaal Een mantelzorger stuurde elk jaar papieren")
        await answers(here, here.joke, story, "overslaan", "overslaan", "overslaan", "wat", "nog niet", "wie", "groep")
        await here.says(here.joke, "!vast")
        stuck = await here.says(here.bas, "!vast Niemand weet wie beslist")
        await answers(here, here.bas, stuck, "?", "overslaan", "overslaan")
        masked = await here.says(here.joke, f"!zag {PHONE}")
        await answers(here, here.joke, masked, "2")
        await here.edits(here.joke, masked, "!zag Bel op 06 87654321")
        assert any("nieuwe tekst over. Dit liet ik weg" in text for text in heard(here))
        said = await here.says(here.bas, "De balie was leeg")
        await here.says(here.joke, "!bewaar", reply_to=said)
        for text in ("!les Bellen scheelt een brief", "!verzoek Wie kent iemand", "!besluit Geen kopie meer"):
            await here.says(here.bas, text)
        await here.says(here.maaike, "!vraagstuk Waarom vragen wij dit?")
        await here.house.move_to("2027-03-05 18:00")
        assert any("laatste week" in text for text in heard(here))


async def test_help_lists_and_slips_say_u(tmp_path: Path) -> None:
    async with formal_group(tmp_path) as here:
        helped = await here.says(here.maaike, "!hulp")
        assert here.answers(helped)[0].startswith("Dit kunt u hier doen:")
        for text in SLIPS:
            await here.says(here.maaike, text)
        await here.start()
        for text in SLIPS:
            await here.says(here.maaike, text)
        refused = await here.says(here.bas, "!ronde einde")
        assert "Vraag het aan uw coach" in here.answers(refused)[0]


async def test_members_who_come_go_and_choose_a_language_are_told_with_u(tmp_path: Path) -> None:
    async with formal_group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        fatima = here.house.chat.person("@fatima:test", "Fatima")
        fatima.join(here.room)
        await here.house.settle()
        assert "als u wilt" in here.told(fatima)[0]
        for text in ("!taal fries", "!tijdzone Mars", "!mijn", "nog niets", "overslaan", "overslaan", "!stop", "nee"):
            await in_private(here, here.joke, text)
        assert "Wilt u stoppen met meedoen?" in " ".join(here.told(here.joke))
        for text in ("!weg tot 12 februari", "!verder", "!pauze", "!verder", "!weekbericht abonneer", "!stop"):
            await here.says(here.bas, text)
        await here.says(here.maaike, "!rol coach Joke")
        await here.house.move_to("2027-02-26 15:00")


async def test_a_language_of_ones_own_stays_and_dutch_is_the_dutch_of_the_group(tmp_path: Path) -> None:
    async with formal_group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await in_private(here, here.bas, "!taal en", "!privacy")
        assert "What I keep" in here.told(here.bas)[-1]
        await in_private(here, here.bas, "!taal nl")
        assert here.told(here.bas)[-1] == "Goed. In ons eigen gesprek praat ik Nederlands met u."
        await in_private(here, here.bas, "!privacy")
        assert "wat u aan mij geeft" in here.told(here.bas)[-1]


class Stumbling(MemoryChat):
    """A chat with a fault of our own in it."""

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        raise RuntimeError(str(message))


async def test_our_own_fault_is_said_with_u(tmp_path: Path) -> None:
    async with formal_group(tmp_path, Stumbling(FakeClock("2027-02-03 10:00").now)) as here:
        said = await here.says(here.bas, "De brief was lang")
        asked = await here.says(here.joke, "!bewaar", reply_to=said)
        assert "niet bij u" in here.answers(asked)[0]
