"""The group's words stay theirs: edits and deletions reach every copy, over the whole app."""

import asyncio
from pathlib import Path

from group import Group, group, words_on_disk
from house import texts

from doetank_bot.chat.memory import Trouble
from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import Deferred


async def _week_with(doetank: Group, *sayings: str) -> list[MessageRef]:
    await doetank.start()
    said = [await doetank.says(doetank.joke, f"!zag {saying}") for saying in sayings]
    await doetank.says(doetank.maaike, "!weekbericht stuur")
    return said


async def test_an_edit_changes_the_posted_digest_in_place(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        said, _ = await _week_with(doetank, "drie mensen", "een dichte deur")
        before = doetank.digests()
        await doetank.edits(doetank.joke, said, "!zag vier mensen")
        after = doetank.digests()
        shown = next(one for one in doetank.of_bot() if one.text == after[0])
    assert len(before) == len(after) == 1
    assert "vier mensen" in after[0]
    assert "drie mensen" not in after[0]
    assert shown.is_edited


async def test_an_edit_by_someone_else_is_ignored(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        (said,) = await _week_with(doetank, "drie mensen")
        await doetank.edits(doetank.bas, said, "!zag niemand")
        assert "drie mensen" in doetank.digests()[0]


async def test_an_edit_never_runs_a_command_again(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        chatter = await doetank.says(doetank.maaike, "goedemorgen")
        status = await doetank.says(doetank.maaike, "!ronde status")
        before = len(doetank.of_bot())
        await doetank.edits(doetank.maaike, chatter, "!ronde start")
        await doetank.edits(doetank.maaike, status, "!ronde start")
        assert len(doetank.of_bot()) == before


async def test_a_deletion_takes_the_digest_and_its_edits_away_and_posts_it_again_without_the_words(
    tmp_path: Path,
) -> None:
    async with group(tmp_path) as doetank:
        said, other = await _week_with(doetank, "drie mensen", "een dichte deur")
        await doetank.edits(doetank.joke, said, "!zag vier mensen")
        old = next(one.ref for one in doetank.of_bot() if one.text in doetank.digests())
        await doetank.deletes(doetank.joke, said)
        digests = doetank.digests()
        refs = [one.ref for one in doetank.of_bot()]
    assert len(digests) == 1
    assert old not in refs
    assert "vier mensen" not in digests[0]
    assert "drie mensen" not in digests[0]
    assert "een dichte deur" in digests[0]
    assert other != old
    assert b"vier mensen" not in words_on_disk(tmp_path)
    assert b"drie mensen" not in words_on_disk(tmp_path)


async def test_only_the_last_two_digests_are_posted_again(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        question = await doetank.says(doetank.maaike, "!vraagstuk Waarom steeds opnieuw?")
        for day in ("2027-02-12 15:00", "2027-02-19 15:00", "2027-02-26 15:00"):
            await doetank.says(doetank.joke, f"!zag rij {day}")
            await doetank.house.move_to(day)
        before = doetank.digests()
        await doetank.deletes(doetank.maaike, question)
        after = doetank.digests()
    assert len(before) == 3
    assert len(after) == 2
    assert not any("steeds opnieuw" in digest for digest in after)


async def test_a_digest_that_waits_is_made_again_before_anyone_sees_the_words(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag drie mensen")
        await doetank.says(doetank.joke, "!zag een dichte deur")
        seen: list[str] = []
        doetank.house.chat.listeners.append(lambda shown: seen.append(shown.text))
        doetank.house.chat.troubles.append(Trouble(Deferred(reason="502")))
        asked = doetank.joke.say(doetank.room, "!help")
        await _until_tried(doetank)
        doetank.maaike.say(doetank.room, "!weekbericht stuur")
        doetank.joke.delete(said)
        await doetank.house.settle()
        assert doetank.answers(asked)
        assert len(doetank.digests()) == 1
    assert not any("drie mensen" in text for text in seen if text.startswith("Weekbericht"))


async def _until_tried(doetank: Group) -> None:

    async with asyncio.timeout(5):
        while doetank.house.chat.troubles:  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0.005)


async def test_a_deleted_experiment_leaves_the_digest_whole(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        await doetank.says(doetank.bas, "klaar in 5 dagen", thread=card)
        await doetank.says(doetank.bas, "stop", thread=card)
        await doetank.says(doetank.joke, "!zag een dichte deur")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        await doetank.deletes(doetank.bas, card)
        digest = doetank.digests()[0]
    assert "belletje" not in digest
    assert "5 dagen" not in digest
    assert "proeven" not in digest


async def test_an_edit_that_takes_personal_data_out_removes_the_old_message(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag Jan, 06-12345678, in de rij")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        old = next(one.ref for one in doetank.of_bot() if one.text in doetank.digests())
        await doetank.edits(doetank.joke, said, "!zag iemand in de rij")
        digests = doetank.digests()
        refs = [one.ref for one in doetank.of_bot()]
    assert len(digests) == 1
    assert "iemand in de rij" in digests[0]
    assert old not in refs


async def test_a_draft_comes_back_without_the_words_only_while_its_digest_is_not_out(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.bas, "!zag een lange rij")
        first, second = [await doetank.says(doetank.joke, f"!zag {saying}") for saying in ("drie mensen", "een deur")]
        await doetank.house.move_to("2027-02-12 11:30")
        private = doetank.maaike.private_chat()
        assert private is not None
        await doetank.deletes(doetank.joke, first)
        (draft,) = (text for text in texts(doetank.maaike, private) if "lange rij" in text)
        assert "een deur" in draft
        assert "drie mensen" not in draft
        await doetank.house.move_to("2027-02-12 14:30")
        await doetank.deletes(doetank.joke, second)
        assert not [text for text in texts(doetank.maaike, private) if "lange rij" in text]
        (digest,) = doetank.digests()
        assert "een deur" not in digest


async def test_a_digest_that_was_refused_is_made_again_without_words_that_went(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag drie mensen")
        await doetank.says(doetank.joke, "!zag een dichte deur")
        seen: list[str] = []
        doetank.house.chat.listeners.append(lambda shown: seen.append(shown.text))
        doetank.house.chat.troubles.append(Trouble(Deferred(reason="429")))
        doetank.maaike.say(doetank.room, "!weekbericht stuur")
        await _until_tried(doetank)
        await doetank.deletes(doetank.joke, said)
        digests = doetank.digests()
    assert len(digests) == 1
    assert "een dichte deur" in digests[0]
    assert not any("drie mensen" in text for text in seen if text.startswith("Weekbericht"))


async def test_an_edit_that_outgrows_its_message_is_posted_anew(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        (said,) = await _week_with(doetank, "drie mensen")
        old = next(one.ref for one in doetank.of_bot() if one.text in doetank.digests())
        doetank.house.chat._max_bytes = 300
        await doetank.edits(doetank.joke, said, "!zag vier mensen")
        after = doetank.of_bot()
    assert old not in {one.ref for one in after}
    assert sum("vier mensen" in one.text for one in after) == 1
    assert not any("drie mensen" in one.text for one in after)
