"""`check` on this machine: database, files, packs and backups as they are found. No homeserver answers here."""

import os
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stored import ME, NOW, ROOM, cycle_of, message, said, scene_in

from doetank_bot.app import database_file, lock_file
from doetank_bot.check import About, Finding, Weight, database, findings
from doetank_bot.observe.presence import single_instance
from doetank_bot.ports import Act, NewPost, PostState
from doetank_bot.settings import Settings, load_settings
from doetank_bot.store import mark


def settings_in(folder: Path, more: str = "", homeserver: str = "http://127.0.0.1:9") -> Settings:
    (folder / "token").write_text("syt_geheim")
    (folder / "token").chmod(0o600)
    config = folder / "doetank.yaml"
    config.write_text(
        f"matrix: {{homeserver: '{homeserver}', user_id: '{ME}', access_token_file: token}}\n"
        f"database: {{url: 'sqlite+aiosqlite:///doetank.sqlite'}}\n{more}"
    )
    return load_settings(config, {})


async def found_in(folder: Path, more: str = "", homeserver: str = "http://127.0.0.1:9") -> list[Finding]:
    settings = settings_in(folder, more, homeserver)
    return [finding async for finding in findings(settings, config=folder / "doetank.yaml")]


def about(found: Iterable[Finding], what: About) -> list[Finding]:
    return [finding for finding in found if finding.about == what]


def mention(found: Iterable[Finding], words: str) -> Finding:
    (one,) = [finding for finding in found if words in finding.text]
    return one


def on_disk(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {file: (file.read_bytes(), file.stat().st_mode) for file in folder.iterdir()}


# The database


async def test_a_database_in_order_is_good_and_looking_changes_nothing_on_disk(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    settings = settings_in(tmp_path)
    before = on_disk(tmp_path)
    found = [finding async for finding in findings(settings, config=tmp_path / "doetank.yaml")]
    assert on_disk(tmp_path) == before
    assert [one.weight for one in about(found, About.DATABASE)] == [Weight.GOOD] * 2
    assert mention(found, "no bot works on it now").weight is Weight.GOOD


async def test_looking_never_keeps_a_running_bot_from_writing_and_tells_that_it_runs(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene:
        with single_instance(lock_file(settings_in(tmp_path))):
            async with scene.store.write() as work:
                await work.take([said("$1")], "s1", NOW)
                found = await found_in(tmp_path)
    assert mention(found, "a bot works on it now").weight is Weight.GOOD
    assert [one.weight for one in about(found, About.DATABASE)] == [Weight.GOOD] * 2


async def test_a_database_that_is_none_or_newer_or_broken_inside_is_wrong(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    file = tmp_path / "doetank.sqlite"
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "Install the version" in about(await found_in(tmp_path), About.DATABASE)[0].text
    file.write_bytes(whole)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM groups")
    assert mention(await found_in(tmp_path), "belong to rows that are gone").weight is Weight.BAD
    file.write_bytes(b"geen database" * 400)
    assert "Put a backup in its place" in about(await found_in(tmp_path), About.DATABASE)[0].text
    file.write_bytes(b"")
    assert "brings its schema up to date" in about(await found_in(tmp_path), About.DATABASE)[0].text


async def test_a_database_that_is_half_restored_is_wrong(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        settings = settings_in(tmp_path)
        mark.write(mark.beside(database_file(settings), "restoring"), {})
        (finding,), seen = await database.examine(settings, NOW, is_running=False)
    assert (finding.weight, seen) == (Weight.BAD, None)
    assert "Run the same `doetank-bot restore` again" in finding.text


async def test_a_database_that_another_program_holds_is_told(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "doetank.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        found = await found_in(tmp_path)
    assert "held by another program" in about(found, About.DATABASE)[0].text


async def test_what_was_set_aside_or_refused_in_the_last_week_is_counted(tmp_path: Path) -> None:
    old, lately = NOW - timedelta(days=8), NOW - timedelta(days=6)
    async with scene_in(tmp_path) as scene:
        async with scene.store.write() as work:
            for at in (old, lately):
                (row,) = await work.take([said(f"${at}")], None, at)
                await work.put_off(row.id, is_poison=True)
                for state, reason in ((PostState.DENIED, "403 M_FORBIDDEN"), (PostState.DEAD, "500 M_UNKNOWN")):
                    post = await work.post(NewPost(Act.REACT, None, ROOM, message=message("$1"), sign="x"), at)
                    await work.settle(post.id, state, "", at, reason)
        _, seen = await database.examine(settings_in(tmp_path), NOW - timedelta(days=7), is_running=False)
    assert seen is not None
    assert (seen.set_aside, seen.refused) == (1, (("403 M_FORBIDDEN", 1), ("500 M_UNKNOWN", 1)))
    found = list(database.messages(seen))
    assert [one.weight for one in found] == [Weight.NOTE] * 3
    assert "post_not_sent" in found[1].text


# Files, packs, holidays, backups


@pytest.mark.parametrize("name", ["token", "doetank.sqlite", "matrix-store", "doetank.sqlite.0002_cycle.bak"])
async def test_a_file_that_others_can_get_at_is_wrong(tmp_path: Path, name: str) -> None:
    settings_in(tmp_path)
    path = tmp_path / name
    path.mkdir(0o700) if name == "matrix-store" else path.touch(0o600)
    path.chmod(0o700 if name == "matrix-store" else 0o600)
    assert not [one for one in await found_in(tmp_path) if str(path) in one.text and "chmod" in one.text]
    path.chmod(0o750)
    if name == "token":
        # found_in makes it anew
        found = [finding async for finding in findings(load_settings(tmp_path / "doetank.yaml", {}))]
    else:
        found = await found_in(tmp_path)
    one = mention(found, f"get at {path} ")
    assert one.weight is Weight.BAD
    assert one.text.endswith(f"chmod {'700' if name == 'matrix-store' else '600'} {path}")


async def test_a_configuration_that_others_can_change_is_wrong(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    config = tmp_path / "doetank.yaml"
    config.chmod(0o644)
    assert not [one async for one in findings(settings, config=config) if "can change" in one.text]
    config.chmod(0o646)
    found = [one async for one in findings(settings, config=config)]
    assert mention(found, f"chmod go-w {config}").weight is Weight.BAD


async def test_every_mistake_in_a_pack_is_told_and_the_rest_is_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "eigen.yaml").write_text("schema: pack/1\nname: anders\nweeks: {min: 9}\nfoo: 1\n")
    found = await found_in(tmp_path, "bot: {packs_dir: packs}\n")
    assert len(about(found, About.PACKS)) >= 4
    assert {one.weight for one in about(found, About.PACKS)} == {Weight.BROKEN}
    assert about(found, About.HOMESERVER)


async def test_own_packs_are_named_and_a_cycle_without_its_pack_is_wrong(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.store.write() as work:
        await work.group(scene.group).store_cycle(replace(cycle_of(scene.group), pack="weg"), [])
    (tmp_path / "packs").mkdir()
    shipped = Path(__file__).parent.parent / "config" / "packs" / "doetank.yaml"
    (tmp_path / "packs" / "doetank.yaml").write_text(shipped.read_text())
    found = await found_in(tmp_path, "bot: {packs_dir: packs}\n")
    assert "in the place of the one that comes along" in about(found, About.PACKS)[0].text
    assert "weg is not there" in mention(found, ROOM.native).text


@pytest.mark.parametrize("text", ["", "{}", '{"at": "2026-11-25T03:00:00", "path": "x"}', "[" * 9999, '{"at": 1e999}'])
async def test_no_backup_yet_and_one_that_is_told_of_in_nonsense_are_noted(tmp_path: Path, text: str) -> None:
    async with scene_in(tmp_path):
        pass
    assert "none yet. Let cron" in about(await found_in(tmp_path), About.BACKUP)[0].text
    (tmp_path / "doetank.sqlite.backup.json").write_text(text)
    assert "cannot be read" in about(await found_in(tmp_path), About.BACKUP)[0].text


async def test_what_backup_writes_is_read(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    copy = tmp_path / "copy.db"
    copy.touch(0o600)
    stamp = f'{{"at": "{datetime.now(UTC).isoformat()}", "path": "{copy}", "schema": "x", "bytes": 1, "sha256": "y"}}'
    (tmp_path / "doetank.sqlite.backup.json").write_text(stamp)
    (one,) = about(await found_in(tmp_path), About.BACKUP)
    assert one.weight is Weight.GOOD
    assert "0 days old" in one.text


async def test_a_secret_that_cannot_be_read_is_told_also_while_the_homeserver_is_away(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (tmp_path / "token").unlink()
    found = [one async for one in findings(settings)]
    assert [one.weight for one in about(found, About.LOGIN)] == [Weight.BROKEN]
    assert "Make the file" in about(found, About.LOGIN)[0].text


async def test_a_folder_in_the_place_of_the_database_and_a_file_in_that_of_the_login_are_told(tmp_path: Path) -> None:
    (tmp_path / "doetank.sqlite").mkdir()
    (tmp_path / "matrix-store").touch()
    found = await found_in(tmp_path)
    assert "is no file. Move it away" in about(found, About.DATABASE)[0].text
    assert mention(found, "matrix-store is no folder. Move it away").weight is Weight.BAD


async def test_without_groups_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    assert about(await found_in(tmp_path), About.BACKUP)[0].weight is Weight.GOOD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_folder_of_someone_else_is_one_line(tmp_path: Path) -> None:
    store = tmp_path / "matrix-store"
    store.mkdir(0o000)
    try:
        found = await found_in(tmp_path)
    finally:
        store.chmod(0o700)
    assert "Run check as the bot's own user" in mention(found, "session.json").text


async def test_every_finding_is_one_line_that_begins_with_how_it_is(tmp_path: Path) -> None:
    for finding in await found_in(tmp_path):
        assert re.fullmatch(r"(ok   |note |wrong)  [a-z]+: [^\n]+", str(finding))
