"""A copy of the database at one moment, and whether a copy is whole. Blocking: for the shell, beside a running bot."""

import errno
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import DatabaseError

from doetank_bot.store import sqlite
from doetank_bot.store.migration import Unreadable, connected, looking_at, newest, revision
from doetank_bot.store.tables import outbox

_NO_ROOM = "database or disk is full"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a whole copy says of itself: its schema, and the number of its last outbox row."""

    schema: str
    last_post: int


def copy(url: str, path: Path) -> None:
    """Write the database as it is now to `path`, for its owner only. The bot goes on writing meanwhile.

    Raises FileNotFoundError, Unreadable for a damaged one, OSError when there is no room.
    """
    source = sqlite.file_of(url)
    if not source.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no database", str(source))
    try:
        with connected(url) as connection:
            sqlite.copy_to(connection, path)
    except DatabaseError as trouble:
        if str(trouble.orig) != _NO_ROOM:
            raise
        raise OSError(errno.ENOSPC, "no room on the disk", str(path)) from None


def look(path: Path) -> Snapshot:
    """Return what a copy is. Raises Unreadable when it is damaged or no database of ours, SchemaTooNew."""
    with looking_at(path) as connection:
        wrong = sqlite.damage(connection) or sqlite.broken_references(connection)
        if wrong:
            raise Unreadable(wrong[0])
        schema = revision(connection)
        if schema is None:
            raise Unreadable("it is no database of this program")
        newest(schema)
        return Snapshot(schema, _last_post(connection))


def _last_post(connection: Connection) -> int:
    if not inspect(connection).has_table(outbox.name):
        return 0
    return int(connection.execute(select(func.coalesce(func.max(outbox.c.id), 0))).scalar_one())
