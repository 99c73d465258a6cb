"""What a homeserver left out of a sync answer, fetched page by page from `/messages`."""

import json
from http import HTTPStatus

import structlog

from doetank_bot.chat.matrix.client import Client, path
from doetank_bot.chat.matrix.event import Event

PAGE = 250
MAX_PAGES = 200
"""At most 50,000 events in one gap of one room; older ones are given up, with an error in the log."""

log = structlog.get_logger(__name__)


async def fill(client: Client, room_id: str, types: list[str], *, newest: str, oldest: str) -> list[Event]:
    """Return the room's events of `types` between two tokens, oldest first.

    Args:
        client: the connection.
        room_id: the room, which the bot is in or was in.
        types: event types to fetch.
        newest: the `prev_batch` of the limited timeline.
        oldest: the sync token before it.

    Raises:
        Unreachable: a page did not come; ask again from the start.
    """
    events: list[Event] = []
    start = newest
    for _ in range(MAX_PAGES):
        query: dict[str, str | int] = {
            "dir": "b",
            "from": start,
            "to": oldest,
            "limit": PAGE,
            "filter": json.dumps({"types": types}),
        }
        answer = await client.request("GET", path("rooms", room_id, "messages"), query=query)
        if answer.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            log.warning("history_closed", status=answer.status)
            break
        chunk, end = answer.body.get("chunk"), answer.body.get("end")
        if not answer.is_ok or not isinstance(chunk, list):
            answer.refuse()
        events += [event for event in chunk if isinstance(event, dict)]
        if not isinstance(end, str) or end in {start, oldest}:
            break
        start = end
    else:
        log.error("gap_too_long", pages=MAX_PAGES)
    events.reverse()
    return events
