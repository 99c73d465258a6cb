"""The pure parts of the Matrix adapter: what is read from events, what is written into them, who has power."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.chat.matrix.link import message_link
from doetank_bot.chat.matrix.power import is_moderator
from doetank_bot.chat.matrix.render import MAX_BYTES, edit, render, size
from doetank_bot.chat.matrix.translate import Room, happened, invited, standing
from doetank_bot.domain.document import (
    Block,
    Bullets,
    Code,
    Document,
    Emphasis,
    Heading,
    Mention,
    Paragraph,
    Quote,
    SourceLink,
    Strong,
    Text,
    paragraph,
    quotes,
)
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    Incoming,
    MessageEdited,
    MessageReceived,
    Style,
    Undecryptable,
)

ME = UserRef("@bot:test", "@bot:test")
ANA = UserRef("@bot:test", "@ana:test")
SPACE = SpaceRef("@bot:test", "!kamer:test")
SOURCE = MessageRef(SPACE, "$bron")


def link(message: MessageRef) -> str:
    return message_link(ME.native, message.space.native, message.native)


def said(body: str = "hoi", event_id: str = "$1", content: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "event_id": event_id,
        "sender": ANA.native,
        "origin_server_ts": 1_790_000_000_000,
        "content": {"msgtype": "m.text", "body": body, **content},
    }


def membership(user: str, now: str, was: str | None = None, **content: Any) -> dict[str, Any]:
    unsigned = {"prev_content": {"membership": was}} if was else {}
    return {
        "type": "m.room.member",
        "event_id": f"${user}{now}{was}",
        "sender": user,
        "state_key": user,
        "content": {"membership": now, **content},
        "unsigned": unsigned,
    }


def read(*timeline: Mapping[str, Any], state: tuple[Mapping[str, Any], ...] = ()) -> list[Incoming]:
    return list(happened(ME, Room(SPACE, timeline, state)))


# --- reading


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("> <@bo:test> vraag\n> tweede regel\n\nantwoord", "antwoord"),
        ("> <@bo:test> vraag\n\n> mijn citaat", "> mijn citaat"),
        ("> eigen citaat\n\nen meer", "> eigen citaat\n\nen meer"),
        ("> <@bo:test> vraag", ""),
    ],
)
def test_what_old_clients_repeat_of_the_message_replied_to_is_not_the_members_words(body: str, own: str) -> None:
    (heard,) = read(said(body, content={"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}))
    assert isinstance(heard, MessageReceived)
    assert heard.text == own


def test_a_name_in_the_text_is_a_mention_only_for_clients_without_m_mentions() -> None:
    old, new = read(said("@bot:test help"), said("@bot:test help", "$2", {"m.mentions": {}}))
    assert isinstance(old, MessageReceived)
    assert isinstance(new, MessageReceived)
    assert (old.mentions_me, new.mentions_me) == (True, False)


def test_encrypted_pictures_polls_and_notices_are_told_apart() -> None:
    cipher = said() | {"type": "m.room.encrypted", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    poll = said() | {"type": "m.poll.start", "content": {}}
    heard = read(cipher, poll, said(content={"msgtype": "m.image"}), said(content={"msgtype": "m.notice"}))
    assert isinstance(heard[0], Undecryptable)
    assert heard[0].payload == cipher
    kinds = [(item.is_text, item.is_bot) for item in heard[1:] if isinstance(item, MessageReceived)]
    assert kinds == [(False, False), (False, False), (True, True)]


def test_an_edit_without_a_new_content_is_no_edit() -> None:
    relation = {"rel_type": "m.replace", "event_id": "$0"}
    assert read(said("* nieuw", content={"m.relates_to": relation})) == []
    new = {"msgtype": "m.text", "body": "nieuw"}
    (heard,) = read(said("* nieuw", content={"m.relates_to": relation, "m.new_content": new}))
    assert isinstance(heard, MessageEdited)


def test_a_message_that_is_deleted_already_is_not_heard() -> None:
    assert read(said() | {"content": {}, "unsigned": {"redacted_because": {"type": "m.room.redaction"}}}) == []


def test_state_that_changed_without_a_word_in_the_timeline_is_heard_once() -> None:
    left, joined = membership("@bo:test", "leave", "join"), membership("@cas:test", "join")
    assert [item.ref.native for item in read(joined, said(), state=(left, joined))] == [
        left["event_id"],
        joined["event_id"],
        "$1",
    ]


def test_a_room_that_ended_without_a_word_is_left() -> None:
    room = Room(SPACE, [said()], (), "left:x")
    assert [type(item) for item in happened(ME, room)] == [MessageReceived, BotLeft]
    declined = Room(SPACE, [membership(ME.native, "leave", "invite")], (), "left:x")
    assert list(happened(ME, declined)) == []


@pytest.mark.parametrize(
    ("state", "was", "is_private"),
    [
        ([], {"membership": "invite"}, False),
        ([], {"membership": "invite", "is_direct": True}, True),
        ([{"type": "m.room.name", "state_key": "", "content": {"name": "Buurt"}}], {"membership": "invite"}, False),
        (
            [{"type": "m.room.name", "state_key": "", "content": {"name": "Buurt"}}],
            {"membership": "invite", "is_direct": True},
            True,
        ),
        ([membership("@bo:test", "invite")], {"membership": "invite", "is_direct": True}, False),
        ([membership("@bo:test", "leave")], {"membership": "invite", "is_direct": True}, True),
        (
            [
                {
                    "type": "m.room.create",
                    "state_key": "",
                    "sender": "@bot:test",
                    "content": {"org.doetank.private": "@ana:test"},
                }
            ],
            {},
            True,
        ),
        (
            [
                {
                    "type": "m.room.create",
                    "state_key": "",
                    "sender": "@bot:test",
                    "content": {"org.doetank.private": "@ana:test"},
                },
                membership("@bo:test", "join"),
            ],
            {},
            False,
        ),
        (
            [
                {
                    "type": "m.room.create",
                    "state_key": "",
                    "sender": "@boef:test",
                    "content": {"org.doetank.private": "@ana:test"},
                },
                membership("@bo:test", "join"),
            ],
            {},
            False,
        ),
    ],
)
def test_a_room_is_private_when_it_was_asked_or_made_as_such_and_holds_only_two(
    state: list[dict[str, Any]], was: dict[str, Any], *, is_private: bool
) -> None:
    own = membership(ME.native, "join") | {"unsigned": {"prev_content": was}}
    (joined,) = read(own, state=(membership(ANA.native, "join", displayname="Ana"), *state))
    assert isinstance(joined, BotJoined)
    assert joined.is_private is is_private


def test_only_whoever_matches_may_invite() -> None:
    stripped = [membership(ME.native, "invite") | {"sender": "@ana:stad.test"}]
    for pattern, allowed in [("@*:stad.test", True), ("@*:dorp.test", False), ("@ana:stad.test", True)]:
        found = invited(ME, SPACE, stripped, "s1", [pattern])
        assert found is not None
        assert found.is_allowed is allowed
    nobody = invited(ME, SPACE, stripped, "s1", [])
    assert nobody is not None
    assert not nobody.is_allowed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KNOWN = st.sampled_from(
    ["m.text", "m.image", "m.replace", "m.thread", "join", "leave", "invite", "@bot:test", "$1", "body"]
)
ANY = JSON | KNOWN


def spoiled(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Objects with those fields, any of which may be missing or anything at all."""
    return st.fixed_dictionaries({}, optional={key: value | ANY for key, value in fields.items()}) | ANY


RELATION = spoiled({"rel_type": KNOWN, "event_id": KNOWN, "m.in_reply_to": spoiled({"event_id": KNOWN})})
CONTENT = spoiled(
    {
        "msgtype": KNOWN,
        "body": st.text(max_size=9),
        "m.relates_to": RELATION,
        "m.new_content": spoiled({"msgtype": KNOWN, "body": st.text(max_size=5)}),
        "membership": KNOWN,
        "m.mentions": spoiled({"user_ids": ANY}),
        "redacts": KNOWN,
        "name": ANY,
    }
)
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["m.room.message", "m.room.member", "m.room.redaction", "m.room.encrypted", "m.room.create", "m.sticker"]
        )
        | ANY
    },
    optional={
        "event_id": st.text(max_size=4) | ANY,
        "sender": KNOWN | ANY,
        "state_key": KNOWN | ANY,
        "origin_server_ts": st.integers() | ANY,
        "content": CONTENT,
        "redacts": ANY,
        "unsigned": spoiled({"prev_content": CONTENT, "transaction_id": ANY, "redacted_because": ANY}),
    },
)


@given(st.lists(EVENT, max_size=4), st.lists(EVENT, max_size=3))
def test_no_event_of_a_stranger_can_stop_the_bot(timeline: list[Any], state: list[Any]) -> None:
    room = Room(SPACE, timeline, state)
    for item in [*happened(ME, room), *standing(ME, room)]:
        assert isinstance(item.ref.native, str)
    invited(ME, SPACE, state, "s", ["*"])


# --- writing


def nodes() -> st.SearchStrategy[Any]:
    words = st.text(max_size=30) | st.sampled_from(["<b>", "&amp;", '"', "@room", "\ud800", "\n", "</p><script>"])
    long = st.text(min_size=1, max_size=3).map(lambda text: text * 3000)
    return st.one_of(
        st.builds(Text, text=words | long),
        st.builds(Strong, text=words),
        st.builds(Emphasis, text=words),
        st.builds(Code, text=words),
        st.builds(Mention, user=st.just(ANA), name=words),
        st.builds(
            Quote, number=st.integers(1, 9), text=words | long, author=words, source=st.none() | st.just(SOURCE),
            limit=st.sampled_from([0, 160]),
        ),
        st.builds(SourceLink, text=words, source=st.just(SOURCE)),
    )  # fmt: skip


def documents() -> st.SearchStrategy[Document]:
    line = st.lists(nodes(), min_size=1, max_size=4).map(tuple)
    lines = st.lists(line, min_size=1, max_size=5).map(tuple)
    block: st.SearchStrategy[Block] = st.one_of(
        st.builds(Heading, line=line), st.builds(Paragraph, lines=lines), st.builds(Bullets, items=lines)
    )
    return st.lists(block, min_size=1, max_size=8).map(lambda blocks: Document(blocks=tuple(blocks)))


class Tags(HTMLParser):
    """Every tag and address in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name == "href"}
        assert all(name == "href" for name, _ in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(document=documents(), is_pinging=st.booleans())
def test_any_document_comes_out_whole_literal_small_enough_and_pings_only_who_was_meant(
    document: Document, *, is_pinging: bool
) -> None:
    style = Style(mentions=(ANA,) if is_pinging else (), root=SOURCE, reply_to=SOURCE)
    parts = render(document, style, link)
    assert parts
    for index, part in enumerate(parts):
        payload = part.payload
        assert size(payload) <= MAX_BYTES
        assert size(edit(payload, "$1")) <= MAX_BYTES
        json.dumps(payload, ensure_ascii=False).encode()
        assert payload["m.mentions"] == ({"user_ids": [ANA.native]} if is_pinging and index == 0 else {})
        tags = Tags(payload["formatted_body"])
        assert tags.open == []
        assert tags.seen <= {"h2", "h3", "p", "br", "ul", "ol", "li", "strong", "em", "code", "a"}
        pill = {"https://matrix.to/#/@ana:test"} if is_pinging else set()
        assert tags.addresses <= {link(SOURCE), *pill}
    kept = [quote.number for part in parts for quote in quotes(part.document)]
    assert kept == [quote.number for quote in quotes(document)]


def test_a_long_text_is_cut_into_messages_that_say_all_of_it() -> None:
    text = "".join(f"woord{number} " for number in range(5000))
    parts = render(paragraph(text), Style(), link)
    assert len(parts) > 1
    assert "".join(part.payload["body"] for part in parts).replace("\n", "") == text


def test_a_link_names_our_own_homeserver_because_newer_rooms_name_none() -> None:
    assert message_link("@bot:stad.nl", "!AbC", "$x/y") == "https://matrix.to/#/%21AbC/%24x%2Fy?via=stad.nl"


def test_an_edit_has_no_relation_inside_and_pings_nobody_anew() -> None:
    (part,) = render(paragraph("hoi"), Style(mentions=(ANA,), root=SOURCE), link)
    replaced = edit(part.payload, "$1")
    assert replaced["m.mentions"] == {}
    assert "m.relates_to" not in replaced["m.new_content"]
    assert replaced["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$1"}


# --- power


@pytest.mark.parametrize("version", ["10", "11", "12"])
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"users": {"@ana:test": 50}}, True),
        ({"users": {"@ana:test": 49}}, False),
        ({"users": {"@ana:test": "50"}}, False),
        ({"users": {"@ana:test": True}}, False),
        ({"users": {"@ana:test": 100.0}}, False),
        ({"users": {"@ana:test": None}, "users_default": 100}, False),
        ({"users": {}, "users_default": 50}, True),
        ({"users": []}, False),
        ({}, False),
    ],
)
def test_power_is_a_whole_number_of_at_least_fifty(version: str, levels: dict[str, Any], *, expected: bool) -> None:
    create = {"sender": "@bo:test", "content": {"room_version": version}}
    assert is_moderator("@ana:test", create, levels) is expected


@pytest.mark.parametrize(("version", "expected"), [("10", False), ("11", False), ("12", True), ("org.x", False)])
def test_creators_have_power_without_end_from_version_12_on(version: str, *, expected: bool) -> None:
    content = {"room_version": version, "additional_creators": ["@bo:test"], "creator": "@ana:test"}
    create = {"sender": "@ana:test", "content": content}
    for user in ("@ana:test", "@bo:test"):
        assert is_moderator(user, create, {"users": {}}) is expected
    assert not is_moderator("@cas:test", create, {"users": {}})


def test_a_room_without_power_levels_is_its_creators() -> None:
    old = {"sender": "@x:test", "content": {"room_version": "10", "creator": "@ana:test"}}
    assert is_moderator("@ana:test", old, None)
    assert not is_moderator("@bo:test", old, None)
    assert not is_moderator("@ana:test", {"sender": "@ana:test", "content": None}, None)
