"""A bot whose database is put back remembers what it said since, and says none of it twice."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from group import Group, group, words_on_disk
from house import TEXTS, FakeClock, House, of_bot, running
from stored import NOW, ROOM, message

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.reference import MessageRef, PostId
from doetank_bot.ports import Act, Batch, DuePost, MessageReceived
from doetank_bot.service.hindsight import hindsight
from doetank_bot.service.recall import recall
from doetank_bot.service.said import Said
from doetank_bot.store import snapshot
from doetank_bot.store.migration import migrate

if TYPE_CHECKING:
    from doetank_bot.ports import Work


def keep(folder: Path) -> Path:
    """Copy the database of a running bot, as a backup does."""
    (into := folder / "monday").mkdir()
    snapshot.copy(f"sqlite+aiosqlite:///{folder / 'doetank.db'}", into / "doetank.db")
    return into


async def remember(kept: Path, chat: MemoryChat, local: str) -> None:
    """Do what a start after a restore does before anything else."""
    house = House(kept, FakeClock(local), chat)
    await migrate(house.url)
    await house.store.open()
    try:
        await recall(house.store, chat, house.clock, house.rules, TEXTS, snapshot.look(kept / "doetank.db").last_post)
    finally:
        await house.store.close()


def everything(chat: MemoryChat) -> list[tuple[str, str]]:
    """Return every message in every room, as it reads now."""
    return [
        (room.space.native, shown.text)
        for room in chat.rooms()
        for shown in room.messages.values()
        if not shown.is_deleted
    ]


def kept_words(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "doetank.db")) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM contributions ORDER BY number")]


async def week(doetank: Group) -> None:
    """A week with answers, a command, a withdrawal and a digest."""
    await doetank.house.move_to("2027-02-08 09:31")
    prompt = doetank.of_bot()[-1]
    await doetank.says(doetank.joke, "Als het dinsdag is ga ik kijken", thread=prompt.ref)
    gone = await doetank.says(doetank.bas, "Dit mag weer weg", thread=prompt.ref)
    await doetank.says(doetank.bas, "!zag drie mensen aan de balie")
    await doetank.house.move_to("2027-02-11 10:01")
    think = doetank.of_bot()[-1]
    await doetank.says(doetank.joke, "Omdat het altijd zo ging", thread=think.ref)
    await doetank.house.move_to("2027-02-12 14:01")
    await doetank.deletes(doetank.bas, gone)
    await doetank.house.move_to("2027-02-12 16:00")


async def test_after_a_week_is_put_back_nothing_is_said_again_and_the_answers_are_known(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.bas, "!zag dat het al maandag was")
        kept = keep(tmp_path)
        await week(doetank)
        chat = doetank.house.chat
        before, words = everything(chat), kept_words(tmp_path)
    assert any("Weekbericht" in text for _, text in before)
    await remember(kept, chat, "2027-02-12 16:30")
    assert kept_words(kept) == words
    async with running(kept, "2027-02-12 16:30", chat=chat) as house:
        await house.settle()
        await house.jump_to("2027-02-12 16:45")
        assert everything(chat) == before
        await house.move_to("2027-02-15 09:31")
        new = everything(chat)[len(before) :]
    assert len([text for _, text in new if "draad" in text]) == 1
    assert max(Counter(everything(chat)).values()) == max(Counter(before).values())


async def test_without_remembering_the_week_is_said_again(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        kept = keep(tmp_path)
        await week(doetank)
        chat = doetank.house.chat
        before = everything(chat)
    async with running(kept, "2027-02-12 16:30", chat=chat) as house:
        await house.settle()
        await house.jump_to("2027-02-12 16:45")
        assert len(everything(chat)) > len(before)


async def test_a_remembering_that_is_broken_off_anywhere_goes_on_at_the_next_start(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        kept = keep(tmp_path)
        await week(doetank)
        chat = doetank.house.chat
        before, words = everything(chat), kept_words(tmp_path)
    n_broken = 0
    for milliseconds in range(5, 2000, 45):
        try:
            async with asyncio.timeout(milliseconds / 1000):
                await remember(kept, chat, "2027-02-12 16:30")
        except TimeoutError:
            n_broken += 1
        else:
            break
    await remember(kept, chat, "2027-02-12 16:30")
    assert n_broken > 3
    assert kept_words(kept) == words
    async with running(kept, "2027-02-12 16:30", chat=chat) as house:
        await house.jump_to("2027-02-12 16:45")
        assert everything(chat) == before


async def test_what_was_said_after_the_bot_died_is_answered_by_the_bot_that_starts(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        kept = keep(tmp_path)
        await week(doetank)
        chat, bas, room = doetank.house.chat, doetank.bas, doetank.room
    chat.now = lambda: FakeClock("2027-02-12 17:00").instant
    late = bas.say(room, "!zag dat de bot weg was")
    before = everything(chat)
    await remember(kept, chat, "2027-02-12 18:00")
    async with running(kept, "2027-02-12 18:00", chat=chat) as house:
        await house.settle()
        answers = [shown for shown in of_bot(house, bas, room) if shown.reply_to == late]
        assert len(answers) == 1
        assert len(everything(chat)) == len(before) + 1
    assert "dat de bot weg was" in kept_words(kept)


async def test_what_waited_in_the_backup_and_never_went_out_still_does(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        chat = doetank.house.chat
        await doetank.start()
        chat.is_reachable = False
        given = doetank.bas.say(doetank.room, "!zag drie mensen")
        async with asyncio.timeout(10):
            while "drie mensen" not in kept_words(tmp_path):  # noqa: ASYNC110 - the database is all there is to look at
                await asyncio.sleep(0.01)
        kept = keep(tmp_path)
    chat.is_reachable = True
    await remember(kept, chat, "2027-02-03 10:05")
    async with running(kept, "2027-02-03 10:05", chat=chat) as house:
        await house.settle()
        assert len([one for one in of_bot(house, doetank.bas, doetank.room) if one.reply_to == given]) == 1


async def test_what_was_withdrawn_since_the_backup_goes_again_and_stays_gone(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        given = await doetank.says(doetank.bas, "!zag een geheim")
        await doetank.says(doetank.joke, "!zag iets anders")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        kept = keep(tmp_path)
        assert "een geheim" in kept_words(kept)
        await doetank.deletes(doetank.bas, given)
        chat = doetank.house.chat
        before = everything(chat)
    await remember(kept, chat, "2027-02-03 11:00")
    assert b"een geheim" not in words_on_disk(kept)
    async with running(kept, "2027-02-03 11:00", chat=chat) as house:
        await house.settle()
        assert everything(chat) == before


async def test_what_would_now_be_said_in_other_words_is_not_said_again(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        kept = keep(tmp_path)
        await doetank.house.move_to("2027-02-08 09:31")
        chat = doetank.house.chat
        before = everything(chat)
    # As an older version said it.
    chat.log[:] = [
        replace(item, text="Wat ga je doen?") if isinstance(item, MessageReceived) and item.sender == chat.me else item
        for item in chat.log
    ]
    await remember(kept, chat, "2027-02-08 09:40")
    async with running(kept, "2027-02-08 09:40", chat=chat) as house:
        await house.jump_to("2027-02-08 09:45")
        assert everything(chat) == before


def test_a_message_is_taken_for_one_post_alone() -> None:
    chat = MemoryChat(lambda: NOW)
    own = [MessageReceived(message(native), chat.me, "Wat ga je doen?", NOW) for native in ("a", "b")]
    said = Said(chat, hindsight(Batch("2", tuple(own)), chat.me, NOW), PostId(0))
    work = FakeWork()
    payload = {"text": "Wat ga je doen?", "thread": None, "reply_to": None}
    for number in (1, 2, 3):
        said.offer([DuePost(PostId(number), f"o.{number}", Act.SEND, ROOM, None, payload, None, "", 0, NOW)])
        asyncio.run(said.settle(cast("Work", work), NOW))
    assert asyncio.run(said.give_up(cast("Work", work))) == 1
    assert work.done == [("o.1", "a"), ("o.2", "b"), (3, "cancelled")]


class FakeWork:
    """Writes down what became of posts."""

    def __init__(self) -> None:
        self.done: list[tuple[object, str]] = []

    async def echo(self, key: str, ref: MessageRef, _now: datetime) -> None:
        self.done.append((key, ref.native))

    async def cancel(self, post: PostId) -> None:
        self.done.append((post, "cancelled"))
