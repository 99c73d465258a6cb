"""Bringing a database to this version's schema, all or nothing; and looking at one without changing it.

An Alembic run on SQLite's defaults that is killed midway leaves a database that nothing can start again
(research/reliability.md, finding 8); this one leaves nothing. Alembic blocks, so all of this works in a thread.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from doetank_bot.store import sqlite

SCRIPTS = Path(__file__).with_name("migrations")


class SchemaTooNew(Exception):
    """The database was made by a later version of this program; going on would damage it."""


class Unreadable(Exception):
    """The file is no database, or so damaged that it cannot be opened."""


class Busy(Exception):
    """Another program holds the database, so that it cannot even be looked at; the text is SQLite's reason."""


class BrokenReferences(Exception):
    """A migration would leave rows whose parents are gone: it was rolled back."""


async def migrate(url: str, backup_dir: Path | None = None, *, scripts: Path = SCRIPTS) -> None:
    """Bring the database to the newest schema, making the file (mode 0600) when it is not there.

    An existing one is copied first, to `backup_dir` or beside it, as `<file>.<schema>.bak`. Raises SchemaTooNew,
    BrokenReferences, ValueError (no file), or what a step raises; then the database is as it was.
    """
    await asyncio.to_thread(_migrate, url, backup_dir, scripts)


async def schema_is_current(url: str) -> bool:
    """Return whether the database is there with this version's schema. Never migrates, never makes a file.

    Raises SchemaTooNew, Unreadable, Busy.
    """
    return await asyncio.to_thread(_is_current, url)


async def quick_check(url: str) -> tuple[str, ...]:
    """Return what is wrong with the file, nothing when it is sound. Raises Unreadable for no database, Busy."""
    return await asyncio.to_thread(_quick_check, url)


def _migrate(url: str, backup_dir: Path | None, scripts: Path) -> None:
    path = sqlite.file_of(url)
    sqlite.keep_to_owner(path)
    with connected(url) as connection:
        current = revision(connection)
        if current == newest(current, scripts):
            return
        if current is not None:
            sqlite.copy_to(connection, (backup_dir or path.parent) / f"{path.name}.{current}.bak")
        with connection.begin():
            command.upgrade(_config(scripts, connection), "head")
            broken = sqlite.broken_references(connection)
            if broken:
                raise BrokenReferences(", ".join(broken))


def _is_current(url: str) -> bool:
    if not sqlite.file_of(url).exists():
        return False
    with looking(url) as connection:
        current = revision(connection)
        return current == newest(current)


def _quick_check(url: str) -> tuple[str, ...]:
    with looking(url) as connection:
        return sqlite.damage(connection)


@contextmanager
def looking(url: str) -> Iterator[Connection]:
    """Give a connection that changes nothing and holds nobody up. Raises Unreadable, Busy."""
    try:
        with _engaged(sqlite.looker(url)) as connection:
            yield connection
    except OperationalError as trouble:
        raise Busy(str(trouble.orig)) from None


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Give a blocking connection to the database while the block runs. Raises Unreadable where it is none."""
    with _engaged(sqlite.migrator(url)) as connection:
        yield connection


@contextmanager
def looking_at(path: Path) -> Iterator[Connection]:
    """Give a connection to a file that nobody writes, and that stays as it is. Raises Unreadable."""
    with _engaged(sqlite.onlooker(path)) as connection:
        yield connection


@contextmanager
def _engaged(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except (DatabaseError, sqlite3.DatabaseError) as trouble:
        if sqlite.is_damage(trouble):
            raise Unreadable(sqlite.reason(trouble)) from None
        if sqlite.is_held_by_others(trouble):
            raise Busy(sqlite.reason(trouble)) from None
        number = sqlite.system_error(trouble)
        if number is not None:
            raise OSError(number, os.strerror(number), str(engine.url.database)) from None
        raise
    finally:
        engine.dispose()


def revision(connection: Connection) -> str | None:
    """Return the schema that the database has; None before its first migration."""
    current = MigrationContext.configure(connection).get_current_revision()
    # Asking began a transaction; what comes next decides about its own.
    connection.rollback()
    return current


def newest(current: str | None, scripts: Path = SCRIPTS) -> str | None:
    """Return this version's schema. Raises SchemaTooNew when it does not know the `current` one."""
    folder = ScriptDirectory(str(scripts))
    if current is not None and current not in {script.revision for script in folder.walk_revisions()}:
        raise SchemaTooNew(f"the database has schema {current}, which this version does not know")
    return folder.get_current_head()


def _config(scripts: Path, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
