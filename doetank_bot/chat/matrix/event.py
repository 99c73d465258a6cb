"""Reading fields of events that anyone may have made: each is what it should be, or the event is not used. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Event = Mapping[str, Any]


class Malformed(Exception):
    """A field is missing or of the wrong type; the text names the field and nothing of what is in it."""


def text(event: Event, field: str) -> str:
    """Return a string that must be there."""
    value = event.get(field)
    if not isinstance(value, str):
        raise Malformed(field)
    return value


def text_or_none(event: Event, field: str) -> str | None:
    """Return a string, or None where there is none."""
    value = event.get(field)
    return value if isinstance(value, str) else None


def part(event: Event, field: str) -> Event:
    """Return an object; an empty one where there is none."""
    value = event.get(field)
    return value if isinstance(value, Mapping) else {}


def events(section: Event, field: str = "events") -> list[Event]:
    """Return the objects in a list of the section."""
    value = section.get(field)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def sent_at(event: Event) -> datetime:
    """Return the instant that the sender's homeserver claims."""
    value = event.get("origin_server_ts")
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("origin_server_ts")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise Malformed("origin_server_ts") from None


def previous(event: Event) -> Event:
    """Return the content that a state event replaced."""
    return part(part(event, "unsigned"), "prev_content")


def is_redacted(event: Event) -> bool:
    """Say whether the homeserver serves it as deleted."""
    return "redacted_because" in part(event, "unsigned")
