"""The time since a backup, put in order from what the chat tells."""

from datetime import timedelta

from stored import ANA, ME, NOW, ROOM, message

from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import Batch, Incoming, Invited, MemberChanged, MessageReceived
from doetank_bot.service.hindsight import MARGIN, Hindsight, hindsight

BOT = UserRef(ME, ME)
MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=3)
ELSEWHERE = SpaceRef(ME, "!elsewhere")


def at(minutes: int, native: str, sender: UserRef = ANA, space: SpaceRef = ROOM) -> MessageReceived:
    return MessageReceived(message(native, space), sender, native, NOW + minutes * MINUTE)


def seen(*incoming: Incoming) -> Hindsight:
    return hindsight(Batch("s2", incoming), BOT, LATER)


def order(found: Hindsight) -> list[tuple[int, str]]:
    return [((instant - NOW) // MINUTE, item.ref.native) for instant, item in found.past]


def test_rooms_are_woven_into_one_time() -> None:
    found = seen(at(1, "a"), at(5, "b", BOT), at(2, "c", space=ELSEWHERE), at(6, "d", BOT, ELSEWHERE))
    assert order(found) == [(1, "a"), (2, "c"), (5, "b"), (6, "d")]
    assert found.until == NOW + 6 * MINUTE + MARGIN


def test_what_comes_after_the_last_word_of_the_bot_is_left_to_the_next() -> None:
    found = seen(at(1, "a", BOT), at(90, "b"), Invited(message("i"), ANA, is_direct=False, is_allowed=True))
    assert order(found) == [(1, "a")]
    assert [item.ref.native for item in found.rest] == ["b", "i"]


def test_a_bot_that_said_nothing_has_nothing_to_remember() -> None:
    found = seen(at(1, "a"))
    assert (found.past, found.until) == ((), None)
    assert len(found.rest) == 1


def test_a_forged_time_moves_nothing_past_the_next_word_of_the_bot() -> None:
    found = seen(at(1, "a"), at(999_999, "forged"), at(3, "b"), at(5, "c", BOT), at(-999, "old"), at(7, "d", BOT))
    assert order(found) == [(1, "a"), (5, "forged"), (5, "b"), (5, "c"), (5, "old"), (7, "d")]


def test_what_tells_no_time_happened_after_what_came_before_it() -> None:
    joined = MemberChanged(message("joined"), ANA, "Ana", is_in=True)
    assert order(seen(joined, at(2, "a", BOT), joined, at(4, "b", BOT))) == [
        (2, "joined"),
        (2, "a"),
        (2, "joined"),
        (4, "b"),
    ]
