"""The database: sound, of this version, on a disk with room that can lock."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

from doetank_bot.app import database_file
from doetank_bot.check.finding import About, Finding, bad, good, note
from doetank_bot.settings import Settings
from doetank_bot.store import mark
from doetank_bot.store.look import Look, look
from doetank_bot.store.migration import Busy, SchemaTooNew, Unreadable, quick_check, schema_is_current
from doetank_bot.store.soundness import is_lost

LEAST_FREE = 500 * 1024**2
"""Bytes of free disk below which a backup or a busy week may not fit."""

LARGEST_LOG = 100 * 1024**2
"""Bytes of write-ahead log that no ordinary week comes near: it is emptied at every four megabytes."""

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs"}
)
_MOUNTS = Path("/proc/self/mountinfo")


async def examine(settings: Settings, since: datetime, *, is_running: bool) -> tuple[tuple[Finding, ...], Look | None]:
    """Return what there is to tell, and the look inside when the database is of this version and sound.

    `since` is the UTC instant from which on what went wrong is counted.
    """
    file = database_file(settings)
    unusable = _unusable(file)
    if unusable:
        return (unusable,), None
    seen: Look | None = None
    if file.exists():
        first, seen = await _inside(settings, file, since)
        found = [first, *_references(seen), *_log(file)]
    else:
        found = [good(About.DATABASE, f"{file} is not there yet; run makes it")]
    found.append(good(About.DATABASE, "a bot works on it now" if is_running else "no bot works on it now"))
    return (*found, *_locks(file), *_room(settings, file)), seen


def messages(seen: Look) -> Iterator[Finding]:
    """Yield what could not be handled or sent lately."""
    if seen.set_aside:
        remedy = "Look for input_failed in the log, and report that with its code"
        yield note(About.MESSAGES, f"{seen.set_aside} set aside in a week, by a fault of the bot. {remedy}")
    for reason, n_refused in seen.refused:
        remedy = "Look for post_not_sent in the log, and at the rooms below"
        yield note(About.MESSAGES, f"{n_refused} not sent in a week: the homeserver said {reason or 'no'}. {remedy}")
    if not seen.set_aside and not seen.refused:
        yield good(About.MESSAGES, "all of the last week were handled and sent")


def file_system(mounts: str, path: Path) -> str:
    """Return the kind of file system that an absolute path is on, by /proc/self/mountinfo; empty when that tells none.

    The longest mount point that holds the path counts, and of several on one place the last (proc(5)).
    """
    deepest, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < _N_FIELDS or not after:
            continue
        point = Path(fields[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, kind = len(point.parts), after.split(" ")[0]
    return kind


def _unusable(file: Path) -> Finding | None:
    if mark.beside(file, "restoring").exists():
        remedy = "Run the same `doetank-bot restore` again"
        return bad(About.DATABASE, f"{file} is half restored: a restore was broken off. {remedy}")
    if not file.parent.is_dir():
        return bad(About.DATABASE, f"the folder {file.parent} is not there. Make it: mkdir -p {file.parent}")
    if is_lost(file):
        return bad(About.DATABASE, f"{file} is gone, though a backup of it was made. Put that in its place")
    if file.exists() and not file.is_file():
        return bad(About.DATABASE, f"{file} is no file. Move it away, or set another database.url")
    places = [(file.parent, os.W_OK | os.X_OK), (file, os.R_OK | os.W_OK)]
    closed = [place for place, asked in places if place.exists() and not os.access(place, asked)]
    if closed:
        return bad(About.DATABASE, f"this user may not write {closed[0]}. Run as the bot's own user, or let it")
    return None


async def _inside(settings: Settings, file: Path, since: datetime) -> tuple[Finding, Look | None]:
    url = settings.database.url
    try:
        damage = await quick_check(url)
        if damage:
            return bad(About.DATABASE, f"{file} is damaged ({damage[0]}). Put a backup in its place"), None
        if not await schema_is_current(url):
            return good(About.DATABASE, f"{file} is sound; run brings its schema up to date"), None
        return good(About.DATABASE, f"{file} is sound"), await look(url, since)
    except SchemaTooNew as trouble:
        return bad(About.DATABASE, f"{trouble}. Install the version of the bot that made it, or a later one"), None
    except Unreadable as trouble:
        text = f"{file} cannot be read as a database ({trouble}). Put a backup in its place"
        return bad(About.DATABASE, text), None
    except Busy as trouble:
        return bad(About.DATABASE, f"{file} is held by another program ({trouble}). Close that"), None


def _references(seen: Look | None) -> Iterator[Finding]:
    if seen and seen.broken:
        tables = ", ".join(seen.broken)
        yield bad(About.DATABASE, f"rows of {tables} belong to rows that are gone. Put a backup in its place")


def _log(file: Path) -> Iterator[Finding]:
    log = file.with_name(file.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > LARGEST_LOG:
        remedy = "Some program keeps the database open: end it, or start the bot anew"
        yield note(About.DATABASE, f"{log} has grown to {size // 1024**2} MB. {remedy}")


def _locks(file: Path) -> Iterator[Finding]:
    kind = file_system(_MOUNTS.read_text("utf-8", "replace"), file) if _MOUNTS.exists() else ""
    if kind in _NETWORK:
        remedy = "Put it on a disk of this machine"
        yield note(About.DATABASE, f"{file} is on a network file system ({kind}), where locks may not hold. {remedy}")


def _room(settings: Settings, file: Path) -> Iterator[Finding]:
    folders = [folder for folder in (file.parent, settings.matrix.store_dir) if folder.is_dir()]
    for folder in {folder.stat().st_dev: folder for folder in reversed(folders)}.values():
        free = disk_usage(folder).free
        text = f"{free // 1024**2} MB free at {folder}"
        yield good(About.DISK, text) if free >= LEAST_FREE else bad(About.DISK, f"{text}. Make room: 500 MB or more")


_N_FIELDS = 5
