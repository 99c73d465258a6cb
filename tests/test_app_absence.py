"""Away, gone or undone: nobody hears about what no longer concerns them."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Person

PLAN = "!voornemen Als het morgen is, dan bel ik."


async def put_off(here: Group, person: Person) -> int:
    """Let someone put a private question off; return how much they were told by then."""
    await here.house.move_to("2027-02-08 10:00")
    await here.says(person, PLAN)
    space = person.private_chat()
    assert space is not None
    await here.house.say(person, space, "later 2 uur")
    return len(here.told(person))


async def test_who_stopped_hears_nothing_more_not_even_what_they_had_put_off(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        n_told = await put_off(here, here.bas)
        leaving = await here.says(here.bas, "!stop")
        await here.says(here.bas, "ja", thread=leaving)
        await here.house.move_to("2027-02-12 16:30")
        assert here.told(here.bas)[n_told:] == []


async def test_who_left_the_room_while_asked_hears_nothing_more_and_what_they_say_is_not_kept(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        n_told = await put_off(here, here.bas)
        here.bas.leave(here.room)
        await here.house.settle()
        await here.house.move_to("2027-02-12 16:30")
        assert here.told(here.bas)[n_told:] == []
        space = here.bas.private_chat()
        assert space is not None
        await here.house.say(here.bas, space, "Omdat het beter kan")
        found = await here.says(here.joke, "!zoek omdat")
        assert "vond ik niets" in here.answers(found)[0]


async def test_a_plan_waits_until_its_author_is_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.bas, PLAN)
        await here.says(here.bas, "!weg tot 15 februari")
        await here.house.move_to("2027-02-13 10:00")
        assert here.told(here.bas) == []
        await here.house.move_to("2027-02-15 09:30")
        [asked] = here.told(here.bas)
        assert "Je was van plan" in asked


async def test_who_was_away_is_not_silent_on_the_day_they_are_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.bas, "!weg tot 15 februari")
        await here.house.move_to("2027-02-15 12:00")
        assert not any("Ik noem je naam nu even niet" in text for text in here.told(here.bas))
        assert any("Ik noem je naam nu even niet" in text for text in here.told(here.joke))
        await here.house.move_to("2027-02-18 12:00")
        asked = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert here.bas.user in asked.mentions


async def test_a_meeting_that_was_undone_or_taken_back_is_not_announced(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!bijeenkomst 12 februari 15:30")
        await here.says(here.maaike, "!ronde herstel")
        await here.says(here.maaike, "!bijeenkomst 10 februari 15:30")
        n_before = len(here.of_bot())
        await here.house.move_to("2027-02-12 10:30")
        soon = [one.text for one in here.of_bot()[n_before:] if "15:30" in one.text]
        assert len(soon) == 1
        assert "10 februari" in soon[0]


async def test_a_meeting_that_was_set_before_the_start_is_announced_too(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.maaike, "!bijeenkomst 12 februari 15:30")
        await here.start()
        await here.house.move_to("2027-02-11 10:01")
        assert sum("we komen bij elkaar" in one.text for one in here.of_bot()) == 1


async def test_a_meeting_that_was_during_a_pause_is_not_announced_after_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!bijeenkomst 12 februari 15:30")
        await here.says(here.maaike, "!ronde pauze tot 22 februari")
        n_before = len(here.of_bot())
        await here.house.move_to("2027-02-23 12:30")
        assert not any("12 februari" in one.text for one in here.of_bot()[n_before:])


async def test_a_bot_that_comes_back_to_its_cycle_does_not_introduce_itself_again(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        here.maaike.invite_bot(here.room)
        await here.house.settle()
        assert here.of_bot()[-1].text == (
            "Hallo, daar ben ik weer. De ronde Parkeren staat nog stil. Wat er gezegd is toen ik weg was, zag ik niet. "
            "Gaan we verder? Een moderator typt dan !ronde verder."
        )
        assert len([one for one in here.of_bot() if "computerprogramma" in one.text]) == 1
