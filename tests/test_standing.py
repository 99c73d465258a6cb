"""How the bot stands in a room, from its state alone; what anyone may have put there breaks nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.chat.matrix import OUTSIDE
from doetank_bot.chat.matrix.standing import SENT, standing_of

ME, MAAIKE = "@bot:example.org", "@maaike:example.org"
ALL = tuple(SENT.values())
State = list[dict[str, Any]]


def event(kind: str, key: str = "", **content: Any) -> dict[str, Any]:
    return {"type": kind, "state_key": key, "sender": MAAIKE, "content": content}


def room(*more: dict[str, Any], version: str = "11") -> State:
    people = [event("m.room.member", user, membership="join") for user in (ME, MAAIKE)]
    return [event("m.room.create", room_version=version, creator=MAAIKE), *people, *more]


def levels(**content: Any) -> dict[str, Any]:
    return event("m.room.power_levels", **content)


@pytest.mark.parametrize(
    ("content", "forbidden"),
    [
        ({}, ()),
        ({"users": {ME: -1}}, ALL),
        ({"events_default": 50}, ALL),
        ({"events_default": 50, "users_default": 50}, ()),
        ({"events": {"m.reaction": 50}}, ("react",)),
        ({"events": {"m.reaction": 0}, "events_default": 50}, ("write", "delete its own messages")),
        ({"events": {"m.room.redaction": 10}, "users": {ME: 9}}, ("delete its own messages",)),
        ({"redact": 100, "state_default": 100}, ()),
        ({"events_default": "50"}, ALL),
        ({"events": ["m.reaction"]}, ()),
    ],
)
def test_what_the_bot_may_send_follows_from_the_power_levels(
    content: dict[str, Any], forbidden: tuple[str, ...]
) -> None:
    assert standing_of(ME, room(levels(**content))).forbidden == forbidden


@pytest.mark.parametrize("membership", ["leave", "ban", "invite", "knock", None, 1])
def test_a_state_in_which_the_bot_is_no_member_says_nothing_but_that(membership: object) -> None:
    # To whoever left, a homeserver shows the room as it was then.
    state = [*room(event("m.room.encryption"))[:1], event("m.room.member", ME, membership=membership)]
    assert standing_of(ME, state) == OUTSIDE


@pytest.mark.parametrize(("version", "is_led"), [("11", False), ("12", True)])
def test_a_creator_leads_without_standing_in_the_list_only_in_newer_rooms(version: str, is_led: bool) -> None:  # noqa: FBT001
    state = room(levels(users={}), version=version)
    assert standing_of(ME, state).moderators == (frozenset({MAAIKE}) if is_led else frozenset())


def test_the_bot_does_not_count_as_someone_who_leads_nor_does_who_left() -> None:
    gone = event("m.room.member", "@gone:example.org", membership="leave")
    state = room(levels(users={ME: 100, "@gone:example.org": 100}), gone)
    assert standing_of(ME, state).moderators == frozenset()


def test_a_room_that_was_closed_is_told_with_the_one_in_its_place_if_any() -> None:
    assert standing_of(ME, room()).replaced_by is None
    assert standing_of(ME, room(event("m.room.tombstone", replacement_room="!new"))).replaced_by == "!new"
    assert standing_of(ME, room(event("m.room.tombstone", replacement_room=["!x"]))).replaced_by == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.tombstone"])
CONTENTS = st.dictionaries(
    st.sampled_from(["users", "events", "events_default", "users_default", "room_version", "join_rule"]), ANYTHING
)


@given(st.lists(st.tuples(KINDS, CONTENTS | ANYTHING), max_size=5))
def test_no_state_whatever_breaks_it(made: list[tuple[str, Any]]) -> None:
    state = [{"type": kind, "state_key": "", "content": content} for kind, content in made]
    assert standing_of(ME, [*room(), *state]).is_in


def test_in_an_encrypted_room_the_power_to_send_what_is_encrypted_counts() -> None:
    asked = levels(events={"m.room.encrypted": 50})
    assert standing_of(ME, room(asked, event("m.room.encryption"))).forbidden == ("write",)
    assert standing_of(ME, room(asked)).forbidden == ()
