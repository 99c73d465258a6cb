"""A bot that rests on a damaged database: one calm line to who asks, and silence otherwise."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from house import PACKS, TEXTS
from stored import ANA, ME, NOW, ROOM, message

from doetank_bot.chat.memory import MemoryChat, Person, Trouble
from doetank_bot.demo.rehearsal.bot import rules_for
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import Ambiguous, Batch, BotJoined, MessageReceived
from doetank_bot.service.hindsight import hindsight
from doetank_bot.service.resting import KEY, private_chats, questions, rest

BOT = UserRef(ME, ME)
LINE = "Ik rust even"


@contextlib.asynccontextmanager
async def resting(chat: MemoryChat) -> AsyncIterator[None]:
    task = asyncio.create_task(rest(chat, rules_for(chat.me, "nl", PACKS), TEXTS))
    await asyncio.sleep(0.01)
    try:
        yield
        await asyncio.sleep(0.05)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def in_room() -> tuple[MemoryChat, Person, SpaceRef]:
    chat = MemoryChat(lambda: datetime(2027, 2, 8, 9, tzinfo=UTC))
    coach = chat.person("@maaike:test", "Maaike")
    room = coach.create_room("Parkeren", chat.person("@joke:test", "Joke"))
    coach.invite_bot(room)
    return chat, coach, room


async def joined() -> tuple[MemoryChat, Person, SpaceRef]:
    chat, coach, room = in_room()
    await chat.join(room)
    return chat, coach, room


def lines(chat: MemoryChat, who: Person, room: SpaceRef) -> list[str]:
    return [shown.text for shown in who.sees(room) if shown.sender == chat.me]


async def test_a_command_gets_one_line_in_reply_and_talk_gets_none() -> None:
    chat, coach, room = await joined()
    coach.say(room, "!status before it rested")
    async with resting(chat):
        coach.say(room, "Just talk")
        asked = coach.say(room, " !ronde status")
    (line,) = [shown for shown in coach.sees(room) if shown.sender == chat.me]
    assert line.text.startswith(LINE)
    assert (line.reply_to, line.is_notice) == (asked, True)


async def test_nobody_who_invites_it_is_followed() -> None:
    chat, coach, room = in_room()
    async with resting(chat):
        coach.say(room, "!status")
    assert lines(chat, coach, room) == []


async def test_a_line_whose_answer_is_lost_is_said_again_and_there_once() -> None:
    chat, coach, room = await joined()
    async with resting(chat):
        chat.troubles.append(Trouble(Ambiguous("cut off"), is_done=True))
        coach.say(room, "!status")
        await asyncio.sleep(1.2)
    assert len(lines(chat, coach, room)) == 1


@pytest.mark.parametrize(
    ("text", "how", "is_meant"),
    [
        ("!status", {}, True),
        ("status?", {"mentions_me": True}, True),
        ("status?", {}, False),
        ("!status", {"is_bot": True}, False),
        ("!status", {"sender": BOT}, False),
        ("!photo.jpg", {"is_text": False}, False),
    ],
)
def test_only_what_people_say_to_the_bot_is_a_question(text: str, how: dict[str, object], *, is_meant: bool) -> None:
    said = MessageReceived(**{"ref": message("a"), "sender": ANA, "text": text, "sent_at": NOW, **how})  # type: ignore[arg-type]
    assert (questions(Batch("s", (said,)), BOT, "!", set()) == [said]) is is_meant


def test_in_private_everything_is_a_question() -> None:
    said = MessageReceived(message("a"), ANA, "hello", NOW)
    assert questions(Batch("s", (said,)), BOT, "!", {ROOM}) == [said]


def test_what_was_asked_while_it_rested_is_still_to_be_done_after_a_restore() -> None:
    asked = MessageReceived(message("a"), ANA, "!observe Nobody asked", NOW)
    line = MessageReceived(message("b"), BOT, LINE, NOW + timedelta(seconds=1), key=f"{KEY}1")
    found = hindsight(Batch("s", (asked, line)), BOT, NOW)
    assert asked in found.rest
    assert found.own == ()


def test_a_chat_that_it_finds_to_be_private_is_one() -> None:
    here, there = BotJoined(message("a"), (), is_private=True), BotJoined(message("b", SpaceRef(ME, "!x")), ())
    assert private_chats([here, there]) == {ROOM}
