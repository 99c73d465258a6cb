"""A reviewer's faults, mended: the group's words stay theirs."""

import asyncio
from datetime import timedelta
from pathlib import Path

from group import group, words_on_disk
from house import FakeClock, running

from doetank_bot.chat.memory import MemoryChat, Trouble
from doetank_bot.domain.document import Document
from doetank_bot.domain.reference import MessageRef
from doetank_bot.domain.view import Snapshot
from doetank_bot.ports import Deferred, Rendered, Style


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


async def test_a_digest_taken_back_in_vain_is_not_forgotten_nor_sent_as_it_was(tmp_path: Path) -> None:
    """A fault of ours after the digest was taken out of the queue: it must still go out, without the deleted words."""
    async with group(tmp_path, chat=Stumbling(FakeClock("2027-02-03 10:00").now)) as doetank:
        chat = doetank.house.chat
        assert isinstance(chat, Stumbling)
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag drie mensen")
        await doetank.says(doetank.joke, "!zag een dichte deur")
        seen: list[str] = []
        chat.listeners.append(lambda shown: seen.append(shown.text))
        # Long enough for the second try after the fault, also on a busy machine.
        chat.troubles.append(Trouble(Deferred(timedelta(seconds=6), "busy")))
        doetank.joke.say(doetank.room, "!help")
        async with asyncio.timeout(5):
            while chat.troubles:  # noqa: ASYNC110 - the fake tells nobody
                await asyncio.sleep(0.005)
        doetank.maaike.say(doetank.room, "!weekbericht stuur")
        async with asyncio.timeout(5):
            while doetank.house.engine.outbox.depth < 3:  # noqa: ASYNC110 - help, digest and the line about it
                await asyncio.sleep(0.005)
        chat.n_stumbles = 1
        doetank.joke.delete(said)
        await doetank.house.settle()
        assert chat.n_stumbles == 0
        assert len(doetank.digests()) == 1
    async with running(tmp_path, "2027-02-03 10:05", chat=chat) as house:
        await house.settle()
    assert not any("drie mensen" in text for text in seen if text.startswith("Weekbericht"))


class Stumbling(MemoryChat):
    """A chat with a fault of our own in it."""

    n_stumbles = 0

    def render(self, document: Document, style: Style) -> list[Rendered]:
        if self.n_stumbles:
            self.n_stumbles -= 1
            raise RuntimeError
        return list(super().render(document, style))


async def test_deleting_an_edit_brings_the_first_words_back(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag drie mensen")
        edit = doetank.joke.edit(said, "!zag mijn dronken buurman")
        await doetank.house.settle()
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        doetank.house.chat.deleted(edit)
        await doetank.house.settle()
        assert "dronken buurman" not in doetank.digests()[0]
        assert "“drie mensen”" in doetank.digests()[0]
        assert b"dronken buurman" not in words_on_disk(tmp_path)


class Slow(MemoryChat):
    """A chat in which the message that is fetched is deleted while its words are on their way."""

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        found = await super().fetch(message)
        self.deleted(message)
        await asyncio.sleep(0.3)
        return found


async def test_a_message_deleted_while_someone_keeps_it_is_not_kept(tmp_path: Path) -> None:
    async with group(tmp_path, chat=Slow(FakeClock("2027-02-03 10:00").now)) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.bas, "de brief was onbegrijpelijk")
        await doetank.says(doetank.joke, "!bewaar", reply_to=said)
        assert b"onbegrijpelijk" not in words_on_disk(tmp_path)
