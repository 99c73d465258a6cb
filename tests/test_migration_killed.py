"""A program that is killed at any statement of any migration, from every schema that was ever released, with data."""

import asyncio
import itertools
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from stored import url_of

from doetank_bot.store.migration import SCRIPTS, migrate, quick_check, schema_is_current

RELEASED = sorted(path.stem.partition("_")[0] for path in (SCRIPTS / "versions").glob("0*.py"))
STRIDE = 23
"""Every how manieth statement is tried, beginning elsewhere for each schema; by hand all were (STRIDE = 1)."""

_ROWS = (
    "INSERT INTO account_state (account, cursor) VALUES ('@bot:example.org', 's1')",
    "INSERT INTO spaces (account, native) VALUES ('@bot:example.org', '!room')",
    "INSERT INTO groups VALUES (1, '@bot:example.org', '!room', 'Parkeren', 'nl', 'Europe/Amsterdam')",
    "INSERT INTO members VALUES (1, 1, '@bot:example.org', '@ana', 'Ana', 'active')",
    """INSERT INTO contributions VALUES (1, 1, 'plan', 'Bellen vanuit het café', 1, 'group', 'active',
    '@bot:example.org', '!room', '$said', null, null, null, null, '2027-02-08 09:00:00', null)""",
)


def _made(folder: Path, schema: str) -> Path:
    """Return a database of that schema with rows in it."""
    path = folder / "doetank.sqlite"
    for last in itertools.takewhile(lambda one: one <= schema, RELEASED):
        scripts = folder / f"until-{last}"
        shutil.copytree(SCRIPTS, scripts)
        for later in [one for one in (scripts / "versions").glob("0*.py") if one.stem[:4] > last]:
            later.unlink()
        asyncio.run(migrate(url_of(path), folder, scripts=scripts))
        if last == RELEASED[0]:
            with closing(sqlite3.connect(path)) as connection, connection:
                for row in _ROWS:
                    connection.execute(row)
    return path


def _die_at(statement: int, path: Path) -> NoReturn:
    numbers = itertools.count(1)

    def count(*_: object) -> None:
        if next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        event.listen(Engine, "before_cursor_execute", count)
        asyncio.run(migrate(url_of(path)))
        status = 0
    finally:
        os._exit(status)


def _killed(statement: int, path: Path) -> bool:
    """Migrate in a process that is killed before its n-th statement; return whether it came so far."""
    child = os.fork()
    if child == 0:
        _die_at(statement, path)
    _, status = os.waitpid(child, 0)
    assert status in {0, signal.SIGKILL}
    return status != 0


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def _rows(path: Path) -> list[str]:
    """Return all rows; how the tables are written down differs from one run of Alembic to the next."""
    return [line for line in _dump(path) if line.startswith("INSERT")]


@pytest.mark.parametrize("schema", RELEASED)
def test_wherever_a_migration_is_killed_the_data_is_as_before_and_the_next_start_succeeds(
    tmp_path: Path, schema: str
) -> None:
    old, whole = _made(tmp_path, schema), tmp_path / "whole.sqlite"
    before = _dump(old)
    shutil.copy(old, whole)
    asyncio.run(migrate(url_of(whole)))
    after = _rows(whole)
    assert any("café" in line for line in after)
    n_kills = 0
    for statement in itertools.count(1 + RELEASED.index(schema), STRIDE):
        path = tmp_path / "again.sqlite"
        shutil.copy(old, path)
        was_killed = _killed(statement, path)
        assert not was_killed or _dump(path) == before, statement
        asyncio.run(migrate(url_of(path)))
        assert _rows(path) == after, statement
        assert asyncio.run(quick_check(url_of(path))) == ()
        assert asyncio.run(schema_is_current(url_of(path)))
        if not was_killed:
            break
        n_kills += 1
    assert n_kills or schema == RELEASED[-1]
