"""Who may do what in a room, from its state. Pure.

Rules: Matrix specification, m.room.power_levels and the authorisation rules of room versions 10 to 12. From version 12
on (MSC4289) creators have power without end and stand in no list. Anything malformed means no.
"""

import math
from collections.abc import Mapping
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
    return _power(user_id, create, levels) >= MODERATOR


def may_send(user_id: str, kind: str, create: Mapping[str, Any], levels: Mapping[str, Any] | None) -> bool:
    """Return whether someone in the room has the power to send messages (no state) of type `kind`."""
    return _power(user_id, create, levels) >= _needed(kind, levels or {})


def _power(user_id: str, create: Mapping[str, Any], levels: Mapping[str, Any] | None) -> float:
    content = create.get("content")
    if not isinstance(content, Mapping):
        return -math.inf
    version = _number(content.get("room_version", "1"))
    if version >= _FIRST_WITH_ETERNAL_CREATORS and user_id in _creators(create, content):
        return math.inf
    if levels is None:
        return _CREATOR_WITHOUT_LEVELS if user_id == _creator(create, content, version) else 0
    return _level(user_id, levels)


def _needed(kind: str, levels: Mapping[str, Any]) -> float:
    kinds = levels.get("events", {})
    level = kinds.get(kind) if isinstance(kinds, Mapping) else None
    level = levels.get("events_default", 0) if level is None else level
    return level if isinstance(level, int) else math.inf


def _creators(create: Mapping[str, Any], content: Mapping[str, Any]) -> list[Any]:
    others = content.get("additional_creators", [])
    return [create.get("sender"), *(others if isinstance(others, list) else [])]


def _creator(create: Mapping[str, Any], content: Mapping[str, Any], version: int) -> Any:
    return create.get("sender") if version >= _FIRST_WITHOUT_CREATOR_FIELD else content.get("creator")


def _level(user_id: str, levels: Mapping[str, Any]) -> int:
    users = levels.get("users", {})
    if not isinstance(users, Mapping):
        return 0
    level = users.get(user_id, levels.get("users_default", 0))
    return level if isinstance(level, int) else 0


def _number(version: Any) -> int:
    """Return the number of a room version; versions that are no number (experiments) have none of the newer rules."""
    return int(version) if isinstance(version, str) and version.isascii() and version.isdecimal() else 0
