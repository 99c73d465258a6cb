"""Migrations, on files: all or nothing, also when the power goes out."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from faults.migrating import dies
from stored import NOW, ROOM, given, opened, scene_in, url_of

from doetank_bot.domain.reference import MemberId
from doetank_bot.store import sqlite
from doetank_bot.store.migration import SCRIPTS, BrokenReferences, SchemaTooNew, migrate, quick_check, schema_is_current
from doetank_bot.store.tables import metadata


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "doetank.sqlite"


def _objects(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def _run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_fresh_database_is_made_for_its_owner_only_and_is_current(path: Path) -> None:
    assert not await schema_is_current(url_of(path))
    assert _files(path.parent) == set()
    await migrate(url_of(path))

    assert _mode(path) == 0o600
    assert await schema_is_current(url_of(path))
    assert await quick_check(url_of(path)) == ()
    assert set(metadata.tables) <= _objects(path)


async def test_the_migrations_make_exactly_the_tables_of_the_code(path: Path) -> None:
    await migrate(url_of(path))
    engine = sqlite.migrator(url_of(path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_the_migrations_make_the_same_indexes_and_constraints_as_the_code(path: Path) -> None:
    # What Alembic does not compare: SQLite keeps how each table and index was made.
    await migrate(url_of(path))
    made = _schema(path)
    made.pop("alembic_version")
    plain = path.with_name("plain.sqlite")
    engine = sqlite.migrator(url_of(plain))
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()

    assert made == _schema(plain)


def _schema(path: Path) -> dict[str, list[str]]:
    """Return the parts of each CREATE statement, whatever the order of a table's columns and constraints."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(_parts(" ".join(sql.replace('"', "").split()))) for name, sql in found}


def _parts(sql: str) -> list[str]:
    """Return what stands between the outermost commas and parentheses."""
    depth, parts = 0, [""]
    for letter in sql:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        is_border = (depth == 1 and letter in "(,") or (depth == 0 and letter == ")")
        parts = [*parts, ""] if is_border else [*parts[:-1], parts[-1] + letter]
    return [part.strip() for part in parts]


def _files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    page = content.find(b"woorden woorden") // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)


async def test_migrating_again_changes_nothing_and_keeps_everything(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
    path = tmp_path / "doetank.sqlite"
    await migrate(url_of(path))

    assert _files(tmp_path) == {"doetank.sqlite"}
    async with opened(path) as store, store.read() as views:
        assert len(await views.group(scene.group).contributions()) == 1


async def test_a_database_of_a_later_version_is_refused_and_left_alone(path: Path) -> None:
    await migrate(url_of(path))
    _run(path, "UPDATE alembic_version SET version_num = '9999'")
    before = _dump(path)

    with pytest.raises(SchemaTooNew, match="9999"):
        await migrate(url_of(path))
    with pytest.raises(SchemaTooNew):
        await schema_is_current(url_of(path))
    assert _dump(path) == before


@pytest.mark.timeout(300)
async def test_a_process_that_dies_before_any_statement_of_a_migration_leaves_nothing_and_the_next_one_succeeds(
    tmp_path: Path,
) -> None:
    path, number = tmp_path / "doetank.sqlite", 0
    while await dies(url_of(path), number):
        assert _objects(path) == set(), number
        number += 1
    assert number > 50
    assert await schema_is_current(url_of(path))


def _next_version(folder: Path, *steps: str) -> Path:
    """Return migrations that have one more version, which does `steps`."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts)
    lines = ["from alembic import op", "revision = '0004'", "down_revision = '0003'", "def upgrade():"]
    (scripts / "versions" / "0004_next.py").write_text("\n".join([*lines, *(f"    {step}" for step in steps)]))
    return scripts


_MOVE = """with op.batch_alter_table("groups", recreate="always") as batch: batch.alter_column("name", nullable=True)"""


async def _filled(folder: Path) -> Path:
    async with scene_in(folder) as scene, scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
    return folder / "doetank.sqlite"


def _n_members(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM members").fetchone()[0])


async def test_moving_a_table_keeps_its_children_and_leaves_a_copy_of_before(tmp_path: Path) -> None:
    path = await _filled(tmp_path)
    await migrate(url_of(path), scripts=_next_version(tmp_path, _MOVE))

    assert _n_members(path) == 3
    copy = tmp_path / "doetank.sqlite.0003.bak"
    assert _mode(copy) == 0o600
    assert _n_members(copy) == 3
    assert await schema_is_current(url_of(copy))
    with pytest.raises(SchemaTooNew):
        await schema_is_current(url_of(path))


@pytest.mark.parametrize(
    ("last", "error"), [("1 / 0", ZeroDivisionError), ("op.execute('DELETE FROM groups')", BrokenReferences)]
)
async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, last: str, error: type[Exception]
) -> None:
    path = await _filled(tmp_path)
    before = _dump(path)
    steps = (_MOVE, "op.execute('CREATE TABLE half_way (id)')", "op.execute('DELETE FROM quotes')", last)
    with pytest.raises(error):
        await migrate(url_of(path), tmp_path, scripts=_next_version(tmp_path, *steps))

    assert _dump(path) == before
    assert await schema_is_current(url_of(path))


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


async def test_what_was_given_before_words_could_be_searched_is_found_after(tmp_path: Path) -> None:
    path = tmp_path / "doetank.sqlite"
    scripts = tmp_path / "first"
    shutil.copytree(SCRIPTS, scripts)
    for later in ("0002_cycle.py", "0003_course.py"):
        (scripts / "versions" / later).unlink()
    await migrate(url_of(path), scripts=scripts)
    _run(path, *_OLD_ROWS)
    await migrate(url_of(path))

    async with opened(path) as store, store.read() as views:
        group = await views.group_in(ROOM)
        assert group is not None
        found = await views.group(group).search(["cafe"], MemberId(1), 10)
        assert [contribution.text for contribution in found.shown] == ["Bellen vanuit het café"]


_OLD_ROWS = (
    "INSERT INTO spaces (account, native) VALUES ('@bot:example.org', '!room')",
    "INSERT INTO groups VALUES (1, '@bot:example.org', '!room', 'Parkeren', 'nl', 'Europe/Amsterdam')",
    "INSERT INTO members VALUES (1, 1, '@bot:example.org', '@ana', 'Ana', 'active')",
    """INSERT INTO contributions VALUES (1, 1, 'plan', 'Bellen vanuit het café', 1, 'group', 'active',
    '@bot:example.org', '!room', '$said', null, null, null, null, '2027-02-08 09:00:00', null)""",
)


async def test_a_copy_holds_everything_is_for_the_owner_only_and_replaces_an_older_one(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
    path, copy = tmp_path / "doetank.sqlite", tmp_path / "copy.sqlite"
    shutil.copy(path, copy)
    _run(copy, "DELETE FROM contributions")
    engine = sqlite.migrator(url_of(path))
    with engine.connect() as connection:
        sqlite.copy_to(connection, copy)
    engine.dispose()

    assert _mode(copy) == 0o600
    assert await quick_check(url_of(copy)) == ()
    async with opened(copy) as store, store.read() as views:
        assert len(await views.group(scene.group).contributions()) == 1


async def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.uow.write() as work:
        for number in range(1, 200):
            await work.group(scene.group).record(given(scene.ana, number, "woorden " * 50), NOW)
    path = tmp_path / "doetank.sqlite"
    _damage(path)

    assert await quick_check(url_of(path)) != ()
