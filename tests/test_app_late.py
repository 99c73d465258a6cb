"""When the bot was away at the moment itself: what goes out late, what does not, and who is told."""

from pathlib import Path

from group import group
from house import texts

from doetank_bot.chat.memory import Person


async def test_a_prompt_that_goes_out_late_says_for_when_it_was_meant(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.jump_to("2027-02-08 14:00")
        prompt = doetank.of_bot()[-1]
    assert not prompt.is_notice
    assert "09:30" in prompt.text


async def test_a_prompt_that_is_late_at_night_waits_for_the_morning(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        before = len(doetank.of_bot())
        await doetank.house.jump_to("2027-02-08 22:00")
        at_night = len(doetank.of_bot())
        await doetank.house.move_to("2027-02-09 09:30")
        prompt = doetank.of_bot()[-1]
    assert at_night == before
    assert not prompt.is_notice


async def test_a_step_that_no_longer_makes_sense_is_dropped_and_the_coach_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.jump_to("2027-02-11 12:00")
        prompts = [one for one in doetank.of_bot() if not one.is_notice]
        private = doetank.maaike.private_chat()
        assert private is not None
        told = texts(doetank.maaike, private)
    assert len(prompts) == 1
    assert any("maandag 8 februari" in line for line in told)


async def test_a_clock_that_goes_back_repeats_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-02-08 10:00")
        await doetank.house.jump_to("2027-02-08 09:00")
        await doetank.house.move_to("2027-02-08 12:00")
        prompts = [one for one in doetank.of_bot() if not one.is_notice]
    assert len(prompts) == 1


async def test_a_prompt_on_a_holiday_comes_the_next_working_day_as_the_preview_said(tmp_path: Path) -> None:
    async with group(tmp_path, "2027-03-17 10:00") as doetank:
        start = await doetank.start('"Pasen" weken=4')
        preview = doetank.answers(start)[0]
        await doetank.house.move_to("2027-03-26 20:00")
        before = len([one for one in doetank.of_bot() if not one.is_notice])
        await doetank.house.move_to("2027-03-29 20:00")
        on_monday = len([one for one in doetank.of_bot() if not one.is_notice])
        await doetank.house.move_to("2027-03-30 20:00")
        on_tuesday = len([one for one in doetank.of_bot() if not one.is_notice])
    assert "Tweede Paasdag" in preview
    assert "dinsdag 30 maart" in preview
    assert (on_monday, on_tuesday) == (before, before + 1)


async def test_a_prompt_that_is_put_off_comes_back_in_private_unless_it_was_answered(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.house.move_to("2027-02-08 10:00")
        prompt = next(one for one in reversed(here.of_bot()) if one.mentions)
        for person, typed in ((here.joke, "later 2 uur"), (here.bas, "!later 2u")):
            put_off = await here.says(person, typed, thread=prompt.ref)
            assert "12:00" in here.answers(put_off)[0]
        await here.says(here.joke, "Toch meteen maar", thread=prompt.ref)
        await here.house.move_to("2027-02-08 12:01")
        reminded = {person.name: _reminders(person) for person in (here.joke, here.bas)}
        assert reminded == {"Joke": 0, "Bas": 1}


def _reminders(person: Person) -> int:
    space = person.private_chat()
    return 0 if space is None else sum("herinnering" in one.text for one in person.sees(space))


async def test_a_coach_who_got_no_draft_is_told_and_reads_the_digest_with_the_group(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-02-12 10:00")
        n_told = len(doetank.told(doetank.maaike))
        await doetank.house.jump_to("2027-02-12 14:05")
        [told] = doetank.told(doetank.maaike)[n_told:]
        assert told.startswith(
            "Het concept van het weekbericht voor Parkeren, van vrijdag 12 februari, 11:00, heb je niet"
        )
        assert len(doetank.digests()) == 1
