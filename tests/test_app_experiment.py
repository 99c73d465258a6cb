"""What people see at an experiment belongs to it: the question names it, and the digest tells it there."""

from pathlib import Path

from group import Group, group

from doetank_bot.chat.memory import Shown

ASKED = "bij de proef"


async def experiment(here: Group, title: str) -> None:
    card = await here.says(here.bas, f"!proef {title}")
    await here.says(here.bas, "stop", thread=card)


async def asked(here: Group) -> Shown:
    """Let the coach ask the pack's E3 now; return the prompt."""
    await here.says(here.maaike, "!opdracht nu E3")
    return next(one for one in reversed(here.of_bot()) if ASKED in one.text)


async def test_the_question_names_the_one_experiment_and_what_was_seen_stands_with_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "Eén belletje in plaats van vijf papieren")
        await here.house.move_to("2027-02-09 10:00")
        prompt = await asked(here)
        assert "bij de proef “Eén belletje in plaats van vijf papieren”? Schrijf" in prompt.text
        seen = await here.says(here.joke, "Na twee dagen was het rond.", thread=prompt.ref)
        assert here.signs(seen)
        card = await here.says(here.bas, "!proef 1")
        assert "Na twee dagen was het rond." in here.answers(card)[0]
        await here.house.move_to("2027-02-12 15:00")
        [digest] = here.digests()
        assert digest.count("Na twee dagen was het rond.") == 1
        assert digest.index("Na twee dagen") < digest.index("Wat er nu komt")
        assert "nog niets opgeschreven" not in digest


async def test_with_two_experiments_the_question_names_none_and_answers_are_lines_of_their_own(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "Eén belletje")
        await experiment(here, "Een brief in gewone taal")
        await here.house.move_to("2027-02-09 10:00")
        prompt = await asked(here)
        assert "bij de proef? Schrijf" in prompt.text
        await here.says(here.joke, "Na twee dagen was het rond.", thread=prompt.ref)
        await here.house.move_to("2027-02-12 15:00")
        assert "- “Na twee dagen was het rond.” — Joke" in here.digests()[0]


async def test_an_experiment_that_is_over_is_not_asked_about(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await experiment(here, "Eén belletje")
        await here.says(here.bas, "!proef 1 klaar")
        assert "bij de proef? Schrijf" in (await asked(here)).text


async def test_the_edit_of_an_experiment_reaches_the_question_that_names_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        card = await here.says(here.bas, "!proef Eén belletje")
        await here.says(here.bas, "stop", thread=card)
        prompt = await asked(here)
        await here.edits(here.bas, card, "!proef Twee belletjes")
        assert any("“Twee belletjes”" in one.text for one in here.of_bot() if one.ref == prompt.ref)
