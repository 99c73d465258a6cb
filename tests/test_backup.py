"""Backup and restore as an operator meets them: whole or not at all, whatever happens on the way."""

import asyncio
import hashlib
import io
import json
import shutil
import sqlite3
import stat
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kept import ME, Folder, folder_in
from stored import NOW

from doetank_bot.app import SystemClock, serve
from doetank_bot.backup import archive
from doetank_bot.backup.make import make
from doetank_bot.backup.restore import restore
from doetank_bot.observe.presence import single_instance
from doetank_bot.settings import load_settings
from doetank_bot.store import mark

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return asyncio.run(folder_in(tmp_path, "maandag"))


@pytest.fixture
def kept(folder: Folder, tmp_path: Path) -> Path:
    """A backup of Monday; since then someone gave more, and the bot logged in anew."""
    made = make(folder.place, tmp_path / "set.tar", datetime.now(UTC))
    folder.give("dinsdag")
    folder.session.write_text('{"access_token": "of tuesday"}')
    return made.path


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_backup_holds_the_database_and_the_login_and_says_so_beside_the_database(folder: Folder, kept: Path) -> None:
    with tarfile.open(kept) as tar:
        assert tar.getnames() == ["manifest.json", "database.sqlite", "store/session.json"]
    last = json.loads((folder.path / "doetank.db.backup.json").read_text())
    assert set(last) == {"at", "path", "schema", "bytes", "sha256"}
    assert last["path"] == str(kept)
    assert last["bytes"] == kept.stat().st_size
    assert last["sha256"] == hashlib.sha256(kept.read_bytes()).hexdigest()
    assert _mode(kept) == _mode(folder.path / "doetank.db.backup.json") == 0o600


def test_what_is_only_in_the_log_of_a_killed_bot_is_in_the_backup(folder: Folder, kept: Path, tmp_path: Path) -> None:
    assert folder.run("backup", tmp_path / "second.tar").returncode == 0
    assert folder.run("restore", tmp_path / "second.tar", "--yes").returncode == 0
    assert folder.words() == ["maandag", "dinsdag"]
    assert kept.exists()


def test_a_restore_brings_back_the_moment_and_keeps_what_it_replaced(folder: Folder, kept: Path) -> None:
    refused = folder.run("restore", kept)
    assert (refused.returncode, "--yes" in refused.stderr) == (1, True)
    assert folder.words() == ["maandag", "dinsdag"]
    done = folder.run("restore", kept, "--yes")
    assert done.returncode == 0, done.stderr
    assert folder.words() == ["maandag"]
    assert "of monday" in folder.session.read_text()
    (replaced,) = folder.path.glob("doetank.db.replaced-*Z")
    (login,) = folder.path.glob("matrix-store.replaced-*Z/session.json")
    assert folder.words(replaced) == ["maandag", "dinsdag"]
    assert "of tuesday" in login.read_text()
    assert str(replaced) in done.stdout
    assert {_mode(replaced), _mode(folder.database), _mode(folder.session)} == {0o600}
    assert _mode(folder.session.parent) == 0o700
    assert mark.restored(folder.database) is not None
    assert sorted(path.name for path in folder.path.iterdir() if "part" in path.name or "restoring" in path.name) == []


def test_a_fresh_machine_needs_no_yes(kept: Path, tmp_path: Path) -> None:
    fresh = asyncio.run(folder_in(tmp_path / "fresh"))
    fresh.database.unlink()
    fresh.session.unlink()
    fresh.session.parent.rmdir()
    done = fresh.run("restore", kept)
    assert done.returncode == 0, done.stderr
    assert fresh.words() == ["maandag"]
    assert "of monday" in fresh.session.read_text()


def test_a_backup_is_never_overwritten(folder: Folder, kept: Path) -> None:
    before = kept.read_bytes()
    again = folder.run("backup", kept)
    assert (again.returncode, "never overwritten" in again.stderr) == (75, True)
    assert kept.read_bytes() == before


def test_a_bot_that_runs_is_not_restored_over(folder: Folder, kept: Path) -> None:
    with single_instance(folder.path / "doetank.db.lock"):
        refused = folder.run("restore", kept, "--yes")
    assert (refused.returncode, "Stop that one first" in refused.stderr) == (75, True)
    assert folder.words() == ["maandag", "dinsdag"]


def test_a_set_of_another_bot_or_a_later_version_is_refused(folder: Folder, kept: Path) -> None:
    config = folder.path / "doetank.yaml"
    config.write_text(config.read_text().replace(ME, "@other:example.org"))
    refused = folder.run("restore", kept, "--yes")
    assert (refused.returncode, ME in refused.stderr) == (65, True)
    config.write_text(config.read_text().replace("@other:example.org", ME))
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert folder.run("backup", kept.with_name("later.tar")).returncode == 65
    assert not kept.with_name("later.tar").exists()
    assert folder.run("restore", kept, "--yes").returncode == 0


def test_a_damaged_database_gives_no_backup(folder: Folder, tmp_path: Path) -> None:
    folder.give("woorden " * 5000)
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(folder.database.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    folder.database.write_bytes(content)
    refused = folder.run("backup", tmp_path / "set.tar")
    assert refused.returncode == 65, refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "set.tar").exists()
    assert not (folder.path / "doetank.db.backup.json").exists()


@pytest.mark.parametrize("where", ["missing/set.tar", "set.tar/under.tar"])
def test_a_place_that_is_none_gives_one_line(folder: Folder, tmp_path: Path, where: str) -> None:
    (tmp_path / "set.tar").touch()
    refused = folder.run("backup", tmp_path / where)
    assert refused.returncode == 75
    assert len(refused.stderr.splitlines()) == 1
    assert "Traceback" not in refused.stderr


def test_a_bot_without_a_database_says_so(folder: Folder, tmp_path: Path) -> None:
    folder.database.unlink()
    refused = folder.run("backup", tmp_path / "set.tar")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (75, 1)
    assert not folder.database.exists()


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0x01]) + content[at + 1 :]


def _repacked(content: bytes, change: Callable[[tarfile.TarInfo], None], name: str = "store/session.json") -> bytes:
    """Return the set with one member changed, as a tar that is in order."""
    changed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=changed, mode="w") as new:
        for member in old:
            body = old.extractfile(member)
            if member.name == name:
                change(member)
            new.addfile(member, body if member.isreg() else None)
    return changed.getvalue()


def _twice(content: bytes) -> bytes:
    changed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=changed, mode="w") as new:
        for member in [*old, *old]:
            new.addfile(member, old.extractfile(member))
    return changed.getvalue()


def _set(**values: object) -> Callable[[tarfile.TarInfo], None]:
    def change(member: tarfile.TarInfo) -> None:
        for name, value in values.items():
            setattr(member, name, value)

    return change


def _spoilt(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            yield f"header of {member.name}", _flipped(content, member.offset + 3)
            yield f"checksum of {member.name}", _flipped(content, member.offset + 150)
            yield f"first byte of {member.name}", _flipped(content, member.offset_data)
            yield f"middle of {member.name}", _flipped(content, member.offset_data + member.size // 2)
            yield f"last byte of {member.name}", _flipped(content, member.offset_data + member.size - 1)
            yield f"cut in {member.name}", content[: member.offset_data + member.size // 2]
            yield f"cut before {member.name}", content[: member.offset]
    digit = content.index(b'"at": "2') + 7
    yield "another year", _flipped(content, digit + 3)
    for target in ("/etc/cron.d/x", "../../x", "store/../../x", "store//x", "store"):
        yield f"named {target}", _repacked(content, _set(name=target))
    yield "a link", _repacked(content, _set(type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0))
    yield "a hard link", _repacked(content, _set(type=tarfile.LNKTYPE, linkname="database.sqlite", size=0))
    yield "a device", _repacked(content, _set(type=tarfile.CHRTYPE, size=0))
    yield "everything twice", _twice(content)
    yield "nothing", b""
    yield "no tar", b"hello" * 1000
    yield "a database", b"SQLite format 3\0" * 1000
    yield "zeros", bytes(20480)


def _is_usable(path: Path, into: Path) -> bool:
    try:
        archive.unpack(path, into)
    except archive.UnusableSet:
        return False
    return True


def test_no_spoilt_set_is_used_and_what_is_there_stays(folder: Folder, kept: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.tar"
    for name, content in _spoilt(kept.read_bytes()):
        spoilt.write_bytes(content)
        (into := tmp_path / "into" / hashlib.sha256(name.encode()).hexdigest()).mkdir(parents=True)
        assert not _is_usable(spoilt, into), name
    refused = folder.run("restore", spoilt, "--yes")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (65, 1)
    assert folder.words() == ["maandag", "dinsdag"]
    assert "of tuesday" in folder.session.read_text()
    assert not list(folder.path.glob("*.restor*"))


def test_a_manifest_cannot_name_a_file_elsewhere(kept: Path, tmp_path: Path) -> None:
    with kept.open("rb") as raw, tarfile.open(fileobj=raw) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        said = json.load(content)
    for name in ("/etc/x", "../x", "store/../../x", "store/./x", "other/x", "store", "", "store/a\0b"):
        said["files"][1]["name"] = name
        del said["sha256"]
        said["sha256"] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        body = json.dumps(said).encode()
        with tarfile.open(path := tmp_path / "crafted.tar", "w") as tar:
            member = tarfile.TarInfo("manifest.json")
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        with pytest.raises(archive.UnusableSet, match="is no name in a backup"):
            archive.read_manifest(path)


def test_a_backup_that_is_killed_at_any_step_leaves_no_file_that_looks_like_one(folder: Folder, tmp_path: Path) -> None:
    (sets := folder.path / "sets").mkdir()
    place, path, step = folder.place, sets / "set.tar", 0
    while folder.killed_at(step := step + 1, lambda: make(place, path, NOW)):
        if path.exists():
            (into := tmp_path / f"whole-{step}").mkdir()
            archive.unpack(path, into)
            path.unlink()
    assert step > 20
    assert [left.name for left in sets.iterdir()] == ["set.tar"]


def test_a_restore_that_is_killed_at_any_step_is_whole_after_it_is_run_again(folder: Folder, kept: Path) -> None:
    steps, n_refused = 0, 0
    place, under_way = folder.place, mark.beside(folder.database, "restoring")
    settings = load_settings(folder.path / "doetank.yaml", {})
    while folder.killed_at(steps := steps + 1, lambda: restore(place, kept, NOW, may_replace=True)):
        if under_way.exists():
            n_refused += 1
            with pytest.raises(mark.RestoreBrokenOff):
                asyncio.run(serve(settings, clock=SystemClock(), on_ready=lambda: None, stop=asyncio.Event()))
            with pytest.raises(mark.RestoreBrokenOff):
                make(place, kept.with_name("half.tar"), NOW)
        else:
            is_monday = "of monday" in folder.session.read_text()
            assert folder.words() == (["maandag"] if is_monday else ["maandag", "dinsdag"])
        restore(place, kept, NOW, may_replace=True)
        assert folder.words() == ["maandag"]
        assert "of monday" in folder.session.read_text()
        (replaced,) = folder.path.glob("doetank.db.replaced-*Z")
        (login,) = folder.path.glob("matrix-store.replaced-*Z")
        assert folder.words(replaced) == ["maandag", "dinsdag"]
        assert "of tuesday" in (login / "session.json").read_text()
        folder.database.unlink()
        replaced.rename(folder.database)
        shutil.rmtree(folder.session.parent)
        login.rename(folder.session.parent)
    assert n_refused > 5


def test_a_restore_on_a_fresh_machine_that_is_killed_keeps_nothing_half_as_replaced(kept: Path, tmp_path: Path) -> None:
    fresh = asyncio.run(folder_in(tmp_path / "fresh"))
    place, steps = fresh.place, 0
    shutil.rmtree(fresh.session.parent)
    fresh.database.unlink()
    while fresh.killed_at(steps := steps + 1, lambda: restore(place, kept, NOW, may_replace=False)):
        was_under_way = mark.beside(fresh.database, "restoring").exists()
        restore(place, kept, NOW, may_replace=True)
        assert fresh.words() == ["maandag"]
        assert not (was_under_way and list(fresh.path.glob("*.replaced-*")))
        for left in [*fresh.path.glob("doetank.db*"), *fresh.path.glob("matrix-store*")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert steps > 20


def test_only_so_many_backups_are_kept_and_nothing_else_is_removed(folder: Folder, tmp_path: Path) -> None:
    (sets := tmp_path / "sets").mkdir()
    folder.run("backup", sets)
    (first,) = sets.iterdir()
    for second in range(1, 5):
        (sets / f"doetank-20200101T00000{second}Z.tar").write_bytes(first.read_bytes())
    foreign = sets / "doetank-20200101T000009Z.tar"
    foreign.write_bytes(b"holiday pictures")
    named = sets / "before-upgrade.tar"
    named.write_bytes(first.read_bytes())
    first.rename(sets / "doetank-20200101T000008Z.tar")
    done = folder.run("backup", sets, "--keep", "2")
    assert done.returncode == 0, done.stderr
    left = {path.name for path in sets.iterdir()}
    assert {foreign.name, named.name, "doetank-20200101T000008Z.tar"} < left
    assert len(left) == 4
    assert folder.run("backup", named, "--keep", "2").returncode == 1


def test_a_writer_is_not_held_up_and_every_backup_beside_it_is_whole(folder: Folder, tmp_path: Path) -> None:
    waits, stop = [0.0], threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(folder.database, isolation_level=None, timeout=30)) as connection:
            while not stop.is_set():
                begun = time.monotonic()
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE contributions SET text = text || 'x'")
                connection.execute("UPDATE groups SET name = (SELECT max(text) FROM contributions)")
                connection.execute("COMMIT")
                waits.append(time.monotonic() - begun)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [folder.run("backup", tmp_path / f"{number}.tar") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    assert [one.returncode for one in made] == [0, 0, 0]
    assert max(waits) < 2
    for number in range(3):
        (into := tmp_path / f"into-{number}").mkdir()
        archive.unpack(tmp_path / f"{number}.tar", into)
        with closing(sqlite3.connect(into / "database.sqlite")) as connection:
            ((text, name),) = connection.execute(
                "SELECT c.text, g.name FROM contributions c JOIN groups g ON g.id = c.group_id"
            )
        assert text == name
