"""Putting a set back: all of it is checked first, and a restore that is killed can simply be run again.

From the first change to the last a mark stands beside the database, on which `run` and `backup` refuse; so nothing
ever starts on a database and a login of two different moments. What was there is renamed, not removed.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from doetank_bot.backup.archive import DATABASE, STORE, Manifest, UnusableSet, unpack
from doetank_bot.backup.place import Place
from doetank_bot.observe.presence import single_instance
from doetank_bot.private_file import sync_folder
from doetank_bot.store import mark, snapshot

_STAGE = "restore.part"
_OWNER_ONLY = 0o600


class WouldReplace(Exception):
    """There is a database, and nobody said that it may be replaced."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """What stands there now, and where what it replaced is kept."""

    manifest: Manifest
    replaced: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Begun:
    """How it was before the first change: what is kept gets this `ending`."""

    ending: str
    had_database: bool
    had_store: bool


def restore(place: Place, path: Path, now: datetime, *, may_replace: bool) -> PutBack:
    """Put the set at `path` in the place of what is there.

    Raises AlreadyRunning while a bot runs, UnusableSet, SchemaTooNew or Unreadable for a set that cannot be used,
    WouldReplace, OSError; unless it is one that comes halfway, nothing is changed then.
    """
    place.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with single_instance(mark.beside(place.database, "lock")):
        under_way = mark.beside(place.database, "restoring")
        if _has_content(place.database) and not (may_replace or under_way.exists()):
            raise WouldReplace(str(place.database))
        try:
            return _restored(place, path, now)
        finally:
            for stage in _stages(place):
                shutil.rmtree(stage, ignore_errors=True)


def _restored(place: Place, path: Path, now: datetime) -> PutBack:
    manifest, found = _staged(place, path)
    replaced = tuple(_swap(place, _begun(place, now)))
    mark.set_restored(place.database, mark.Restored(manifest.at, found.last_post))
    mark.beside(place.database, "restoring").unlink()
    sync_folder(place.database.parent)
    return PutBack(manifest, replaced)


def _staged(place: Place, path: Path) -> tuple[Manifest, snapshot.Snapshot]:
    """Unpack and check the set on the disks where it will stand, so that all that is left is to rename."""
    for stage in _stages(place):
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(mode=0o700)
    of_database, of_store = _stages(place)
    manifest = unpack(path, of_database)
    if manifest.account != place.account:
        raise UnusableSet(f"it is of {manifest.account}, and matrix.user_id says {place.account}")
    found = snapshot.look(of_database / DATABASE)
    (of_database / STORE).mkdir(exist_ok=True)
    (of_database / STORE).chmod(0o700)
    shutil.copytree(of_database / STORE, of_store / STORE)
    _sync(of_store)
    return manifest, found


def _begun(place: Place, now: datetime) -> _Begun:
    """Set the mark, with what was there before the first change; a killed try set it already."""
    under_way = mark.beside(place.database, "restoring")
    if not under_way.exists():
        begun = _Begun(f"replaced-{now:%Y%m%dT%H%M%SZ}", place.database.exists(), place.store.exists())
        mark.write(under_way, asdict(begun))
    return _Begun(**mark.read(under_way))


def _swap(place: Place, begun: _Begun) -> Iterator[Path]:
    """Rename what was there out of the way, once, and what is staged into its place; yield what was kept."""
    of_database, of_store = _stages(place)
    kept, kept_store = mark.beside(place.database, begun.ending), mark.beside(place.store, begun.ending)
    if begun.had_database:
        if not kept.exists():
            # The log first: beside a database that is not its own, SQLite would throw it away.
            _keep(_with(place.database, "-wal"), _with(kept, "-wal"))
            _keep(place.database, kept)
        yield kept
    for companion in ("-wal", "-shm"):
        _with(place.database, companion).unlink(missing_ok=True)
    (of_database / DATABASE).replace(place.database)
    sync_folder(place.database.parent)
    if begun.had_store:
        if not kept_store.exists():
            place.store.rename(kept_store)
        yield kept_store
    if place.store.exists():
        shutil.rmtree(place.store)
    (of_store / STORE).rename(place.store)
    sync_folder(place.store.parent)


def _keep(file: Path, kept: Path) -> None:
    if file.exists():
        file.chmod(_OWNER_ONLY)
        file.rename(kept)


def _with(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)


def _stages(place: Place) -> tuple[Path, Path]:
    return mark.beside(place.database, _STAGE), mark.beside(place.store, _STAGE)


def _has_content(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
