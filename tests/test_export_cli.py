"""The shell command `export`, as an operator types it: each format to a file or to stdout, whole or not at all."""

from pathlib import Path

import pytest
from group import group
from test_cli import doetank_bot

CONFIG = "matrix: {homeserver: 'http://127.0.0.1:9', user_id: '@doetank:test', password_file: x}\n"


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Where a bot ran, with one group that has given something."""
    (tmp_path / "doetank.yaml").write_text(CONFIG)
    async with group(tmp_path) as here:
        await here.start()
        await here.says(here.joke, "!zag =drie mensen é")
    return tmp_path


@pytest.mark.parametrize("form", ["csv", "html"])
def test_stdout_holds_the_same_bytes_as_the_file_and_only_the_owner_reads_that(folder: Path, form: str) -> None:
    arguments = ("export", "--group", "Parkeren", "--format", form, "--out")
    to_file = doetank_bot(folder, *arguments, "uit")
    to_stdout = doetank_bot(folder, *arguments, "-")
    assert (to_file.returncode, to_stdout.returncode) == (0, 0), to_file.stderr
    data = (folder / "uit").read_bytes()
    assert to_stdout.stdout == data.decode().replace("\r\n", "\n"), "subprocess reads every line end as one sign"
    assert data.count(b"\r\n") == (2 if form == "csv" else 0)
    assert ("'=drie mensen é" if form == "csv" else "=drie mensen é") in data.decode()
    assert (folder / "uit").stat().st_mode & 0o777 == 0o600
    assert not (folder / "uit.part").exists()


def test_an_old_export_stays_whole_when_the_new_one_cannot_be_written(folder: Path) -> None:
    old = folder / "uit.html"
    old.write_text("oud")
    (folder / "uit.html.part").mkdir()
    ended = doetank_bot(folder, "export", "--group", "Parkeren", "--format", "html", "--out", "uit.html")
    assert ended.returncode == 75
    assert "uit.html.part" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert old.read_text() == "oud"


@pytest.mark.parametrize(("out", "remedy"), [("nergens/uit.json", "Make it first"), (".", "Name a file in it")])
def test_where_no_file_can_be_is_told_in_one_line_and_nothing_is_left_there(
    folder: Path, out: str, remedy: str
) -> None:
    before = sorted(folder.parent.rglob("*"))
    ended = doetank_bot(folder, "export", "--group", "Parkeren", "--out", out)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert remedy in ended.stderr
    assert sorted(folder.parent.rglob("*")) == before
