"""Every kind of conversation: steered in both languages, gone on with after a restart, and nothing else is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from group import Group, group, words_on_disk
from house import AMSTERDAM, House, running

from doetank_bot.chat.memory import Person
from doetank_bot.domain.reference import MessageRef, SpaceRef


@dataclass(frozen=True)
class Asked:
    """Who is being asked something, and where."""

    person: Person
    space: SpaceRef
    thread: MessageRef | None = None

    async def says(self, house: House, text: str) -> list[str]:
        """Answer there; return what the bot said to that."""
        n_before = len(self.told(house))
        how = {} if self.thread is None else {"thread": self.thread}
        await house.say(self.person, self.space, text, **how)
        return self.told(house)[n_before:]

    def told(self, house: House) -> list[str]:
        return [one.text for one in self.person.sees(self.space) if one.sender == house.chat.me]


async def kickoff(here: Group) -> Asked:
    return Asked(here.maaike, here.room, await here.start())


async def private_question(here: Group) -> Asked:
    await here.start()
    await here.house.move_to("2027-02-08 10:00")
    return _in_private(here.bas)


async def check_in(here: Group) -> Asked:
    await here.start()
    await here.says(here.bas, "!voornemen Als het vrijdag is, dan bel ik.")
    await here.house.move_to("2027-02-05 16:30")
    return _in_private(here.bas)


async def stuck(here: Group) -> Asked:
    asked = await check_in(here)
    await asked.says(here.house, "Ik zit vast")
    return asked


async def telling(here: Group) -> Asked:
    asked = await stuck(here)
    await asked.says(here.house, "1")
    return asked


async def sponsor(here: Group) -> Asked:
    erik = here.house.chat.person("@erik:test", "Erik")
    await here.start()
    await here.says(here.maaike, "!opdrachtgever @erik:test")
    ask = await here.says(here.bas, "!verzoek Mogen we de papieren overslaan")
    for answer in ("1", "overslaan"):
        await here.says(here.bas, answer, thread=ask)
    await here.house.move_to("2027-02-03 11:00")
    return _in_private(erik)


def _card(command: str, *answers: str) -> Callable[[Group], Awaitable[Asked]]:
    async def begin(here: Group) -> Asked:
        await here.start()
        asked = Asked(here.bas, here.room, await here.says(here.bas, command))
        for answer in answers:
            await asked.says(here.house, answer)
        return asked

    return begin


def _in_private(person: Person) -> Asked:
    space = person.private_chat()
    assert space is not None
    return Asked(person, space)


CONVERSATIONS = {
    "kickoff": kickoff,
    "private question": private_question,
    "check-in": check_in,
    "stuck": stuck,
    "telling": telling,
    "sponsor": sponsor,
    "leaving": _card("!stop"),
    "personal data": _card("!zag Iemand belde met 06-12345678"),
    "words": _card("!proef Eén belletje"),
    "date": _card("!proef Eén belletje", "Snel klaar", "Zes aanvragen"),
    "choice": _card("!verzoek Wie kent iemand bij het loket"),
    "check": _card("!verhaal Een mantelzorger wachtte", "Bellen", "Papier", "Rust"),
    "audience": _card("!verhaal Een mantelzorger wachtte", "Bellen", "Papier", "Rust", "ja"),
}
STEERING = ("overslaan", "skip", "later", "Straks.", "later 2u", "terug", "BACK", "stop", "Stoppen!", "hulp", "Help?")


async def n_kept(here: Group) -> int:
    async with here.house.store.read() as views:
        group_id = await views.group_in(here.room)
        assert group_id is not None
        return len(await views.group(group_id).contributions())


@pytest.mark.parametrize("text", STEERING)
@pytest.mark.parametrize("kind", CONVERSATIONS)
async def test_a_word_that_steers_is_answered_and_never_kept(tmp_path: Path, kind: str, text: str) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS[kind](here)
        n_before = await n_kept(here)
        assert await asked.says(here.house, text)
        assert await n_kept(here) == n_before


@pytest.mark.parametrize("kind", CONVERSATIONS)
async def test_a_restart_goes_on_where_the_conversation_was(tmp_path: Path, kind: str) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS[kind](here)
        chat, before = here.house.chat, asked.told(here.house)
        now = here.house.clock.now().astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M")
    async with running(tmp_path, now, chat=chat) as house:
        await house.settle()
        assert asked.told(house) == before
        answers = await asked.says(house, "overslaan")
        assert answers
        assert not any("begrijp maar een paar woorden" in text for text in answers)


async def test_what_others_say_where_a_member_is_asked_is_written_nowhere(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS["words"](here)
        assert asked.thread is not None
        await here.says(here.joke, "Wat een kletsnatte dag", thread=asked.thread)
        await here.says(here.joke, "Nog kletsnatter dan gisteren", reply_to=asked.thread)
        assert b"kletsnat" not in words_on_disk(tmp_path)
        assert await asked.says(here.house, "Snel klaar") == ["Waaraan zien we of het werkt?"]


async def test_a_card_that_is_deleted_ends_its_follow_up(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS["date"](here)
        assert asked.thread is not None
        await here.deletes(here.bas, asked.thread)
        assert await asked.says(here.house, "27 maart") == []
        listed = await here.says(here.joke, "!proeven")
        assert here.answers(listed)[0].startswith("Er staat nog geen proef")


async def test_an_answer_deleted_in_the_middle_leaves_the_conversation_as_it_was(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS["words"](here)
        assert asked.thread is not None
        first = await here.says(here.bas, "Een verwachting", thread=asked.thread)
        await here.deletes(here.bas, first)
        await asked.says(here.house, "terug")
        assert await asked.says(here.house, "Iets anders") == ["Waaraan zien we of het werkt?"]
        shown = await here.says(here.joke, "!proef 1")
        assert "Iets anders" in here.answers(shown)[0]
        assert "Een verwachting" not in here.answers(shown)[0]


async def test_personal_data_in_a_follow_up_is_nowhere_and_the_next_question_comes_after_the_choice(
    tmp_path: Path,
) -> None:
    async with group(tmp_path) as here:
        asked = await CONVERSATIONS["words"](here)
        assert "liet iets weg" in (await asked.says(here.house, "Bel mevrouw op 06-12345678"))[0]
        assert (await asked.says(here.house, "3 niet bewaren"))[-1] == "Waaraan zien we of het werkt?"
        assert "wegliet" not in (await asked.says(here.house, "Zes aanvragen"))[0]
    assert b"12345678" not in words_on_disk(tmp_path)
    assert b"Bel mevrouw" not in words_on_disk(tmp_path)


async def test_two_people_of_one_name_and_one_without_a_name_can_all_take_part(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        twin, nameless = here.house.chat.person("@bas2:test", "Bas"), here.house.chat.person("@x:test", " \u200b ")
        for person in (twin, nameless):
            person.join(here.room)
        here.joke.rename("")
        await here.house.settle()
        await here.start()
        unclear = await here.says(here.maaike, "!rol coach Bas")
        assert "Bas" in here.answers(unclear)[0]
        clear = await here.says(here.maaike, "!rol coach @bas2:test")
        assert "Bas" in here.answers(clear)[0]
        await here.says(nameless, "!zag Een lange rij")
        found = await here.says(twin, "!zoek rij")
        assert "— @x:test" in here.answers(found)[0]


async def test_a_coach_who_is_stuck_is_not_told_about_themselves(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        asked = await here.says(here.maaike, "!vast")
        chosen = await here.says(here.maaike, "met de coach", thread=asked)
        assert here.answers(chosen) == ["Je bent zelf de coach. Typ 1 (kort vertellen) of 3 (laten rusten)."]
        assert here.maaike.private_chat() is None
        left = await here.says(here.maaike, "3", thread=asked)
        assert "laten het rusten" in here.answers(left)[0]
