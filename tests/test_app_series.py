"""Looking back on an experiment and harvesting: four questions in one thread, a day apart, pinging nobody."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Shown


async def experiment(here: Group, look_on: str) -> None:
    card = await here.says(here.bas, "!proef Eén belletje in plaats van vijf papieren")
    for answer in ("Binnen vijf dagen klaar", "Zes aanvragen", look_on, "stop"):
        await here.says(here.bas, answer, thread=card)


def asking(here: Group, words: str) -> list[Shown]:
    return [one for one in here.of_bot() if words in one.text]


async def test_on_the_look_date_the_group_looks_back_in_four_steps_in_one_thread(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "10 februari")
        await here.house.move_to("2027-02-10 09:59")
        assert not asking(here, "We kijken terug")
        await here.house.move_to("2027-02-10 10:01")
        [first] = asking(here, "We kijken terug op de proef")
        assert "Eén belletje" in first.text
        assert "Wat hoopten we" in first.text
        assert not first.mentions
        await here.says(here.joke, "Minder wachten", thread=first.ref)
        await here.house.move_to("2027-02-11 10:01")
        [second] = asking(here, "Wat gebeurde er echt?")
        assert second.thread == first.ref
        await here.says(here.joke, "Drie van de vier waren snel klaar", thread=first.ref)
        await here.house.move_to("2027-02-12 10:01")
        await here.house.move_to("2027-02-15 10:01")
        assert asking(here, "Waardoor ging het zo")
        assert asking(here, "wie pakt dat op?")
        lesson = await here.says(here.joke, "Bellen scheelt, als je het dezelfde dag doet", thread=first.ref)
        assert here.signs(lesson)
        listed = await here.says(here.bas, "!lessen")
        assert "Bellen scheelt" in here.answers(listed)[0]
        card = await here.says(here.bas, "!proef 1")
        assert "Drie van de vier" in here.answers(card)[0]


async def test_an_experiment_that_is_gone_is_not_looked_back_on(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Eén belletje")
        for answer in ("Snel klaar", "Zes aanvragen", "10 februari"):
            await here.says(here.bas, answer, thread=card)
        await here.deletes(here.bas, card)
        await here.house.move_to("2027-02-11 10:01")
        assert not asking(here, "We kijken terug")


async def test_a_look_back_by_command_begins_at_once(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "overslaan")
        begun = await here.says(here.joke, "!nabespreking 1")
        assert "We kijken terug op proef #1" in here.answers(begun)[0]
        assert asking(here, "Wat hoopten we")
        wrong = await here.says(here.joke, "!nabespreking 99")
        assert "!proeven" in here.answers(wrong)[0]


async def test_two_look_backs_on_one_day_stay_apart(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "10 februari")
        card = await here.says(here.joke, "!proef Een brief in gewone taal")
        for answer in ("Iedereen snapt hem", "Drie lezers", "10 februari", "stop"):
            await here.says(here.joke, answer, thread=card)
        await here.house.move_to("2027-02-10 10:01")
        first, second = asking(here, "We kijken terug op de proef")
        await here.says(here.joke, "Een leesbare brief", thread=second.ref)
        await here.says(here.bas, "Minder wachten", thread=first.ref)
        await here.house.move_to("2027-02-11 10:01")
        assert {one.thread for one in asking(here, "Wat gebeurde er echt?")} == {first.ref, second.ref}
        shown = await here.says(here.bas, "!proef 1")
        assert "Minder wachten" in here.answers(shown)[0]
        assert "leesbare brief" not in here.answers(shown)[0]


async def test_the_harvest_asks_its_four_questions_before_the_cycle_ends(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-03-05 15:00")
        [first] = asking(here, "Welke verandering")
        [second], [third], [fourth] = (asking(here, part) for part in ("Stoppen we", "Over een jaar", "Wie neemt dit"))
        assert {one.thread for one in (second, third, fourth)} == {first.ref}
        assert any("de laatste week" in one.text for one in here.of_bot())
        assert all(not one.mentions for one in (second, third, fourth))


async def test_nobody_reads_along_because_of_the_questions_of_a_series(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start('"Parkeren" weken=8')
        await here.house.move_to("2027-02-08 10:00")
        first = next(one for one in reversed(here.of_bot()) if one.mentions)
        for person in (here.maaike, here.joke, here.bas):
            await here.says(person, "Ik zag dat het lang duurt", thread=first.ref)
        await experiment(here, "9 februari")
        await here.house.move_to("2027-02-11 10:30")
        second = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert len(second.mentions) == 3
