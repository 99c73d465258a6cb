"""Whether there is a homeserver at an address: asked once and without a login."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

import aiohttp

_LIMITS = aiohttp.ClientTimeout(total=10, sock_connect=5)


class Obstacle(StrEnum):
    """Why there is no homeserver to be found at an address."""

    NO_NAME = "no_name"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    NO_TLS = "no_tls"
    SILENT = "silent"
    CUT = "cut"
    DOWN = "down"
    NO_MATRIX = "no_matrix"


@dataclass(frozen=True, slots=True)
class Blocked:
    """No homeserver; `detail` says more, in words that hold nothing secret."""

    obstacle: Obstacle
    detail: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A homeserver.

    `date` is the UTC instant it answered at, in whole seconds; `moved_to` the origin that it sent us on to.
    """

    versions: tuple[str, ...]
    date: datetime | None
    moved_to: str | None = None


async def reach(homeserver: str) -> Reached | Blocked:
    """Ask which versions of Matrix are spoken at the base address `homeserver`; at most ten seconds."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMITS) as http,
            http.get(f"{homeserver}/_matrix/client/versions") as response,
        ):
            raw = await response.read()
    except (TimeoutError, OSError, aiohttp.ClientError) as trouble:
        return _blocked(trouble)
    spoken = _versions(raw) if response.status == HTTPStatus.OK else None
    if spoken is None:
        is_down = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return Blocked(Obstacle.DOWN if is_down else Obstacle.NO_MATRIX, f"{response.status}, {response.content_type}")
    first = response.history[0] if response.history else response
    is_moved = response.url.origin() != first.url.origin()
    return Reached(spoken, _date(response.headers.get("Date")), str(response.url.origin()) if is_moved else None)


def _blocked(trouble: Exception) -> Blocked:
    obstacle = next(obstacle for kind, obstacle in _OBSTACLES if isinstance(trouble, kind))
    return Blocked(obstacle, _detail(trouble) or type(trouble).__name__)


def _detail(trouble: Exception) -> str:
    match trouble:
        case aiohttp.ClientConnectorCertificateError():
            return str(getattr(trouble.certificate_error, "verify_message", ""))
        case aiohttp.ClientConnectorSSLError():
            return str(getattr(trouble.os_error, "reason", ""))
        case OSError():
            return trouble.strerror or ""
        case _:
            return ""


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


_OBSTACLES: tuple[tuple[type[Exception], Obstacle], ...] = (
    (aiohttp.ClientConnectorCertificateError, Obstacle.CERTIFICATE),
    (aiohttp.ClientConnectorDNSError, Obstacle.NO_NAME),
    (aiohttp.ClientConnectorSSLError, Obstacle.NO_TLS),
    (TimeoutError, Obstacle.SILENT),
    (aiohttp.ClientConnectorError, Obstacle.REFUSED),
    (aiohttp.ClientResponseError, Obstacle.NO_MATRIX),
    (Exception, Obstacle.CUT),
)
"""The first that fits counts: a certificate error is a connector error too."""
