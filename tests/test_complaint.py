"""The last door: whatever goes wrong is a line that says what to do, and never what was in memory."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from test_cli import ENVIRON, doetank_bot
from test_first_hour import LEAST, told

from doetank_bot.complaint import Exit, complaints
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.settings import load_settings


def test_a_fault_before_the_settings_are_read_shows_nothing_of_what_was_in_memory() -> None:
    # A program of its own: only there nothing has set up logs yet.
    program = """
from doetank_bot.complaint import complaints
with complaints():
    secret = "geheim woord"
    raise RuntimeError(secret)
"""
    ended = subprocess.run([sys.executable, "-c", program], env=ENVIRON, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.WRONG
    assert "geheim woord" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr + ended.stdout
    (line,) = ended.stderr.splitlines()
    assert "RuntimeError" in line


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("database: {url: 'sqlite+aiosqlite:///rond/d.db'}", "doetank.yaml:4: database.url: is a link that leads back"),
        ("  store_dir: rond", "doetank.yaml:4: matrix.store_dir: is a link that leads back to itself. Let it lead"),
        ("  store_dir: ~niemand/x", "begins with ~, and there is no such home folder. Write the whole path"),
    ],
)
def test_a_path_that_leads_nowhere_is_one_line_with_its_setting(tmp_path: Path, more: str, said: str) -> None:
    (tmp_path / "rond").symlink_to(tmp_path / "rond")
    (tmp_path / "doetank.yaml").write_text(f"{LEAST}{more}\n")
    with pytest.raises(Invalid) as found:
        load_settings(tmp_path / "doetank.yaml", {})
    (problem,) = found.value.problems
    assert said in str(problem)


def test_links_that_lead_back_to_themselves_are_one_line_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "rond").symlink_to(tmp_path / "rond")
    told(doetank_bot(tmp_path, "init", "--config", "rond"), Exit.CONFIG, "rond: is a link that leads back to itself")
    (tmp_path / "doetank.yaml").write_text(LEAST + "database: {url: 'sqlite+aiosqlite:///rond/d.db'}\n")
    told(doetank_bot(tmp_path, "status"), Exit.CONFIG, "database.url: is a link that leads back to itself")


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_whatever_the_system_says_no_to_comes_with_what_to_do(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        with pytest.raises(SystemExit) as ended, complaints():
            raise OSError(number, os.strerror(number))
    finally:
        structlog.reset_defaults()
    (line,) = capsys.readouterr().err.splitlines()
    _, _, remedy = line.rpartition(". ")
    assert remedy
    assert "None" not in line
    assert ended.value.code in {Exit.TEMPORARY, Exit.PERMISSIONS}
