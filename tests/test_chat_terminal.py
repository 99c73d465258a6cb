from datetime import UTC, datetime

import pytest

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.chat.terminal import Terminal
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import MessageReceived, Style

NOON = datetime(2027, 2, 8, 12, tzinfo=UTC)


@pytest.fixture
def chat() -> MemoryChat:
    return MemoryChat(lambda: NOON)


async def test_typed_lines_become_messages_threads_and_private_talk(chat: MemoryChat) -> None:
    shown: list[str] = []
    terminal = Terminal(chat, shown.append)
    assert terminal.enter("ana: hallo")
    room = chat.rooms()[0].space
    await chat.join(room)
    (prompt,) = chat.render(paragraph("Wat ga je doen?", "Kies iets kleins."), Style())
    await chat.send(room, prompt.payload, "k")
    assert terminal.enter("bo> #2 ik bel de buurt")
    assert terminal.enter("ana~ !my")
    assert shown == [
        "#1 ana: hallo",
        "#2 Doetank: Wat ga je doen?\n    Kies iets kleins.",
        "#3 (in #2) bo: ik bel de buurt",
        "#4 (~ana) ana: !my",
    ]
    heard = [item for item in chat.log if isinstance(item, MessageReceived)]
    assert [item.text for item in heard] == ["Wat ga je doen?\nKies iets kleins.", "ik bel de buurt"]
    assert heard[1].thread == heard[0].ref


async def test_an_answer_in_a_thread_stays_in_that_thread(chat: MemoryChat) -> None:
    shown: list[str] = []
    terminal = Terminal(chat, shown.append)
    for line in ("ana: begin", "bo> #1 een", "ana> #2 twee"):
        assert terminal.enter(line)
    assert shown[2] == "#3 (in #1) ana: twee"


async def test_a_sign_of_the_bot_is_shown_once(chat: MemoryChat) -> None:
    shown: list[str] = []
    Terminal(chat, shown.append).enter("ana: ik bel de buurt")
    room = chat.rooms()[0]
    await chat.join(room.space)
    for key in ("k1", "k2"):
        await chat.react(next(iter(room.messages)), "✅", key)
    assert shown[1:] == ["#1 ana: ik bel de buurt [✅]"]


async def test_edits_and_deletions_are_shown(chat: MemoryChat) -> None:
    shown: list[str] = []
    terminal = Terminal(chat, shown.append)
    terminal.enter("ana: eerste")
    room = chat.rooms()[0]
    message = next(iter(room.messages))
    chat.person("@ana:test").edit(message, "beter")
    chat.person("@ana:test").delete(message)
    assert shown[1:] == ["#1 ana: ✎ beter", "#1 ana: —"]
    assert isinstance(message, MessageRef)


@pytest.mark.parametrize(
    "line", ["", "zomaar wat", "ana>", "ana> #99 niets", "ana> geen nummer", ": leeg", "#3 ana: x"]
)
async def test_a_line_that_says_nothing_changes_nothing(chat: MemoryChat, line: str) -> None:
    shown: list[str] = []
    assert not Terminal(chat, shown.append).enter(line)
    assert shown == []


async def test_a_number_at_the_start_of_plain_talk_stays_part_of_it(chat: MemoryChat) -> None:
    shown: list[str] = []
    Terminal(chat, shown.append).enter("ana: #3 is mooi")
    assert shown == ["#1 ana: #3 is mooi"]
