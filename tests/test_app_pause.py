"""A pause: until when, what undo and a title given meanwhile leave of it, and how the cycle goes on."""

from pathlib import Path

import pytest
from group import group


async def test_undo_brings_back_the_last_choice_but_not_once_something_was_sent(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        nothing = await here.says(here.maaike, "!ronde herstel")
        assert here.answers(nothing) == ["Er is niets om te herstellen."]
        await here.start()
        await here.says(here.maaike, "!instel ritme do=di 10:00")
        undone = await here.says(here.maaike, "!ronde herstel")
        assert "!instel" in here.answers(undone)[0]
        twice = await here.says(here.maaike, "!ronde herstel")
        assert here.answers(twice) == ["Er is niets om te herstellen."]
        await here.house.move_to("2027-02-08 10:00")
        assert any(one.mentions for one in here.of_bot())
        await here.says(here.maaike, "!ronde pauze")
        await here.says(here.maaike, "!ronde herstel")
        running = await here.says(here.joke, "!ronde")
        assert "week 1 van 4" in here.answers(running)[0]
        await here.says(here.maaike, "!instel uren 09:00-16:00")
        await here.house.move_to("2027-02-11 11:00")
        late = await here.says(here.maaike, "!ronde herstel")
        assert here.answers(late) == ["Dat kan niet meer. Er is daarna al iets aan de groep gestuurd."]


@pytest.mark.parametrize("act", ["!instel uren 10:00-16:00", "!ronde verder", "!ronde einde"])
async def test_a_pause_until_a_day_that_undo_brings_back_still_ends_by_itself(tmp_path: Path, act: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.maaike, "!ronde pauze tot 15 februari")
        await here.says(here.maaike, act)
        await here.says(here.maaike, "!ronde herstel")
        standing = await here.says(here.joke, "!ronde")
        assert "stil tot maandag 15 februari" in here.answers(standing)[0]
        await here.house.move_to("2027-02-15 09:31")
        running = await here.says(here.joke, "!ronde")
        assert "week 1 van 4" in here.answers(running)[0]


async def test_the_days_of_a_paused_cycle_are_those_from_when_it_goes_on(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.maaike, "!ronde pauze tot 15 februari")
        days = here.answers(await here.says(here.joke, "!ronde vooruitblik"))[0]
        assert "stil tot maandag 15 februari" in days
        assert "Week 1: Verkennen, vanaf maandag 15 februari" in days
        await here.says(here.maaike, "!ronde verder")
        await here.says(here.maaike, "!ronde pauze")
        none = here.answers(await here.says(here.joke, "!ronde vooruitblik"))[0]
        assert "staat stil sinds maandag 8 februari" in none
        assert "vanaf" not in none


async def test_after_a_pause_a_week_that_was_done_is_not_waited_out_again(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        await here.says(here.joke, "!zag drie mensen")
        await here.house.move_to("2027-02-12 15:00")
        await here.says(here.maaike, "!ronde pauze tot 22 februari")
        days = here.answers(await here.says(here.joke, "!ronde vooruitblik"))[0]
        assert "Week 2: Ontwikkelen, vanaf maandag 22 februari" in days
        asked = len([one for one in here.of_bot() if one.mentions])
        await here.house.move_to("2027-02-22 10:00")
        assert len([one for one in here.of_bot() if one.mentions]) == asked + 1


async def test_a_title_given_during_a_pause_sets_nothing_going(tmp_path: Path) -> None:
    async with group(tmp_path, name="") as here:
        start = await here.start("weken=4")
        await here.says(here.maaike, "Waarom elk jaar?", thread=start)
        await here.says(here.maaike, "!ronde pauze tot 15 februari")
        await here.says(here.maaike, "Papierwinkel", thread=start)
        standing = await here.says(here.joke, "!ronde")
        assert here.answers(standing) == [
            "Papierwinkel staat stil tot maandag 15 februari. Dan gaat het vanzelf verder."
        ]
        await here.house.move_to("2027-02-22 09:31")
        assert any(one.mentions for one in here.of_bot())


async def test_who_comes_in_during_a_pause_gets_the_line_of_a_newcomer(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!ronde pauze")
        nadia = here.house.chat.person("@nadia:test", "Nadia")
        nadia.join(here.room)
        await here.house.settle()
        space = nadia.private_chat()
        assert space is not None
        assert nadia.sees(space)[-1].text.startswith("Welkom bij Parkeren")
