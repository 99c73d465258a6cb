"""A reviewer's faults, mended: the group's words stay theirs."""

from pathlib import Path

from group import group, words_on_disk


async def test_a_choice_made_after_the_message_was_deleted_does_no_harm(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        said = await doetank.says(doetank.joke, "Bel mij op 06-12345678 als het kan", thread=prompt.ref)
        await doetank.deletes(doetank.joke, said)
        choice = await doetank.says(doetank.joke, "3", thread=prompt.ref)
        told = [one.text for one in doetank.of_bot() if one.reply_to == choice]
        assert not any("Er ging iets mis" in text for text in told)


async def test_an_answer_given_again_after_it_was_deleted_is_kept(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        first = await doetank.says(doetank.bas, "klaar in 5 dagen", thread=card)
        await doetank.deletes(doetank.bas, first)
        await doetank.says(doetank.bas, "terug", thread=card)
        await doetank.says(doetank.bas, "klaar in 3 dagen", thread=card)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "klaar in 3 dagen" in doetank.digests()[0]


async def test_a_form_about_a_deleted_experiment_is_over(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        await doetank.deletes(doetank.bas, card)
        after = await doetank.says(doetank.bas, "klaar in 5 dagen", thread=card)
        assert doetank.answers(after) == []
    assert b"klaar in 5 dagen" not in words_on_disk(tmp_path)


async def test_a_digest_that_a_moderator_removed_stays_away(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag drie mensen")
        await doetank.says(doetank.bas, "!zag een dichte deur")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digest = next(one for one in doetank.of_bot() if one.text in doetank.digests())
        await doetank.deletes(doetank.maaike, digest.ref)
        await doetank.deletes(doetank.joke, said)
        assert doetank.digests() == []
