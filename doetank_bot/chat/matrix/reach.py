"""Whether there is a homeserver at an address: asked without a login."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from doetank_bot.chat.matrix.trouble import Blocked, Obstacle, blocked_by, no_homeserver

_LIMITS = aiohttp.ClientTimeout(total=10, sock_connect=5)
# Not where a certificate is not trusted: to go around it without encryption is no advice.
_PERHAPS_THE_OTHER = frozenset({Obstacle.REFUSED, Obstacle.NO_TLS, Obstacle.CUT, Obstacle.NO_MATRIX})


@dataclass(frozen=True, slots=True)
class Reached:
    """A homeserver.

    `date` is the UTC instant it answered at, in whole seconds; `moved_to` the origin that it sent us on to.
    """

    versions: tuple[str, ...]
    date: datetime | None
    moved_to: str | None = None


async def reach(homeserver: str) -> Reached | Blocked:
    """Ask which versions of Matrix are spoken at the base address `homeserver`; at most ten seconds.

    Where there is no homeserver, it may be that only http and https were mixed up: that takes ten seconds more.
    """
    found = await _reach(homeserver)
    if isinstance(found, Blocked) and found.obstacle in _PERHAPS_THE_OTHER:
        twin = _twin(homeserver)
        if isinstance(await _reach(twin), Reached):
            return Blocked(Obstacle.ELSEWHERE, twin)
    return found


async def _reach(homeserver: str) -> Reached | Blocked:
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMITS) as http,
            http.get(f"{homeserver}/_matrix/client/versions") as response,
        ):
            raw = await response.read()
    except (TimeoutError, OSError, ValueError, aiohttp.ClientError) as trouble:
        return blocked_by(trouble)
    spoken = _versions(raw) if response.status == HTTPStatus.OK else None
    if spoken is None:
        return no_homeserver(response.status, response.content_type)
    first = response.history[0] if response.history else response
    is_moved = response.url.origin() != first.url.origin()
    return Reached(spoken, _date(response.headers.get("Date")), str(response.url.origin()) if is_moved else None)


def _twin(address: str) -> str:
    """Return the same address with https for http, or http for https."""
    scheme, _, rest = address.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


def _versions(raw: bytes) -> tuple[str, ...] | None:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    spoken = answer.get("versions") if isinstance(answer, dict) else None
    return tuple(map(str, spoken)) if isinstance(spoken, list) else None


def _date(header: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
