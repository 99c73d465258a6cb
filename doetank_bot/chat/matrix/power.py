"""Who moderates a room and who may write there, from its state. Pure.

Rules: Matrix specification, m.room.power_levels and the authorisation rules of room versions 10 to 12. From version 12
on (MSC4289) creators have power without end and stand in no list. Anything malformed means no.
"""

from collections.abc import Mapping
from math import inf
from typing import Any

MODERATOR = 50
_CREATOR_WITHOUT_LEVELS = 100
_FIRST_WITH_ETERNAL_CREATORS = 12
_FIRST_WITHOUT_CREATOR_FIELD = 11


def is_moderator(user_id: str, create: Mapping[str, Any], levels: Mapping[str, Any] | None) -> bool:
    """Return whether `user_id` has a power level of at least 50.

    Args:
        user_id: the person's Matrix id.
        create: the whole m.room.create event (its sender counts).
        levels: the content of m.room.power_levels, or None when the room has none.
    """
    return level(user_id, create, levels) >= MODERATOR


def may_write(user_id: str, create: Mapping[str, Any], levels: Mapping[str, Any] | None) -> bool:
    """Return whether `user_id`, who is in the room, may send messages there; arguments as for `is_moderator`."""
    named = {} if levels is None else levels.get("events", {})
    usual = _whole(levels, "events_default")
    needed = named.get("m.room.message", usual) if isinstance(named, Mapping) else usual
    return level(user_id, create, levels) >= (needed if isinstance(needed, int) else usual)


def level(user_id: str, create: Mapping[str, Any], levels: Mapping[str, Any] | None) -> float:
    """Return the power of `user_id`, without end for creators from version 12 on; arguments as for `is_moderator`."""
    content = create.get("content")
    if not isinstance(content, Mapping):
        return 0
    version = _number(content.get("room_version", "1"))
    if version >= _FIRST_WITH_ETERNAL_CREATORS and user_id in _creators(create, content):
        return inf
    if levels is None:
        return _CREATOR_WITHOUT_LEVELS if user_id == _creator(create, content, version) else 0
    users = levels.get("users", {})
    if not isinstance(users, Mapping):
        return 0
    return _whole(users, user_id) if user_id in users else _whole(levels, "users_default")


def _creators(create: Mapping[str, Any], content: Mapping[str, Any]) -> list[Any]:
    others = content.get("additional_creators", [])
    return [create.get("sender"), *(others if isinstance(others, list) else [])]


def _creator(create: Mapping[str, Any], content: Mapping[str, Any], version: int) -> Any:
    return create.get("sender") if version >= _FIRST_WITHOUT_CREATOR_FIELD else content.get("creator")


def _whole(levels: Mapping[str, Any] | None, field: str) -> int:
    value = 0 if levels is None else levels.get(field, 0)
    return value if isinstance(value, int) else 0


def _number(version: Any) -> int:
    """Return the number of a room version; versions that are no number (experiments) have none of the newer rules."""
    return int(version) if isinstance(version, str) and version.isascii() and version.isdecimal() else 0
