"""Silence and absence, as people live them: nobody is blamed, and one word brings anyone back."""

from pathlib import Path

from group import group


async def test_who_is_silent_twice_reads_along_is_told_in_private_and_is_back_with_an_answer(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        first = next(one for one in reversed(here.of_bot()) if one.mentions)
        await here.says(here.joke, "Aan de balie was het druk", thread=first.ref)
        await here.house.move_to("2027-02-11 11:00")
        second = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert len(second.mentions) == 3
        await here.says(here.maaike, "Vorig jaar", thread=second.ref)
        await here.house.move_to("2027-02-15 10:00")
        third = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert {user.native for user in third.mentions} == {here.joke.user.native, here.maaike.user.native}
        assert "je hoort er gewoon bij" in here.told(here.bas)[-1]
        assert not any("Bas" in one.text and "niets" in one.text for one in here.of_bot())

        await here.says(here.bas, "Toch nog: ik belde met de buren", thread=third.ref)
        await here.house.move_to("2027-02-18 11:00")
        fourth = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert here.bas.user in fourth.mentions


async def test_the_coach_and_who_leaves_a_question_to_the_group_are_not_silent(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start('"Parkeren" weken=8')
        await here.house.move_to("2027-02-08 10:00")
        first = next(one for one in reversed(here.of_bot()) if one.mentions)
        for person in (here.joke, here.bas):
            await here.says(person, "Aan de balie was het druk", thread=first.ref)
        await here.house.move_to("2027-02-25 11:00")
        fourth = next(one for one in reversed(here.of_bot()) if one.mentions)
        assert "Ons vraagstuk is nu" in fourth.text or "denken we allemaal" in fourth.text
        assert not any("je hoort er gewoon bij" in text for text in here.told(here.maaike))


async def test_a_skip_is_no_silence(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        first = next(one for one in reversed(here.of_bot()) if one.mentions)
        await here.says(here.bas, "overslaan", thread=first.ref)
        await here.house.move_to("2027-02-15 10:00")
        assert here.bas.user in next(one for one in reversed(here.of_bot()) if one.mentions).mentions


async def test_who_is_away_or_rests_is_not_named_until_then(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        away = await here.says(here.joke, "!weg tot 11 februari")
        rest = await here.says(here.bas, "!pauze")
        assert "11 februari" in here.answers(away)[0]
        assert here.answers(rest)[0].startswith("Goed. Ik noem je niet meer")
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        assert next(one for one in reversed(here.of_bot()) if one.mentions).mentions == (here.maaike.user,)
        back = await here.says(here.bas, "!verder")
        assert here.answers(back) == [
            "Fijn dat je er weer bent. Vanaf nu noem ik je weer bij een vraag. Wat je miste, lees je met !gemist."
        ]
        await here.house.move_to("2027-02-11 11:00")
        assert len(next(one for one in reversed(here.of_bot()) if one.mentions).mentions) == 3


async def test_who_comes_back_from_leave_is_not_told_to_have_been_silent(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!weg tot 22 februari")
        await here.house.move_to("2027-02-22 10:00")
        assert here.joke.user in next(one for one in reversed(here.of_bot()) if one.mentions).mentions
        assert not any("je hoort er gewoon bij" in text for text in here.told(here.joke))
        await here.house.move_to("2027-03-01 10:00")
        assert any("je hoort er gewoon bij" in text for text in here.told(here.joke)), "later silence counts"


async def test_a_day_that_is_past_or_missing_is_answered_with_what_to_type(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        past = await here.says(here.joke, "!weg tot 2020-01-01")
        missing = await here.says(here.joke, "!weg")
        assert "!weg tot 8 maart" in here.answers(past)[0]
        assert "!weg" in here.answers(missing)[0]


async def test_who_comes_in_during_a_cycle_gets_one_private_line_and_the_room_hears_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        before = here.house.chat.person("@early:test", "Early")
        before.join(here.room)
        await here.house.settle()
        assert here.told(before) == []
        await here.start()
        n_said = len(here.of_bot())
        ahmed = here.house.chat.person("@ahmed:test", "Ahmed")
        ahmed.join(here.room)
        await here.house.settle()
        [line] = here.told(ahmed)
        assert line.startswith("Welkom bij Parkeren")
        assert len(here.of_bot()) == n_said


async def test_the_status_in_a_pause_says_until_when(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.maaike, "!ronde pauze tot 1 maart")
        status = await here.says(here.joke, "!ronde")
        assert "staat stil tot maandag 1 maart" in here.answers(status)[0]
