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
