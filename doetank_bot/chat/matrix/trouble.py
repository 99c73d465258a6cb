"""Why there is no homeserver to be found at an address: told apart here alone, in words that say where to look."""

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

import aiohttp


class Obstacle(Enum):
    """What is in the way: why, and what to do about it."""

    NO_NAME = ("there is no server with that name", "Check the name, and DNS")
    REFUSED = ("nothing listens at that address and port", "Check both, and that the homeserver is up")
    NO_WAY = ("no connection can be made", "Check the name, and what stands between")
    CERTIFICATE = ("its certificate is not to be trusted", "Renew it, or use the name that it is for")
    NO_TLS = (
        "it does not speak https there",
        "Use the port for https; http:// is only for a homeserver on this same machine",
    )
    SILENT = ("no answer in time", "Check that it is up, and what stands between")
    CUT = ("it breaks off the talk", "Check that it is up; where it speaks https, write https://")
    DOWN = ("it answers with an error", "Check that the homeserver behind it is up")
    NO_MATRIX = (
        "what answers there is no Matrix homeserver; perhaps it is a website",
        "Check the name: it is that of the API",
    )
    ELSEWHERE = ("a homeserver answers at {} instead", "Write that address")

    @property
    def reason(self) -> str:
        """Why there is none."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Blocked:
    """No homeserver; `detail` says more, in words that hold nothing secret, or nothing."""

    obstacle: Obstacle
    detail: str = ""

    def __str__(self) -> str:
        """Return why there is none."""
        reason = self.obstacle.reason
        return reason.format(self.detail) if "{}" in reason or not self.detail else f"{reason} ({self.detail})"

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.obstacle.remedy


def blocked_by(trouble: Exception) -> Blocked:
    """Return what it means that a request ended in this error: an OSError, TimeoutError, ValueError or aiohttp's."""
    obstacle = next((obstacle for kind, obstacle in _OBSTACLES if isinstance(trouble, kind)), Obstacle.CUT)
    if obstacle is Obstacle.NO_WAY and isinstance(getattr(trouble, "os_error", None), ConnectionRefusedError):
        obstacle = Obstacle.REFUSED
    return Blocked(obstacle, "" if obstacle in _SAY_IT_ALL else _detail(trouble))


def no_homeserver(status: int, kind: str) -> Blocked:
    """Return what it means that this HTTP status and content type came, without what Matrix would say."""
    is_down = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Blocked(Obstacle.DOWN if is_down else Obstacle.NO_MATRIX, f"{status}, {kind}")


def _detail(trouble: Exception) -> str:
    match trouble:
        case aiohttp.ClientConnectorCertificateError():
            error = trouble.certificate_error
            return str(getattr(error, "verify_message", "")) or type(error).__name__
        case aiohttp.ClientConnectorSSLError():
            return str(getattr(trouble.os_error, "reason", ""))
        case OSError():
            return trouble.strerror or ""
        case _:
            return ""


_OBSTACLES: tuple[tuple[type[Exception], Obstacle], ...] = (
    (aiohttp.ClientConnectorCertificateError, Obstacle.CERTIFICATE),
    (aiohttp.ClientConnectorDNSError, Obstacle.NO_NAME),
    (aiohttp.InvalidURL, Obstacle.NO_NAME),
    (aiohttp.ClientConnectorSSLError, Obstacle.NO_TLS),
    (TimeoutError, Obstacle.SILENT),
    (aiohttp.ClientConnectorError, Obstacle.NO_WAY),
    (aiohttp.ClientResponseError, Obstacle.NO_MATRIX),
    (ValueError, Obstacle.NO_MATRIX),
)
"""The first that fits counts: a certificate error is a connector error too, and an InvalidURL a ValueError."""

_SAY_IT_ALL = frozenset({Obstacle.NO_NAME, Obstacle.REFUSED, Obstacle.SILENT, Obstacle.CUT})
