"""Making a set: in a folder of its own beside the place where it will be, and found whole before it gets its name.

The folder is locked while the maker lives, so that what a killed one left can be told from what is being made.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

from doetank_bot.backup.archive import DATABASE, STORE, Manifest, entry, pack, unpack
from doetank_bot.backup.place import Place
from doetank_bot.private_file import sync_folder
from doetank_bot.store import mark, snapshot

_WORK = ".doetank-backup-"
_UNFINISHED = ".part"
_SQLITE = b"SQLite format 3\0"
_COMPANIONS = ("-wal", "-shm", "-journal")
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True)
class Made:
    """A set that counts, and what killed makers had left there."""

    path: Path
    bytes: int
    schema: str
    swept: tuple[Path, ...]


def make(place: Place, target: Path, now: datetime) -> Made:
    """Write a set to the new file `target`, or under a name with the UTC instant into the folder `target`.

    The bot may be running. Raises FileExistsError, FileNotFoundError, RestoreBrokenOff, UnusableSet, the store's
    errors for a damaged database, OSError; then there is nothing under the final name.
    """
    mark.check_whole(place.database)
    path = target / f"doetank-{now:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if path.exists():
        raise FileExistsError(errno.EEXIST, "is there already; a backup is never overwritten", str(path))
    swept = tuple(_sweep(path.parent))
    with _room_told(path.parent), _workshop(path.parent) as work:
        made = work / "set"
        schema = _pack(place, work, made, now)
        size, digest = made.stat().st_size, _sha256(made)
        _give_name(made, path)
    last = {"at": now.isoformat(), "path": str(path.absolute()), "schema": schema, "bytes": size, "sha256": digest}
    mark.write(mark.beside(place.database, "backup.json"), last)
    return Made(path, size, schema, swept)


def _pack(place: Place, work: Path, made: Path, now: datetime) -> str:
    """Write the set and read it back; return its schema. The database first: a later login goes with it, no earlier."""
    files = {DATABASE: work / DATABASE}
    snapshot.copy(place.url, files[DATABASE])
    schema = snapshot.look(files[DATABASE]).schema
    files |= _copied_store(place, work / STORE)
    entries = tuple(entry(name, file) for name, file in files.items())
    pack(made, Manifest(now, place.account, metadata.version("doetank-bot"), schema, entries), files)
    for file in files.values():
        file.unlink()
    (back := work / "back").mkdir()
    unpack(made, back)
    return snapshot.look(back / DATABASE).schema


def _copied_store(place: Place, into: Path) -> dict[str, Path]:
    """Copy the files of the login as they are at one moment; return them by their names in the set."""
    files = dict[str, Path]()
    for source in place.in_store():
        if source.name.endswith(_COMPANIONS) and _is_sqlite(source.with_name(source.name.rpartition("-")[0])):
            continue
        name = source.relative_to(place.store)
        copy = into / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        # What the login's libraries just removed or replaced was temporary.
        with suppress(FileNotFoundError):
            _copy(source, copy)
            files[f"{STORE}/{name.as_posix()}"] = copy
    return files


def _copy(source: Path, copy: Path) -> None:
    if not _is_sqlite(source):
        shutil.copyfile(source, copy)
        return
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as live, closing(sqlite3.connect(copy)) as still:
        live.backup(still)


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(len(_SQLITE)) == _SQLITE
    except FileNotFoundError:
        return False


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _give_name(made: Path, path: Path) -> None:
    """Let the set be there under its name, at once and never over another."""
    try:
        os.link(made, path)
    except PermissionError:
        raise
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, "is there already; a backup is never overwritten", str(path)) from None
    except OSError:
        # A disk without hard links.
        made.rename(path)
    sync_folder(path.parent)


@contextmanager
def _room_told(folder: Path) -> Iterator[None]:
    """Say where there is no room: while writing, the system does not."""
    try:
        yield
    except OSError as trouble:
        if trouble.errno != errno.ENOSPC:
            raise
        needed = "no room. About three times the size of the database is needed for a moment"
        raise OSError(errno.ENOSPC, needed, str(folder)) from None


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix=_WORK, suffix=_UNFINISHED, dir=folder))
    descriptor = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        os.close(descriptor)


def _sweep(folder: Path) -> Iterator[Path]:
    """Remove what killed makers left; yield what it was."""
    for work in folder.glob(f"{_WORK}*{_UNFINISHED}"):
        descriptor = os.open(work, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(work)
            yield work
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
