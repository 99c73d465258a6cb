"""An answer's JSON is read piece by piece: to the same as at once, and without holding up the event loop."""

import asyncio
import json
import string
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doetank_bot.chat.matrix.parse import parsed

WORDS = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
ALMOST_JSON = st.text(string.whitespace + '{}[]",:0a\\', max_size=12)


def at_once(text: str) -> Any:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict | list) else None


def read(raw: bytes) -> Any:
    """What is read of something small, for which nobody has to wait."""
    with pytest.raises(StopIteration) as end:
        parsed(raw).send(None)
    return end.value.value


async def pieces(raw: bytes) -> tuple[object, int]:
    """What is read, and how often others had their turn while it was."""
    turns = count()
    reading = asyncio.create_task(parsed(raw))
    while not reading.done():
        next(turns)
        await asyncio.sleep(0)
    return await reading, next(turns)


@given(JSON, st.sampled_from([None, 1, "\t"]))
def test_what_is_read_in_pieces_is_what_is_read_at_once(value: Any, indent: int | str | None) -> None:
    for text in (json.dumps(value, indent=indent), json.dumps({"rooms": {"join": value}}, indent=indent)):
        assert read(text.encode()) == at_once(text)


@given(ALMOST_JSON)
@example('{"a":1,}')
@example('{"a" 1}')
@example('{"a":1 "b":2}')
@example("{1:2}")
@example('{"a":{"b":{"c":{"d":1}}}}}')
@example('{"a":1} x')
@example('{"a":{"b":1}')
@example('{"a":1,"a":2}')
@example("{")
@example("")
def test_what_is_no_json_is_nothing_in_pieces_too(text: str) -> None:
    assert read(text.encode()) == at_once(text)


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_homeserver_sends_is_an_object_of_storable_words_or_nothing(raw: bytes) -> None:
    body = read(raw)
    assert body is None or json.dumps(body, ensure_ascii=False).encode()


def test_bytes_that_are_no_text_do_not_make_the_bot_deaf() -> None:
    assert read(b'{"a": "\xed\xa0\x80!"}') == {"a": "\ufffd\ufffd\ufffd!"}


@pytest.mark.parametrize("where", [(), ("rooms",), ("rooms", "join"), ("rooms", "join", "!one", "timeline")])
def test_half_a_surrogate_pair_from_a_homeserver_is_made_storable(where: tuple[str, ...]) -> None:
    said = rb'{"a\ud800": ["\udc00x", "\ud83d\ude00"]}'
    for name in reversed(where):
        said = b'{"%s": %s}' % (name.encode(), said)
    body = read(said)
    for name in where:
        body = body[name]
    assert body == {"a\ufffd": ["\ufffdx", "😀"]}


async def test_a_sync_of_many_rooms_lets_others_have_their_turn() -> None:
    room = {"state": {"events": [{"type": "m.room.member", "content": {"displayname": "joke"}}] * 70}}
    said = json.dumps({"rooms": {"join": {f"!{number}": room for number in range(600)}}}).encode()
    n_stretches = len(said) // (256 * 1024)
    assert n_stretches > 8
    _, n_turns = await pieces(said)
    assert n_turns >= n_stretches
    _, n_turns_of_a_list = await pieces(b"[" + said + b"]")
    assert n_turns_of_a_list < 5, "what is not walked is read at once, so the count can tell"
