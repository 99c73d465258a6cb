"""Why a homeserver could not be asked, in words that say where to look."""

import ssl
from typing import Final

import aiohttp


class Trouble:
    """What a first address often has wrong with it."""

    NO_NAME: Final = "there is no server with that name"
    NO_LISTENER: Final = "nothing listens at that address and port"
    NO_HTTPS: Final = "it does not speak https there; http:// is only for a homeserver on this same machine"
    NO_HTTP: Final = "it breaks off the talk; perhaps it speaks https there, not http"
    NO_MATRIX: Final = "what answers there is no Matrix homeserver; perhaps it is a website"
    NO_TIME: Final = "no answer in time"


_KNOWN: Final[tuple[tuple[type[Exception], str], ...]] = (
    (aiohttp.ClientSSLError, Trouble.NO_HTTPS),
    (aiohttp.ClientConnectorDNSError, Trouble.NO_NAME),
    (aiohttp.InvalidURL, Trouble.NO_NAME),
    (TimeoutError, Trouble.NO_TIME),
    (ValueError, Trouble.NO_MATRIX),
)
"""The first that fits counts: an InvalidURL is a ValueError too."""
_BROKEN_OFF: Final = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientResponseError)


def explained(error: Exception, address: str) -> str:
    """Return why a request to `address` failed; for what is not known, the name of the error."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not to be trusted: {_verdict(error.certificate_error)}"
    for kind, reason in _KNOWN:
        if isinstance(error, kind):
            return reason
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return Trouble.NO_LISTENER
    if isinstance(error, _BROKEN_OFF) and address.startswith("http:"):
        return Trouble.NO_HTTP
    return type(error).__name__


def _verdict(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else type(error).__name__
