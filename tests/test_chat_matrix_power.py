"""Who may write in a Matrix room, from its state."""

from typing import Any

import pytest

from doetank_bot.chat.matrix.power import may_write

BOT, MAKER = "@bot:test", "@maker:test"


@pytest.mark.parametrize(
    ("levels", "may"),
    [
        (None, True),
        ({}, True),
        ({"events_default": 50}, False),
        ({"events_default": 50, "users": {BOT: 50}}, True),
        ({"events_default": 50, "users_default": 50}, True),
        ({"events_default": 50, "users_default": 50, "users": {BOT: 0}}, False),
        ({"events_default": 50, "events": {"m.room.message": 0}}, True),
        ({"events": {"m.room.message": 1}}, False),
        ({"events": "kapot", "events_default": "kapot"}, True),
        ({"events": {"m.room.message": 1}, "users": {BOT: "100"}}, False),
        ({"events": {"m.room.message": 1}, "users": ["kapot"]}, False),
    ],
)
def test_who_may_write_is_what_the_power_levels_say(levels: dict[str, Any] | None, *, may: bool) -> None:
    create = {"sender": MAKER, "content": {"room_version": "11"}}
    assert may_write(BOT, create, levels) is may


@pytest.mark.parametrize(("version", "may"), [("11", False), ("12", True)])
def test_a_creator_may_always_write_from_version_12_on(version: str, *, may: bool) -> None:
    create = {"sender": MAKER, "content": {"room_version": version}}
    assert may_write(MAKER, create, {"events_default": 100}) is may
