"""SQLite's own ways: how its connections are opened, checked and copied. Nothing else knows which database this is.

Why, measured: research/reliability.md findings 7 and 8 (by default aiosqlite loses 151 of 200 updates in silence).
"""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from doetank_bot.store.connection import WholeConnection

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)
_BUSY_TIMEOUT_S = 5
_OWNER_ONLY = 0o600
# Beginnings of SQLite's result codes (sqlite.org/rescode.html).
_SYSTEM = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_READONLY": errno.EROFS,
    "SQLITE_IOERR": errno.EIO,
    "SQLITE_CANTOPEN": errno.EACCES,
}
_HELD = ("SQLITE_BUSY", "SQLITE_LOCKED")
_BROKEN = "SQLITE_CORRUPT"
_DAMAGED = (_BROKEN, "SQLITE_NOTADB")

upsert = insert
"""An insert that can say what happens when the row is there already; PostgreSQL's has the same shape."""


def writer(url: str) -> AsyncEngine:
    """Return an engine whose transactions hold the write lock from their first statement, so that no update is lost."""
    # One connection: the store lets one writer in at a time.
    return _engine(url, begin="BEGIN IMMEDIATE", pool_size=1, pragmas=_PRAGMAS)


def readers(url: str) -> AsyncEngine:
    """Return an engine whose transactions see one moment of the store and cannot write."""
    return _engine(url, begin="BEGIN", pool_size=4, pragmas=(*_PRAGMAS, "PRAGMA query_only=ON"))


def migrator(url: str) -> Engine:
    """Return a blocking engine for migrations: all or nothing, foreign keys off.

    With them on, a migration that moves a table to a new one would delete its children.
    """
    address = make_url(url).set(drivername="sqlite")
    engine = create_engine(address, hide_parameters=True, connect_args=_connect_args())
    _configure(engine, "BEGIN IMMEDIATE", (*_PRAGMAS, "PRAGMA foreign_keys=OFF"))
    return engine


def looker(url: str) -> Engine:
    """Return a blocking engine that changes nothing and holds nobody up: a reader's lock, and no pragma that writes.

    SQLite itself may move a log that a killed bot left into the file, when this is the last to leave.
    """
    address = make_url(url).set(drivername="sqlite")
    engine = create_engine(address, hide_parameters=True, connect_args=_connect_args())
    _configure(engine, "BEGIN", ("PRAGMA query_only=ON", "PRAGMA trusted_schema=OFF"))
    return engine


def onlooker(path: Path) -> Engine:
    """Return a blocking engine on a file that nobody writes: reading leaves it as it is, with nothing beside it."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return create_engine("sqlite://", hide_parameters=True, creator=lambda: sqlite3.connect(address, uri=True))


def file_of(url: str) -> Path:
    """Return the database's file. Raises ValueError for a database that is no file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        raise ValueError("database.url must name a file: sqlite+aiosqlite:///path")
    return Path(str(address.database))


def keep_to_owner(path: Path) -> None:
    """Make the file when it is not there, readable by its owner only; SQLite gives its companions the same mode."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY)
    os.close(descriptor)
    path.chmod(_OWNER_ONLY)


def copy_to(connection: Connection, path: Path) -> None:
    """Write a consistent copy of the database to `path`, for its owner only, replacing what is there.

    Raises DatabaseError, as SQLAlchemy does, for a damaged database or a full disk.
    """
    fresh = path.with_name(path.name + ".part")
    fresh.unlink(missing_ok=True)
    keep_to_owner(fresh)
    try:
        with closing(_cursor(connection)) as cursor:
            cursor.execute("VACUUM INTO ?", (str(fresh),))
    except sqlite3.DatabaseError as trouble:
        fresh.unlink(missing_ok=True)
        raise DatabaseError("VACUUM INTO", None, trouble) from None
    fresh.replace(path)


async def empty_log(engine: AsyncEngine) -> bool:
    """Move everything out of the write-ahead log and cut it off: until then, what was deleted is readable in there.

    Returns False when someone still reads from it, or there is no room: then it is as it was.
    """
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            # Beside SQLAlchemy, which would begin a transaction, in which no checkpoint can run.
            cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            (is_held, *_) = (await cursor.fetchall())[0]
    except (DatabaseError, sqlite3.DatabaseError) as trouble:
        if is_held_by_others(trouble) or system_error(trouble) is not None:
            return False
        raise
    return not is_held


def broken_references(connection: Connection) -> tuple[str, ...]:
    """Return the tables that hold a row whose parent is not there."""
    return tuple(sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}))


Trouble = DatabaseError | sqlite3.DatabaseError
"""What SQLite says, with SQLAlchemy around it or without: while a connection is opened, there is nothing around it."""


def is_damage(trouble: Trouble) -> bool:
    """Return whether this error says that the file itself is no database, or broken (SQLITE_NOTADB, SQLITE_CORRUPT)."""
    return _code(trouble).startswith(_DAMAGED)


def is_held_by_others(trouble: Trouble) -> bool:
    """Return whether another program held what was needed, for longer than we waited."""
    return _code(trouble).startswith(_HELD)


def system_error(trouble: Trouble) -> int | None:
    """Return the `errno` that stands behind this error, when it is the disk or the rights and not the database."""
    name = _code(trouble)
    return next((number for start, number in _SYSTEM.items() if name.startswith(start)), None)


def reason(trouble: Trouble) -> str:
    """Return SQLite's own words; for the kinds above they hold nothing of what is stored."""
    return str(trouble.orig if isinstance(trouble, DatabaseError) else trouble)


def _code(trouble: Trouble) -> str:
    raw = trouble.orig if isinstance(trouble, DatabaseError) else trouble
    return str(getattr(raw, "sqlite_errorname", ""))


def damage(connection: Connection) -> tuple[str, ...]:
    """Return what `PRAGMA quick_check` finds wrong with the file; nothing when it is sound.

    Raises DatabaseError for a file that is no database.
    """
    try:
        found = tuple(str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check"))
    except DatabaseError as trouble:
        # Some damage stops the check itself.
        if not _code(trouble).startswith(_BROKEN):
            raise
        return (reason(trouble),)
    return () if found == ("ok",) else found


def _cursor(connection: Connection) -> Any:
    # Under SQLAlchemy, for VACUUM may not run inside the transaction that SQLAlchemy would begin.
    return connection.connection.cursor()


def _connect_args() -> dict[str, Any]:
    # None takes the driver's own guesses about BEGIN away; the begin event below decides.
    return {"isolation_level": None, "timeout": _BUSY_TIMEOUT_S}


def _engine(url: str, *, begin: str, pool_size: int, pragmas: tuple[str, ...]) -> AsyncEngine:
    connect_args = {**_connect_args(), "async_creator_fn": WholeConnection}
    engine = create_async_engine(
        url, hide_parameters=True, pool_size=pool_size, max_overflow=0, connect_args=connect_args
    )
    _configure(engine.sync_engine, begin, pragmas)
    return engine


def _configure(engine: Engine, begin: str, pragmas: tuple[str, ...]) -> None:
    def on_connect(connection: Any, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            for pragma in pragmas:
                cursor.execute(pragma)

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
