"""The sign of a running bot: it holds the lock beside its database, and writes there who it is and when it last heard.

The file stays when the bot is gone; only the lock on it says that one runs (a pid is soon somebody else's).
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

MARK_EVERY = timedelta(seconds=10)
_SIGN_LENGTH = 1024
_A_LOOK_TAKES = 0.2
"""Seconds in which whoever only looked (`look`) has surely let go of the lock again."""


class AlreadyRunning(Exception):
    """Another bot works on this database."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Who holds the lock. Instants are UTC; `heard_at` is the last answer to its sync.

    `stuck_because` says why it can store nothing; empty when it can.
    Without a sign (`started_at` None) it is no bot, or one that began this very moment.
    """

    pid: int = 0
    version: str = ""
    started_at: datetime | None = None
    heard_at: datetime | None = None
    stuck_because: str = ""


class Presence:
    """The lock, held."""

    def __init__(self, descriptor: int, file: Path) -> None:
        """Take the lock file, open, and where it is."""
        self._descriptor = descriptor
        self._file = file
        self._marked_at: datetime | None = None
        self._signed = dict[str, object]()

    def sign(self, version: str, now: datetime) -> None:
        """Write who holds the lock: this process, since now, not having heard anything yet. Raises OSError."""
        self._signed = {"pid": os.getpid(), "version": version, "started_at": now.isoformat()}
        try:
            self._write(self._signed)
            os.utime(self._descriptor, (0, 0))
        except OSError as trouble:
            # Of a descriptor the system names no file.
            raise OSError(trouble.errno, trouble.strerror, str(self._file)) from None

    def stuck(self, reason: str) -> None:
        """Add to the sign why nothing can be stored; empty: it can again."""
        # A disk that takes nothing at all is the store's to tell; the first block of a file it takes when it is full.
        with contextlib.suppress(OSError):
            heard_at = os.fstat(self._descriptor).st_mtime
            self._write({**self._signed, "stuck_because": reason})
            os.utime(self._descriptor, (heard_at, heard_at))

    def _write(self, sign: Mapping[str, object]) -> None:
        # Always of one length, so that a full disk takes the longest when it took the first.
        os.pwrite(self._descriptor, json.dumps(sign).encode().ljust(_SIGN_LENGTH), 0)

    def heard(self, now: datetime) -> None:
        """Leave the sign that the homeserver answered: the file's mtime, set anew every ten seconds at most."""
        if self._marked_at is None or not timedelta() <= now - self._marked_at < MARK_EVERY:
            self._marked_at = now
            # A disk that takes nothing any more is the store's to tell.
            with contextlib.suppress(OSError):
                os.utime(self._descriptor, (now.timestamp(), now.timestamp()))


@contextlib.contextmanager
def single_instance(lock_file: Path) -> Iterator[Presence]:
    """Hold the instance lock of a database while the block runs, without a sign yet. Raises AlreadyRunning."""
    with _opened(lock_file, os.O_RDWR | os.O_CREAT) as descriptor:
        if not _could_lock(descriptor, fcntl.LOCK_EX):
            Event().wait(_A_LOOK_TAKES)
            if not _could_lock(descriptor, fcntl.LOCK_EX):
                raise AlreadyRunning
        os.ftruncate(descriptor, 0)
        yield Presence(descriptor, lock_file)


def look(lock_file: Path) -> Runner | None:
    """Return who holds the lock, None when nobody does. Raises OSError when the file may not be read."""
    try:
        with _opened(lock_file, os.O_RDONLY) as descriptor:
            if _could_lock(descriptor, fcntl.LOCK_SH):
                return None
            return _read(os.pread(descriptor, 4096, 0), os.fstat(descriptor).st_mtime)
    except FileNotFoundError:
        return None


def _read(raw: bytes, mtime: float) -> Runner:
    try:
        sign = json.loads(raw)
        started_at = datetime.fromisoformat(sign["started_at"])
        heard_at = datetime.fromtimestamp(mtime, UTC) if mtime else None
        return Runner(int(sign["pid"]), str(sign["version"]), started_at, heard_at, str(sign.get("stuck_because", "")))
    except (ValueError, KeyError, TypeError):
        return Runner()


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _could_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
