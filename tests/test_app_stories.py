"""Stories stay drafts until they were gone over and have an audience; what was shared can be taken back."""

from pathlib import Path

from group import Group, group


async def fill(here: Group, thread: object, *answers: str) -> list[str]:
    """Answer the follow-ups of a story; return what the bot said to each."""
    said = []
    for text in answers:
        message = await here.says(here.joke, text, thread=thread)  # type: ignore[arg-type]
        said += here.answers(message)
    return said


async def test_a_story_that_was_gone_over_reaches_the_digest_and_a_draft_does_not(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        story = await here.says(here.joke, "!verhaal Een mantelzorger stuurde elk jaar dezelfde papieren.")
        said = [*here.answers(story), *await fill(here, story, "De buurvrouw hielp", "Elk jaar opnieuw", "overslaan")]
        assert "Wat hielp deze persoon?" in said[0]
        assert "1 ja · 2 nog niet" in said[-1]
        last = draft = await here.says(here.bas, "!verhaal Een buurman belde drie keer voor niets.")
        for answer in ("overslaan", "overslaan", "overslaan", "nog niet", "groep"):
            last = await here.says(here.bas, answer, thread=draft)
        assert "blijft een concept" in here.answers(last)[0]
        said = await fill(here, story, "ja", "groep")
        assert said[-1] == "Dank je. Verhaal #1 is voor deze groep. Het kan in het weekbericht komen."
        await here.house.move_to("2027-02-12 15:00")
        digest = here.digests()[0]
        assert "dezelfde papieren" in digest
        assert "drie keer voor niets" not in digest
        assert "buurvrouw hielp" not in digest


async def test_a_draft_can_be_shared_later_by_its_teller_alone(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        story = await here.says(here.joke, "!verhaal Een buurman belde drie keer voor niets.")
        await here.says(here.joke, "stop", thread=story)
        other = await here.says(here.bas, "!deel 1 groep")
        assert "vind ik hier niet" in here.answers(other)[0]
        wrong = await here.says(here.joke, "!deel 1 koning")
        assert "!deel 1 groep" in here.answers(wrong)[0]
        mine = await here.says(here.joke, "!deel 1 groep anoniem")
        assert here.answers(mine) == ["Goed. #1 is voor deze groep."]
        await here.house.move_to("2027-02-12 15:00")
        assert "drie keer voor niets" in here.digests()[0]
        assert "Joke" not in here.digests()[0]


async def test_what_is_shared_with_nobody_leaves_the_digest_that_went_out(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        await here.says(here.bas, "!zag De telefoon ging wel.")
        await here.house.move_to("2027-02-12 15:00")
        assert "niemand iets" in here.digests()[0]
        done = await here.says(here.bas, "!deel 1 niemand")
        assert "haal ik weg" in here.answers(done)[0]
        texts = here.digests()
        assert not any("niemand iets" in text for text in texts)
        assert any("telefoon ging wel" in text for text in texts)
        listed = await here.says(here.bas, "!zoek niemand")
        assert "niemand iets" not in here.answers(listed)[0]


async def test_only_the_author_lets_more_people_read(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag Aan de balie vroeg niemand iets.")
        widened = await here.says(here.bas, "!deel 1 iedereen")
        assert "Alleen wie het gaf" in here.answers(widened)[0]
        own = await here.says(here.joke, "!share 1 everyone")
        assert here.answers(own) == ["Goed. #1 mag iedereen lezen."]


async def test_an_english_story_is_asked_about_in_english(tmp_path: Path) -> None:
    async with group(tmp_path, language="en") as here:
        await here.start()
        story = await here.says(here.joke, "!story A carer sent the same papers every year.")
        assert "What helped this person?" in here.answers(story)[0]
        last = story
        for answer in ("skip", "skip", "skip", "yes"):
            last = await here.says(here.joke, answer, thread=story)
        assert "1 this group" in here.answers(last)[0]
        last = await here.says(here.joke, "2", thread=story)
        assert "for this group and for the sponsor" in here.answers(last)[0]
