"""How the bot stands in a room, and who can see it, from the room's whole state. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from doetank_bot.chat.matrix.event import Event, part, text_or_none
from doetank_bot.chat.matrix.power import is_moderator, may_send

SENT = {"m.room.message": "write", "m.reaction": "react", "m.room.redaction": "delete its own messages"}
"""All that the bot ever sends into a room, and what that is called."""
_IN_THE_CLEAR = {kind: word for kind, word in SENT.items() if kind != "m.room.message"}


@dataclass(frozen=True, slots=True)
class RoomStanding:
    """What the state says. Of a room that the bot is not in, nothing but that.

    `forbidden` is what the bot has no power to do, in words; `moderators` are people in the room, the bot left out;
    `replaced_by` is the room that took its place, empty when it was closed without one.
    """

    is_in: bool = True
    forbidden: tuple[str, ...] = ()
    moderators: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    is_public: bool = False
    is_world_readable: bool = False
    replaced_by: str | None = None


OUTSIDE = RoomStanding(is_in=False)


def standing_of(me: str, state: Iterable[Event]) -> RoomStanding:
    """Return how the user `me` stands in a room with this state."""
    single: dict[str, Event] = {}
    people: set[str] = set()
    for event in state:
        kind, key = text_or_none(event, "type"), text_or_none(event, "state_key")
        if kind == "m.room.member" and key and part(event, "content").get("membership") == "join":
            people.add(key)
        elif kind and key == "":
            single[kind] = event
    return _standing(me, single, frozenset(people)) if me in people else OUTSIDE


def _standing(me: str, state: dict[str, Event], people: frozenset[str]) -> RoomStanding:
    create, levels = state.get("m.room.create", {}), _content(state, "m.room.power_levels")
    tombstone = _content(state, "m.room.tombstone")
    sent = {"m.room.encrypted": "write", **_IN_THE_CLEAR} if "m.room.encryption" in state else SENT
    return RoomStanding(
        forbidden=tuple(word for kind, word in sent.items() if not may_send(me, kind, create, levels)),
        moderators=frozenset(user for user in people - {me} if is_moderator(user, create, levels)),
        people=people - {me},
        is_public=(_content(state, "m.room.join_rules") or {}).get("join_rule") == "public",
        is_world_readable=(_content(state, "m.room.history_visibility") or {}).get("history_visibility")
        == "world_readable",
        replaced_by=None if tombstone is None else text_or_none(tombstone, "replacement_room") or "",
    )


def _content(state: dict[str, Event], kind: str) -> Event | None:
    return part(state[kind], "content") if kind in state else None
