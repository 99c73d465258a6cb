"""A reviewer's faults, mended: taking part is effortless, and nothing said to the bot falls on deaf ears."""

from pathlib import Path

from group import group

SIGN = "✔️"


async def test_a_command_behind_signs_that_nobody_sees_is_heard(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        for asked in ("\ufeff!hulp", "\u200b!hulp", "\u200e !HULP \n", "\xa0!\xa0Hulp\xa0", "!hulp\n\n"):
            message = await doetank.says(doetank.joke, asked)
            assert doetank.answers(message), ascii(asked)
