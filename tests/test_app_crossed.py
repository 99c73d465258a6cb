"""Who is asked by two sides at once: each answer goes to who asked, and nobody reads what is not for them."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Person
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.reference import SpaceRef


async def says(here: Group, person: Person, text: str) -> list[str]:
    """Let someone write in private; return what the bot said to that."""
    space = person.private_chat() or person.open_private()
    await here.house.settle()
    n_before = len(here.told(person, space))
    await here.house.say(person, space, text)
    return here.told(person, space)[n_before:]


async def kept(here: Group, room: SpaceRef) -> tuple[Contribution, ...]:
    async with here.house.store.read() as views:
        group_id = await views.group_in(room)
        assert group_id is not None
        return await views.group(group_id).contributions()


async def put_to_sponsor(here: Group, erik: Person, *asks: str) -> None:
    await here.says(here.maaike, f"!opdrachtgever {erik.user.native}")
    for text in asks:
        asked = await here.says(here.bas, f"!verzoek {text}")
        await here.says(here.bas, "1", thread=asked)
        await here.says(here.bas, "overslaan", thread=asked)
    await here.house.move_to("2027-02-03 11:00")


async def test_a_sponsor_who_is_in_another_group_answers_the_group_that_asked(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        other = await here.house.open_room("Jeugdloket", here.maaike, erik)
        for text in ("!zag iets", "!zag nog iets"):
            await here.house.say(here.maaike, other, text)
        await here.start()
        await put_to_sponsor(here, erik, "Mogen we de papieren overslaan")
        assert await says(here, erik, "ja, als Nadia meekijkt") == ["Dank voor het antwoord. De groep ziet het nu."]
        assert "ja, als Nadia meekijkt" in here.of_bot()[-1].text
        assert (await kept(here, here.room))[-1].text == "ja, als Nadia meekijkt"
        assert len(await kept(here, other)) == 2


async def test_a_sponsor_reads_nothing_of_the_group_but_what_is_sent_to_them(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.bas, "!zag dat niemand iets begreep van de brief")
        await put_to_sponsor(here, erik, "Mogen we de papieren overslaan")
        typed = ("weekbericht vooruitblik", "weekbericht abonneer", "ronde status", "ronde vooruitblik", "!zoek brief")
        for text in typed:
            [answer] = await says(here, erik, text)
            assert "niemand iets begreep" not in answer
            assert "februari" not in answer
        await here.house.move_to("2027-02-12 15:00")
        assert not any("Weekbericht" in text for text in here.told(erik))


async def test_help_tells_a_sponsor_how_to_answer_and_not_what_members_can_do(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await put_to_sponsor(here, erik, "Mogen we de papieren overslaan")
        for text in ("hulp", "!hulp", "!help"):
            assert "bel mij" in (await says(here, erik, text))[0]


async def test_a_sponsor_who_does_not_answer_is_asked_the_next_thing_a_week_later(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await put_to_sponsor(here, erik, "Mogen we de papieren overslaan", "Mag de brief anders")
        await here.house.move_to("2027-02-08 11:00")
        assert "Mag de brief anders" in here.told(erik)[-1]


async def test_a_question_comes_back_after_what_a_member_begins_meanwhile(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await says(here, here.bas, "!proef Eén belletje")
        assert await says(here, here.bas, "Snel klaar") == ["Waaraan zien we of het werkt?"]
        assert "Waarom doe jij mee?" in (await says(here, here.bas, "stop"))[-1]
        await says(here, here.bas, "Omdat het beter kan")
        assert [one.text for one in await kept(here, here.room)] == [
            "Eén belletje",
            "Snel klaar",
            "Omdat het beter kan",
        ]


async def test_an_answer_about_one_group_never_lands_in_the_other(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        other = await here.house.open_room("Jeugdloket", here.maaike, here.bas)
        await here.start()
        await here.house.say(here.maaike, other, "!ronde start weken=4 vanaf=2027-02-15")
        await here.house.move_to("2027-02-08 10:00")
        await says(here, here.bas, "!proef Eén belletje")
        assert "Wat verwacht je" in (await says(here, here.bas, "Jeugdloket"))[-1]
        await says(here, here.bas, "Snel klaar")
        about, asked = (await says(here, here.bas, "stop"))[-2:]
        assert (about, "Waarom doe jij mee?" in asked) == ("Over Parkeren:", True)
        await says(here, here.bas, "Omdat het beter kan")
        assert [one.text for one in await kept(here, here.room)] == ["Omdat het beter kan"]
        assert [one.text for one in await kept(here, other)] == ["Eén belletje", "Snel klaar"]


async def test_a_follow_up_that_was_left_open_for_a_day_does_not_hold_up_other_questions(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await says(here, here.bas, "!verhaal Een mantelzorger wacht")
        await here.says(here.bas, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.house.move_to("2027-02-05 16:30")
        assert "Mooi." in (await says(here, here.bas, "1"))[0]
