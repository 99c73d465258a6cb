"""The line that leads an operator from a damaged database to a running bot."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept import Folder, folder_in

from doetank_bot.backup.make import make
from doetank_bot.backup.way_back import way_back
from doetank_bot.settings import load_settings
from doetank_bot.store import mark

AT = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return asyncio.run(folder_in(tmp_path, "maandag"))


def _kept(folder: Folder, name: str, day: int) -> Path:
    return make(folder.place, folder.path / "sets" / name, AT + timedelta(days=day)).path


def _line(folder: Folder) -> str:
    config = folder.path / "doetank.yaml"
    return way_back(load_settings(config, {}), config)


def _cut(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_the_newest_set_that_is_as_it_was_made_is_named_with_the_command(folder: Folder) -> None:
    (folder.path / "sets").mkdir()
    first, second = _kept(folder, "monday one.tar", 0), _kept(folder, "tuesday.tar", 1)
    assert f"restore {second} --yes --config {folder.path / 'doetank.yaml'}`" in _line(folder)
    assert "2027-02-09 09:00 UTC" in _line(folder)
    _cut(second)
    assert f"restore '{first}' --yes" in _line(folder)
    shutil.copy(first, second)
    _cut(first)
    assert f"restore {second} --yes" in _line(folder)
    _cut(second)
    assert "No good backup is known" in _line(folder)


@pytest.mark.parametrize("left", [None, "{", '{"at": "2027-02-08T09:00:00+00:00", "path": "/nowhere/set.tar"}'])
def test_without_a_sign_of_a_backup_the_line_still_says_what_to_do(folder: Folder, left: str | None) -> None:
    if left is not None:
        mark.beside(folder.database, "backup.json").write_text(left)
    assert "doetank-bot restore PATH --yes" in _line(folder)


def test_a_backup_of_another_bot_is_not_the_way_back(folder: Folder) -> None:
    (folder.path / "sets").mkdir()
    _kept(folder, "other.tar", 0)
    config = folder.path / "doetank.yaml"
    config.write_text(config.read_text().replace("@bot:", "@other:"))
    assert "No good backup is known" in _line(folder)


def test_a_bot_whose_login_has_no_folder_of_its_own_has_no_backup(folder: Folder) -> None:
    config = folder.path / "doetank.yaml"
    config.write_text(f"{config.read_text()}  store_dir: .\n")
    assert "No good backup is known" in _line(folder)
