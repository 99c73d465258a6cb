"""A cycle from the coach's side, over the whole app."""

from pathlib import Path

import pytest
from group import group
from house import of_bot, running, texts


async def test_the_bot_introduces_itself_once_and_ignores_what_was_said_before_it_came(tmp_path: Path) -> None:
    async with running(tmp_path) as house:
        maaike = house.chat.person("@maaike:test", "Maaike")
        room = maaike.create_room("Parkeren")
        maaike.say(room, "!ronde start")
        maaike.invite_bot(room)
        await house.settle()
        said = [shown.text for shown in of_bot(house, maaike, room)]
    assert len(said) == 1
    assert "computerprogramma, geen mens" in said[0]
    assert "!ronde start" in said[0]


async def test_start_alone_is_enough(tmp_path: Path) -> None:
    async with group(tmp_path, "2027-02-03 10:00") as doetank:
        start = await doetank.start("")
        preview = doetank.answers(start)[0]
        await doetank.house.move_to("2027-02-08 10:00")
        prompt = doetank.of_bot()[-1]
    assert "8 weken" in preview
    assert "maandag 8 februari" in preview
    assert not prompt.is_notice
    assert {user.native for user in prompt.mentions} == {"@maaike:test", "@joke:test", "@bas:test"}


async def test_start_takes_title_weeks_and_day_in_both_languages(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        start = await doetank.start('"Minder papier" weeks=4 vanaf=2027-03-01')
        preview = doetank.answers(start)[0]
    assert "Minder papier" in preview
    assert "4 weken" in preview
    assert "maandag 1 maart" in preview


async def test_a_second_start_is_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        again = await doetank.start()
        answers = doetank.answers(again)
    assert len(answers) == 1
    assert "!ronde einde" in answers[0]


async def test_only_moderators_start_and_power_counts_as_it_is_now(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        refused = await doetank.says(doetank.joke, "!ronde start")
        doetank.maaike.set_power(doetank.room, doetank.joke, 50)
        allowed = await doetank.says(doetank.joke, "!ronde start")
        doetank.maaike.set_power(doetank.room, doetank.joke, 0)
        late = await doetank.says(doetank.joke, "!ronde einde")
        answers = [doetank.answers(message)[0] for message in (refused, allowed, late)]
    assert "beheerder" in answers[0]
    assert "weken" in answers[1]
    assert "beheerder" in answers[2]


async def test_the_next_cycle_starts_in_the_same_room(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.maaike, "!ronde einde")
        again = await doetank.start('"Tweede ronde"')
        assert "Tweede ronde" in doetank.answers(again)[0]
        await doetank.house.move_to("2027-02-08 12:00")
        prompts = [shown for shown in doetank.of_bot() if not shown.is_notice]
    assert len(prompts) == 1


async def test_a_paused_cycle_asks_nothing_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-02-09 09:00")
        await doetank.says(doetank.maaike, "!ronde pauze")
        await doetank.house.move_to("2027-02-23 09:00")
        asked = [shown for shown in doetank.of_bot() if not shown.is_notice]
        await doetank.says(doetank.maaike, "!ronde verder")
        await doetank.house.move_to("2027-02-25 12:00")
        after = [shown for shown in doetank.of_bot() if not shown.is_notice]
        status = await doetank.says(doetank.joke, "!ronde status")
        assert "week 1 van 4" in doetank.answers(status)[0].lower()
    assert len(asked) == 1
    assert len(after) == 2


async def test_a_pause_until_a_day_ends_by_itself(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-02-08 12:00")
        await doetank.says(doetank.maaike, "!ronde pauze tot 2027-02-22")
        await doetank.house.move_to("2027-02-21 12:00")
        before = len(doetank.of_bot())
        await doetank.house.move_to("2027-02-25 12:00")
        said = [shown.text for shown in doetank.of_bot()[before:]]
    assert len(said) == 2
    assert "Denkvraag" in said[1]


async def test_a_cycle_ends_by_itself_after_its_last_digest(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-03-08 09:00")
        n_ends = len([one for one in doetank.of_bot() if "laatste week" in one.text.lower()])
        again = await doetank.start('"Volgende"')
        answer = doetank.answers(again)[0]
    assert n_ends == 1
    assert "Volgende" in answer


async def test_two_groups_live_side_by_side(tmp_path: Path) -> None:
    async with group(tmp_path) as one:
        ana = one.house.chat.person("@ana:test", "Ana")
        other = await one.house.open_room("Geveltuin", ana)
        await one.start()
        await one.house.say(ana, other, '!cycle start "Geveltuin" weeks=4')
        await one.says(one.joke, "!zag een lange rij bij het loket")
        await one.house.move_to("2027-02-12 15:00")
        of_one, of_other = "\n".join(texts(one.maaike, one.room)), "\n".join(texts(ana, other))
    assert "een lange rij" in one_digest(of_one)
    assert "een lange rij" not in of_other
    assert "#1" in of_one


def one_digest(transcript: str) -> str:
    """Return what follows the last digest's title."""
    return transcript.rpartition("Weekbericht:")[2]


async def test_the_draft_goes_to_the_coach_alone_three_hours_before(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag dat de deur dicht was")
        await doetank.house.move_to("2027-02-12 11:30")
        private = doetank.maaike.private_chat()
        assert private is not None
        draft = texts(doetank.maaike, private)[-1]
        assert doetank.digests() == []
        others = doetank.joke.private_chat()
        assert others is not None
        assert not any("Weekbericht" in text for text in texts(doetank.joke, others))
    assert "dat de deur dicht was" in draft
    assert "14:00" in draft


async def test_a_private_chat_that_is_not_accepted_keeps_the_draft_out_of_the_room(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        doetank.maaike.takes_private = False
        await doetank.start()
        await doetank.house.move_to("2027-02-12 11:30")
        in_room = "\n".join(texts(doetank.joke, doetank.room))
    assert "Alleen jij ziet dit" not in in_room


async def test_a_digest_sent_by_the_coach_is_not_sent_again_that_week(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.house.move_to("2027-02-10 12:00")
        await doetank.says(doetank.joke, "!zag een lange rij")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        await doetank.house.move_to("2027-02-14 12:00")
        first = doetank.digests()
        await doetank.house.move_to("2027-02-19 15:00")
        both = doetank.digests()
    assert len(first) == 1
    assert len(both) == 2


async def test_a_preview_of_the_digest_is_private(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag een lange rij")
        await doetank.says(doetank.bas, "!weekbericht vooruitblik")
        private = doetank.bas.private_chat()
        assert private is not None
        assert "een lange rij" in texts(doetank.bas, private)[-1]
    assert doetank.digests() == []


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_help_shows_at_most_twelve_lines_and_only_what_you_may(tmp_path: Path, language: str) -> None:
    async with group(tmp_path, language=language) as doetank:
        asked = [await doetank.says(person, "!help") for person in (doetank.joke, doetank.maaike)]
        for_joke, for_maaike = (doetank.answers(message)[0] for message in asked)
    start = "!ronde start" if language == "nl" else "!cycle start"
    assert start not in for_joke
    assert start in for_maaike
    assert len(for_maaike.splitlines()) <= 12
