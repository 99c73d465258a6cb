"""The command line as an operator meets it: what it prints, how it ends, and that no slip gives a traceback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from group import group
from homeserver import Account, Homeserver

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def doetank_bot(folder: Path, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doetank_bot", *arguments],
        cwd=folder,
        env=ENVIRON,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def configured(folder: Path, account: Account, url: str, more: str = "") -> Path:
    (folder / "token").write_text(account.access_token)
    (folder / "token").chmod(0o600)
    config = folder / "doetank.yaml"
    config.write_text(
        f"matrix:\n  homeserver: {url}\n  user_id: '{account.user_id}'\n  access_token_file: token\n{more}"
    )
    return config


@contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "doetank_bot", "run"],
            cwd=folder,
            env=ENVIRON,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as program,
    ):
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            yield program
        finally:
            program.kill()


def test_a_broken_configuration_is_refused_with_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "doetank.yaml").write_text(
        "matrix:\n  homeserver: example.org\n  usr_id: '@a:b'\nbot:\n  language: de\n"
    )
    for command in ("run", "check"):
        ended = doetank_bot(tmp_path, command)
        assert ended.returncode == 78
        assert "Traceback" not in ended.stderr
        for expected in (
            "doetank.yaml:2: matrix.homeserver",
            "doetank.yaml:3: matrix.usr_id",
            "doetank.yaml:5: bot.language",
        ):
            assert expected in ended.stderr


def test_a_broken_pack_is_refused_at_start_with_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "eigen.yaml").write_text("schema: pack/1\nname: anders\nweeks: {min: 9}\nfoo: 1\n")
    (tmp_path / "doetank.yaml").write_text(
        "matrix: {homeserver: 'http://127.0.0.1:9', user_id: '@a:b', password_file: x}\nbot: {packs_dir: packs}\n"
    )
    ended = doetank_bot(tmp_path, "run")
    assert ended.returncode == 78
    assert "eigen.yaml:4: foo" in ended.stderr
    assert len(ended.stderr.splitlines()) >= 4
    assert doetank_bot(tmp_path, "packs", "validate", "packs/eigen.yaml").returncode == 78


def test_the_packs_that_come_along_are_valid(tmp_path: Path) -> None:
    packs = Path(__file__).parent.parent / "config" / "packs"
    ended = doetank_bot(tmp_path, "packs", "validate", str(packs))
    assert ended.returncode == 0
    assert "doetank is a valid pack" in ended.stdout
    assert "advice" not in ended.stdout


def test_a_sound_pack_in_hard_words_is_valid_and_gets_advice_by_its_line(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "config" / "packs" / "doetank.yaml").read_text("utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "Waarom doe jij mee?" in one)
    (tmp_path / "doetank.yaml").write_text(text.replace("Waarom doe jij mee?", "Middels wie doe jij mee?"), "utf-8")
    ended = doetank_bot(tmp_path, "packs", "validate", "doetank.yaml")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "doetank.yaml: doetank is a valid pack",
        f"advice: doetank.yaml:{line}: prompts.S3.ask.nl: hard word: “Middels”. Write “met”",
    ]


def test_a_secret_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "doetank.yaml").write_text(
        "matrix: {homeserver: 'http://127.0.0.1:9', user_id: '@a:b', password_file: nergens}\n"
    )
    ended = doetank_bot(tmp_path, "run")
    assert ended.returncode == 78
    assert "nergens" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.homeserver
def test_a_token_of_someone_else_is_refused(homeserver: Homeserver, tmp_path: Path) -> None:
    mine, theirs = homeserver.register("cli-mine"), homeserver.register("cli-theirs")
    configured(tmp_path, Account(mine.user_id, theirs.access_token, theirs.device_id, ""), homeserver.url)
    for command in ("run", "check"):
        ended = doetank_bot(tmp_path, command)
        assert ended.returncode == 78
        assert theirs.user_id in ended.stderr + ended.stdout


@pytest.mark.homeserver
def test_a_token_that_is_not_valid_ends_with_78(homeserver: Homeserver, tmp_path: Path) -> None:
    account = homeserver.register("cli-old")
    configured(tmp_path, Account(account.user_id, "syt_wrong", "X", ""), homeserver.url)
    ended = doetank_bot(tmp_path, "run")
    assert ended.returncode == 78
    assert "refuses" in ended.stderr
    assert "syt_wrong" not in ended.stderr


@pytest.mark.homeserver
def test_a_password_logs_in_once_and_keeps_its_device(homeserver: Homeserver, tmp_path: Path) -> None:
    account = homeserver.register("cli-password", "geheim woord")
    (tmp_path / "password").write_text("geheim woord\n")
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "doetank.yaml").write_text(
        f"matrix: {{homeserver: '{homeserver.url}', user_id: '{account.user_id}', password_file: password}}\n"
    )
    first, second = doetank_bot(tmp_path, "check"), doetank_bot(tmp_path, "check")
    assert first.returncode == second.returncode == 0, first.stdout + first.stderr
    device = [line for line in first.stdout.splitlines() if "device" in line]
    assert device == [line for line in second.stdout.splitlines() if "device" in line]
    assert (tmp_path / "matrix-store" / "session.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "password").write_text("fout\n")
    (tmp_path / "matrix-store" / "session.json").unlink()
    assert doetank_bot(tmp_path, "check").returncode == 78


@pytest.mark.homeserver
def test_check_says_of_everything_how_it_is(homeserver: Homeserver, tmp_path: Path) -> None:
    configured(tmp_path, homeserver.register("cli-check"), homeserver.url)
    good = doetank_bot(tmp_path, "check")
    assert good.returncode == 0
    assert all(word in good.stdout for word in ("homeserver", "login", "device", "database", "disk", "files"))
    (tmp_path / "token").chmod(0o644)
    (tmp_path / "doetank.db").write_bytes(b"geen database" * 400)
    bad = doetank_bot(tmp_path, "check")
    assert bad.returncode == 1
    assert "chmod 600" in bad.stdout
    assert "wrong  database" in bad.stdout
    ended = doetank_bot(tmp_path, "run")
    assert ended.returncode == 65
    assert "Traceback" not in ended.stderr


def test_check_of_a_homeserver_that_is_not_there_says_so(tmp_path: Path) -> None:
    account = Account("@a:b", "token", "X", "")
    configured(tmp_path, account, "http://127.0.0.1:9")
    ended = doetank_bot(tmp_path, "check")
    assert ended.returncode == 1
    assert "http://127.0.0.1:9: nothing listens at that address and port" in ended.stdout


@pytest.mark.homeserver
def test_a_second_bot_on_the_same_database_does_not_start_and_export_works_beside_the_first(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    configured(tmp_path, homeserver.register("cli-twice"), homeserver.url)
    with running(tmp_path) as program:
        second = doetank_bot(tmp_path, "run")
        export = doetank_bot(tmp_path, "export", "--group", "!nergens", "--out", "-")
        program.terminate()
        assert program.wait(10) == 0
    assert second.returncode == 75
    assert "already" in second.stderr
    assert export.returncode == 1
    assert "none yet" in export.stderr


def test_export_before_there_is_a_database_never_makes_one(tmp_path: Path) -> None:
    configured(tmp_path, Account("@a:b", "token", "X", ""), "http://127.0.0.1:9")
    ended = doetank_bot(tmp_path, "export", "--group", "!x", "--out", "-")
    assert ended.returncode == 1
    assert not (tmp_path / "doetank.db").exists()


async def test_an_export_holds_what_is_for_the_group_and_nothing_private(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        empty = _export(tmp_path, doetank.room.native)
        await doetank.start()
        await doetank.says(doetank.maaike, "!vraagstuk Waarom steeds opnieuw?")
        gone = await doetank.says(doetank.joke, "!zag iets dat weg moet")
        await doetank.says(doetank.joke, "!zag drie mensen")
        private = doetank.joke.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.joke, private, "!zag iets geheims")
        await doetank.deletes(doetank.joke, gone)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        full = _export(tmp_path, "Parkeren")
        as_markdown = doetank_bot(tmp_path, "export", "--group", "Parkeren", "--format", "md", "--out", "uit.md")
    assert empty["schema"] == "doetank-export/1"
    assert empty["cycles"] == []
    (cycle,) = full["cycles"]
    assert [one["text"] for one in cycle["questions"]] == ["Waarom steeds opnieuw?"]
    assert {one["status"] for one in cycle["contributions"]} == {"active", "withdrawn"}
    assert "drie mensen" in cycle["digests"][0]["markdown"]
    assert cycle["digests"][0]["sources"]
    text = json.dumps(full)
    assert "geheims" not in text
    assert "weg moet" not in text
    assert as_markdown.returncode == 0
    assert "drie mensen" in (tmp_path / "uit.md").read_text()


def _export(folder: Path, named: str) -> dict[str, Any]:
    (folder / "doetank.yaml").write_text(
        "matrix: {homeserver: 'http://127.0.0.1:9', user_id: '@doetank:test', password_file: x}\n"
    )
    ended = doetank_bot(folder, "export", "--group", named, "--out", "-")
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found
