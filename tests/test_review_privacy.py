"""A reviewer's faults, mended: nothing is lost, doubled, or shown to someone it was not meant for."""

from pathlib import Path

from group import group
from house import texts


async def test_someone_who_left_keeps_their_name(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag drie mensen")
        doetank.joke.leave(doetank.room)
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "— Joke" in doetank.digests()[0]
        assert "@joke" not in doetank.digests()[0]


async def test_who_left_while_the_bot_was_away_is_no_member_any_more(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        doetank.maaike.kick_bot(doetank.room)
        await doetank.house.settle()
        doetank.bas.leave(doetank.room)
        doetank.maaike.invite_bot(doetank.room)
        await doetank.house.settle()
        private = doetank.bas.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.bas, private, "weekbericht vooruitblik")
        assert not any("iets voor de groep" in text for text in texts(doetank.bas, private))


async def test_a_coach_who_left_gets_no_draft(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.joke, "!zag iets voor de groep")
        doetank.maaike.leave(doetank.room)
        await doetank.house.settle()
        await doetank.house.move_to("2027-02-12 15:00")
        private = doetank.maaike.private_chat()
        shown = texts(doetank.maaike, private) if private else []
        assert not any("iets voor de groep" in text for text in shown)


async def test_a_draft_in_the_hands_of_someone_who_left_does_not_follow_any_more(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag iets voor de groep")
        other = await doetank.says(doetank.joke, "!zag nog iets")
        await doetank.says(doetank.bas, "!weekbericht vooruitblik")
        private = doetank.bas.private_chat()
        assert private is not None
        assert any("iets voor de groep" in text for text in texts(doetank.bas, private))
        doetank.bas.leave(doetank.room)
        await doetank.house.settle()
        await doetank.edits(doetank.joke, said, "!zag een geheim van later")
        await doetank.deletes(doetank.joke, other)
        shown = texts(doetank.bas, private)
        assert not any("geheim van later" in text for text in shown)
        assert not any("nog iets" in text for text in shown)


async def test_old_drafts_do_not_come_back_when_the_question_goes(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        question = await doetank.says(doetank.maaike, "!vraagstuk Waarom steeds opnieuw?")
        for day in ("2027-02-12 15:00", "2027-02-19 15:00", "2027-02-26 15:00"):
            await doetank.says(doetank.joke, f"!zag rij {day}")
            await doetank.house.move_to(day)
        private = doetank.maaike.private_chat()
        assert private is not None
        await doetank.deletes(doetank.maaike, question)
        drafts = [text for text in texts(doetank.maaike, private) if "Weekbericht" in text]
        assert drafts == []
