"""The screen: of talk no word comes through, and of most talk nothing at all."""

from dataclasses import replace

import pytest
from cast import BAS, BOT, MAAIKE, PRIVATE, ROOM, message
from hypothesis import given
from hypothesis import strategies as st
from stored import NOW

from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import Incoming, Known, MessageDeleted, MessageEdited, MessageReceived, Talked
from doetank_bot.service.screen import Screen

ELSEWHERE = SpaceRef(ROOM.account, "!elsewhere")
ANSWER = "Ik ging naar het loket"
OPEN = Known(unhinted=frozenset({(ROOM, MAAIKE.user)}), private=frozenset({PRIVATE}))
ANY_TEXT = st.text(st.characters(codec=None), max_size=300) | st.lists(st.sampled_from(ANSWER.split())).map(" ".join)


def wrote(
    text: str = ANSWER, native: str = "t", space: SpaceRef = ROOM, sender: UserRef = MAAIKE.user
) -> MessageReceived:
    return MessageReceived(message(native, space), sender, text, NOW)


def kept(*incoming: Incoming, known: Known = OPEN) -> list[Incoming]:
    return list(Screen(BOT, "!", known).keep(incoming))


def talkers(*incoming: Incoming) -> frozenset[tuple[SpaceRef, UserRef]]:
    return Screen(BOT, "!", OPEN).talkers(incoming)


TALKED = Talked(message("t"), MAAIKE.user)


@given(ANY_TEXT)
def test_no_word_of_talk_comes_through(text: str) -> None:
    said = wrote(text.replace("!", "?"))
    assert kept(said) in ([], [TALKED])
    assert kept(said, known=Known()) == []


@given(ANY_TEXT)
def test_nor_of_its_edits_and_deletion(text: str) -> None:
    edit = MessageEdited(message("e"), message("t"), MAAIKE.user, text)
    gone = MessageDeleted(message("d"), message("t"))
    assert kept(wrote(), edit, MessageDeleted(message("f"), edit.ref), gone) == [TALKED]


def test_an_answer_beside_the_thread_is_told_of_and_named_as_possible() -> None:
    assert kept(wrote()) == [TALKED]
    assert talkers(wrote()) == {(ROOM, MAAIKE.user)}


@pytest.mark.parametrize(
    "text", ["Mooi!", "Dank je", "", "👍 👍 👍 👍", "1 2 3 4", "https://example.org/loket", "  Mooi \n zo  "]
)
def test_a_short_reaction_is_talk(text: str) -> None:
    assert kept(wrote(text)) == []
    assert not talkers(wrote(text))


@pytest.mark.parametrize(
    "said",
    [
        replace(wrote(), thread=message("other")),
        replace(wrote(), reply_to=message("other")),
        replace(wrote(), is_bot=True),
        replace(wrote(), is_text=False),
        wrote(sender=BOT),
    ],
    ids=["in a thread", "a reply", "a bot's", "a photo", "our own"],
)
def test_what_is_no_answer_in_the_main_timeline_is_dropped(said: MessageReceived) -> None:
    assert kept(said) == []
    assert not talkers(said)


@pytest.mark.parametrize("said", [wrote(sender=BAS.user), wrote(space=ELSEWHERE)], ids=["of another", "elsewhere"])
def test_talk_of_who_is_asked_nothing_there_is_dropped(said: MessageReceived) -> None:
    assert kept(said) == []


@pytest.mark.parametrize(
    "said",
    [
        wrote("!zag een lange rij"),
        wrote("\u200b!zag een lange rij"),
        replace(wrote(), mentions_me=True),
        wrote(space=PRIVATE),
    ],
    ids=["a command", "a command behind a sign that nobody sees", "a mention", "in private"],
)
def test_what_is_for_us_is_kept_as_ever(said: MessageReceived) -> None:
    [through] = kept(said)
    assert isinstance(through, MessageReceived)


def test_who_writes_in_a_thread_in_the_same_batch_knows_the_way() -> None:
    answer = replace(wrote(native="a"), thread=message("prompt"))
    assert not talkers(wrote(), answer)
    assert talkers(wrote(), replace(answer, sender=BAS.user)) == {(ROOM, MAAIKE.user)}
    assert talkers(wrote(), replace(answer, ref=MessageRef(ELSEWHERE, "a"))) == {(ROOM, MAAIKE.user)}
