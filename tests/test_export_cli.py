"""The shell command `export`, as an operator types it: each format to a file or to stdout, whole or not at all."""

import os
from concurrent.futures import ThreadPoolExecutor
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
    assert [path.name for path in folder.iterdir() if "uit" in path.name] == ["uit"]


def test_an_old_export_stays_whole_when_the_new_one_cannot_be_written(folder: Path) -> None:
    # So long that nothing can be made beside it under its name and more.
    old = folder / f"{'u' * 250}.html"
    old.write_text("oud")
    before = sorted(folder.iterdir())
    ended = doetank_bot(folder, "export", "--group", "Parkeren", "--format", "html", "--out", old.name)
    assert ended.returncode == 75
    assert ended.stderr == f"{old}: File name too long. Choose a shorter name\n"
    assert old.read_text() == "oud"
    assert sorted(folder.iterdir()) == before


def test_a_pipe_gets_the_export_and_stays_a_pipe(folder: Path) -> None:
    pipe = folder / "pijp"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as other_end:
        read = other_end.submit(pipe.read_text)
        ended = doetank_bot(folder, "export", "--group", "Parkeren", "--out", pipe.name)
        assert ended.returncode == 0, ended.stderr
        assert "=drie mensen" in read.result(10)
    assert pipe.is_fifo()


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
