"""The sponsor gets one question a week, sees no names, and the group sees the answer at once."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Person

ASK = "!verzoek Mogen we bij zes aanvragen de papieren overslaan"


async def ask(here: Group, text: str = ASK, by: str = "overslaan") -> None:
    asked = await here.says(here.bas, text)
    await here.says(here.bas, "1", thread=asked)
    await here.says(here.bas, by, thread=asked)


async def answers(here: Group, person: Person, text: str) -> str:
    space = person.private_chat()
    assert space is not None
    await here.house.say(person, space, text)
    return here.told(person)[-1]


async def test_the_sponsor_says_yes_and_the_group_reads_it_at_once(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        set_ = await here.says(here.maaike, "!opdrachtgever @erik:test")
        assert "@erik:test is nu de opdrachtgever" in here.answers(set_)[0]
        assert "computerprogramma" in here.told(erik)[0]
        await ask(here, by="27 maart")
        await here.house.move_to("2027-02-03 11:00")
        put = here.told(erik)[-1]
        assert "papieren overslaan" in put
        assert "27 maart" in put
        assert "Bas" not in put
        assert "Dank voor het antwoord" in await answers(here, erik, "Ja, als Nadia meekijkt")
        seen = [one.text for one in here.of_bot() if "gaf antwoord" in one.text]
        assert len(seen) == 1
        assert "Ja, als Nadia meekijkt" in seen[0]
        assert "papieren overslaan" in seen[0]


async def test_the_sponsor_gets_one_ask_a_week_and_the_next_one_waits(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        await ask(here)
        await ask(here, "!verzoek Mag de brief anders")
        await here.house.move_to("2027-02-05 16:00")
        assert sum("vraagt één ding" in text for text in here.told(erik)) == 1
        await answers(here, erik, "nee")
        await here.house.move_to("2027-02-08 12:00")
        asks = [text for text in here.told(erik) if "vraagt één ding" in text]
        assert len(asks) == 2
        assert "brief anders" in asks[1]


async def test_call_me_goes_to_the_coach_and_the_room_hears_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        await ask(here)
        await here.house.move_to("2027-02-03 11:00")
        assert "`ja`" not in await answers(here, erik, "tja, lastig")
        assert "bellen" in await answers(here, erik, "bel mij")
        assert any("wil liever bellen" in text for text in here.told(here.maaike))
        assert not any("gaf antwoord" in one.text for one in here.of_bot())


async def test_without_a_sponsor_the_coach_gets_a_text_to_forward_without_names(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await ask(here)
        await here.house.move_to("2027-02-03 11:00")
        text = here.told(here.maaike)[-1]
        assert "Stuur dit door" in text
        assert "papieren overslaan" in text
        assert "Bas" not in text


async def test_an_ask_that_is_deleted_never_reaches_the_sponsor_or_leaves_again(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        asked = await here.says(here.bas, ASK)
        await here.says(here.bas, "1", thread=asked)
        await here.deletes(here.bas, asked)
        await here.house.move_to("2027-02-03 11:00")
        assert len(here.told(erik)) == 1
        later = await here.says(here.bas, "!verzoek Mag de brief anders")
        await here.says(here.bas, "1", thread=later)
        await here.house.move_to("2027-02-03 12:00")
        assert "brief anders" in here.told(erik)[-1]
        await here.deletes(here.bas, later)
        assert not any("brief anders" in text for text in here.told(erik))


async def test_only_a_moderator_chooses_the_sponsor_and_takes_them_away(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        denied = await here.says(here.bas, "!opdrachtgever @erik:test")
        assert "beheerder" in here.answers(denied)[0]
        none = await here.says(here.maaike, "!sponsor")
        assert "nog geen opdrachtgever" in here.answers(none)[0]
        wrong = await here.says(here.maaike, "!sponsor Karel de Grote")
        assert "@erik:gemeente.example" in here.answers(wrong)[0]
        await here.says(here.maaike, "!sponsor @erik:test")
        gone = await here.says(here.maaike, "!sponsor niemand")
        assert "geen opdrachtgever" in here.answers(gone)[0]
