"""How long a homeserver asks to wait. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

_LONGEST_ASKED = 15 * 60


def asked_to_wait(header: str | None, body: Mapping[str, Any]) -> timedelta | None:
    """Return how long to wait, at most 15 minutes: the header's seconds, else the body's milliseconds.

    `Retry-After` and `retry_after_ms`: client-server API 1.10, section 2.1.
    """
    if header and header.isascii() and header.isdecimal():
        return timedelta(seconds=min(int(header[:9]), _LONGEST_ASKED))
    asked = body.get("retry_after_ms")
    if isinstance(asked, int) and asked > 0:
        return timedelta(milliseconds=min(asked, _LONGEST_ASKED * 1000))
    return None
