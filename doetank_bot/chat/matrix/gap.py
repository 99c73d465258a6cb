"""What a homeserver left out of a sync answer, fetched page by page from `/messages`."""

import json
from http import HTTPStatus
from itertools import takewhile

import structlog

from doetank_bot.chat.matrix.client import Answer, Client, path
from doetank_bot.chat.matrix.event import Event, events, part, previous, text_or_none

PAGE = 250
MAX_PAGES = 200
"""At most 50,000 events in one gap of one room; older ones are given up, with an error in the log."""

_CLOSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)

log = structlog.get_logger(__name__)


async def fill(
    client: Client, room_id: str, types: list[str], *, newest: str, oldest: str | None = None, until: str | None = None
) -> list[Event]:
    """Return the room's events of `types` between two tokens, or after an event, oldest first.

    Args:
        client: the connection.
        room_id: the room, which the bot is in or was in.
        types: event types to fetch.
        newest: the `prev_batch` of the limited timeline.
        oldest: the sync token before it.
        until: the id of the event after which they begin, in place of `oldest`.

    Raises:
        Unreachable: a page did not come; ask again from the start.
    """
    found: list[Event] = []
    start = newest
    for _ in range(MAX_PAGES):
        answer = await _page(client, room_id, types, start, oldest)
        if answer.status in _CLOSED:
            log.warning("history_closed", status=answer.status)
            break
        end = answer.body.get("end")
        if not answer.is_ok or not isinstance(answer.body.get("chunk"), list):
            answer.refuse()
        fresh = events(answer.body, "chunk")
        wanted = list(takewhile(lambda event: until is None or event.get("event_id") != until, fresh))
        found += wanted
        if len(wanted) < len(fresh) or not isinstance(end, str) or end in {start, oldest}:
            break
        start = end
    else:
        log.error("gap_too_long", pages=MAX_PAGES)
    found.reverse()
    return found


async def departure(client: Client, room_id: str, me: str, *, newest: str) -> str | None:
    """Return the id of the event with which `me` last left the room, or was put out; None when that is not to be found.

    Looks at the last members' comings and goings before the token `newest`. Raises Unreachable.
    """
    answer = await _page(client, room_id, ["m.room.member"], newest, None)
    if answer.status in _CLOSED:
        return None
    if not answer.is_ok:
        answer.refuse()
    changes = events(answer.body, "chunk")
    return next((text_or_none(event, "event_id") for event in changes if _is_departure(event, me)), None)


def _is_departure(event: Event, me: str) -> bool:
    """A declined invitation is none."""
    is_out = event.get("state_key") == me and part(event, "content").get("membership") in ("leave", "ban")
    return is_out and previous(event).get("membership") == "join"


async def _page(client: Client, room_id: str, types: list[str], newest: str, oldest: str | None) -> Answer:
    query: dict[str, str | int] = {"dir": "b", "from": newest, "limit": PAGE, "filter": json.dumps({"types": types})}
    if oldest is not None:
        query["to"] = oldest
    return await client.request("GET", path("rooms", room_id, "messages"), query=query)
