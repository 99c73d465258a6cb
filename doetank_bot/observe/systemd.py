"""The word to systemd (sd_notify(3)): ready, stopping, still alive, and how it goes."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta

_TELL_EVERY = timedelta(seconds=30)
_LISTENS_WITHIN_SECONDS = 0.5


def notify_systemd(state: str, environ: Mapping[str, str] | None = None) -> None:
    """Tell systemd `READY=1` or `STOPPING=1` when it asked to be told; otherwise nothing. Raises OSError."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        # With its queue full, systemd would hold up the event loop.
        channel.settimeout(_LISTENS_WITHIN_SECONDS)
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())


async def keep_telling(how_it_goes: Callable[[], str], environ: Mapping[str, str] | None = None) -> None:
    """Tell systemd how it goes until cancelled, and as often as its watchdog wants to hear that the event loop turns.

    Run it only as long as the engine runs: systemd starts a bot again that it does not hear from.
    """
    given = os.environ if environ is None else environ
    if not given.get("NOTIFY_SOCKET"):
        return
    patience = watchdog(given)
    word = "WATCHDOG=1\n" if patience else ""
    while True:
        # One that is not received, as when systemd starts itself anew, is followed by another.
        with contextlib.suppress(OSError):
            notify_systemd(f"{word}STATUS={how_it_goes()}", given)
        await asyncio.sleep(min(patience / 2 if patience else _TELL_EVERY, _TELL_EVERY).total_seconds())


def watchdog(environ: Mapping[str, str]) -> timedelta | None:
    """Return how long systemd waits for a sign of life of this process, None when it does not."""
    microseconds, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    is_for_us = pid in {"", str(os.getpid())}
    is_number = microseconds.isascii() and microseconds.isdecimal() and int(microseconds) > 0
    return timedelta(microseconds=int(microseconds)) if is_number and is_for_us else None
