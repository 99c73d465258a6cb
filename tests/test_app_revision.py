"""Second thoughts about an answer: what was to follow from the first one follows from the new one."""

from pathlib import Path

import pytest
from group import Group, group

from doetank_bot.domain.reference import MessageRef


async def experiment(here: Group, look_on: str) -> tuple[MessageRef, MessageRef]:
    """Write down an experiment up to its look-date; return its message and that of the date."""
    card = await here.says(here.bas, "!proef Eén belletje")
    for answer in ("Snel klaar", "Zes aanvragen"):
        await here.says(here.bas, answer, thread=card)
    return card, await here.says(here.bas, look_on, thread=card)


def looks_back(here: Group) -> bool:
    return any("We kijken terug" in one.text for one in here.of_bot())


async def test_an_edited_look_date_moves_the_look_back(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        _card, day = await experiment(here, "10 februari")
        await here.edits(here.bas, day, "12 februari")
        await here.house.move_to("2027-02-11 12:00")
        assert not looks_back(here)
        await here.house.move_to("2027-02-12 10:01")
        assert looks_back(here)
        await here.edits(here.bas, day, "15 februari")
        await here.house.move_to("2027-02-15 09:30")
        assert sum("We kijken terug" in one.text for one in here.of_bot()) == 1


async def test_an_edited_plan_comes_back_on_its_new_day_and_only_then(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        plan = await here.says(here.joke, "!voornemen Als het donderdag is, dan bel ik.")
        await here.edits(here.joke, plan, "!voornemen Als het vrijdag is, dan bel ik.")
        await here.house.move_to("2027-02-04 17:00")
        assert here.told(here.joke) == []
        await here.house.move_to("2027-02-05 16:30")
        assert "vrijdag" in here.told(here.joke)[-1]
        await here.edits(here.joke, plan, "!voornemen Als het maandag is, dan bel ik.")
        n_told = len([text for text in here.told(here.joke) if "voornemen" in text])
        await here.house.move_to("2027-02-09 17:00")
        assert len([text for text in here.told(here.joke) if "voornemen" in text]) == n_told


async def test_someone_elses_edit_moves_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        _card, day = await experiment(here, "10 februari")
        await here.edits(here.joke, day, "12 februari")
        await here.house.move_to("2027-02-10 10:01")
        assert looks_back(here)


async def test_an_edited_choice_is_kept_by_its_name_and_followed(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        asked = await here.says(here.bas, "!verzoek Mogen we de papieren overslaan")
        to = await here.says(here.bas, "1", thread=asked)
        await here.edits(here.bas, to, "4 onze groep")
        shown = await here.says(here.joke, "!verzoek 1")
        assert "onze groep" in here.answers(shown)[0]
        await here.house.move_to("2027-02-08 11:00")
        assert len(here.told(erik)) == 1
        await here.edits(here.bas, to, "1")
        await here.house.move_to("2027-02-08 12:00")
        assert "papieren overslaan" in here.told(erik)[-1]


async def test_who_goes_back_and_chooses_the_group_keeps_it_from_the_sponsor(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        erik = here.house.chat.person("@erik:test", "Erik")
        await here.start()
        await here.says(here.maaike, "!opdrachtgever @erik:test")
        asked = await here.says(here.bas, "!verzoek Mogen we de papieren overslaan")
        for answer in ("1", "terug", "4", "overslaan"):
            await here.says(here.bas, answer, thread=asked)
        await here.house.move_to("2027-02-12 15:00")
        assert not any("papieren" in text for text in here.told(erik))


@pytest.mark.parametrize("typed", ["27 maart 2020", "1-1-2027", "2 februari 2027"])
async def test_a_look_date_that_is_over_is_asked_again_and_nothing_is_kept(tmp_path: Path, typed: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card, day = await experiment(here, typed)
        assert "is al geweest" in here.answers(day)[0]
        await here.house.move_to("2027-02-03 13:00")
        assert not looks_back(here)
        again = await here.says(here.bas, "10 februari", thread=card)
        assert "10 februari" in here.answers(again)[0]


@pytest.mark.parametrize(
    ("typed", "day"),
    [("vrijdag", "5 februari"), ("op vrijdag.", "5 februari"), ("woensdag", "10 februari"), ("morgen", "4 februari"),
     ("vandaag!", "3 februari"), ("27 maart.", "27 maart"), ("Friday", "5 februari")],
)  # fmt: skip
async def test_a_look_date_may_be_a_weekday_and_is_kept_as_the_date_it_was(
    tmp_path: Path, typed: str, day: str
) -> None:
    async with group(tmp_path) as here:
        await here.start()
        _card, said = await experiment(here, typed)
        assert f"{day}." in here.answers(said)[0]
        shown = await here.says(here.joke, "!proef 1")
        assert day in here.answers(shown)[0]
