"""A reviewer's faults, mended: taking part is effortless, and nothing said to the bot falls on deaf ears."""

from pathlib import Path

from group import group

SIGN = "✔️"


async def test_a_command_behind_signs_that_nobody_sees_is_heard(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        for asked in ("\ufeff!hulp", "\u200b!hulp", "\u200e !HULP \n", "\xa0!\xa0Hulp\xa0", "!hulp\n\n"):
            message = await doetank.says(doetank.joke, asked)
            assert doetank.answers(message), ascii(asked)


async def test_a_reply_to_a_follow_up_from_the_main_timeline_is_its_answer(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        question = [one for one in doetank.of_bot() if one.thread == card][-1]
        await doetank.says(doetank.bas, "klaar in 5 dagen", reply_to=question.ref)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "klaar in 5 dagen" in doetank.digests()[0]


async def test_a_reply_to_another_line_of_the_bot_in_the_prompts_thread_is_an_answer(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        doetank.joke.say(doetank.room, "", thread=prompt.ref, is_text=False)
        await doetank.house.settle()
        line = [one for one in doetank.of_bot() if one.thread == prompt.ref][-1]
        answer = await doetank.says(doetank.joke, "op de foto staat de balie", thread=prompt.ref, reply_to=line.ref)
        assert doetank.signs(answer) == [SIGN]
