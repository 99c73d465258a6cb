"""`doetank-bot init` from a fresh account on a real homeserver: as an operator does it, and as others see the bot."""

import itertools
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from between import between
from homeserver import Account, Homeserver
from test_cli import ENVIRON, doetank_bot, running
from typed import typed

from doetank_bot.chat.matrix import load_session
from doetank_bot.resources import avatar_file
from doetank_bot.settings import load_settings

pytestmark = pytest.mark.homeserver
_numbers = itertools.count(1)


def account(homeserver: Homeserver) -> Account:
    return homeserver.register(f"init-{next(_numbers)}", "geheim woord")


def flags(url: str, someone: Account, folder: Path, *more: str) -> tuple[str, ...]:
    (folder / "secret").write_text(someone.password)
    return ("init", "--homeserver", url, "--user-id", someone.user_id, "--password-file", "secret", *more)


def asked(url: str, path: str, token: str, method: str = "GET", body: object = None) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - as above
        found: dict[str, Any] = json.load(response)
        return found


def looks(homeserver: Homeserver, someone: Account) -> Mapping[str, Any]:
    """The bot's profile as another user sees it."""
    return asked(
        homeserver.url,
        f"_matrix/client/v3/profile/{someone.user_id}",
        homeserver.register(f"sees-{next(_numbers)}").access_token,
    )


def devices(homeserver: Homeserver, someone: Account) -> list[str]:
    """The devices of the account, but the one that it was registered with."""
    there = asked(homeserver.url, "_matrix/client/v3/devices", someone.access_token)["devices"]
    return [one["device_id"] for one in there if one["device_id"] != someone.device_id]


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_flags_alone_make_a_bot_that_runs_and_the_password_is_nowhere(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    made = doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path, "--region", "zuid"))
    assert made.returncode == 0, made.stdout + made.stderr
    assert "doetank-bot run" in made.stdout
    assert "!ronde start" in made.stdout
    (tmp_path / "secret").unlink()
    for file in ("doetank.yaml", "matrix-store/session.json"):
        assert (tmp_path / file).stat().st_mode & 0o777 == 0o600
    assert all(b"geheim woord" not in content for _, content in everything(tmp_path).values())
    assert load_settings(tmp_path / "doetank.yaml", {}).bot.region == "zuid"
    with running(tmp_path) as program:
        program.terminate()
        assert program.wait(10) == 0
    assert len(devices(homeserver, mine)) == 1


def test_others_see_a_program_by_its_name_and_picture(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path, "--language", "en"))
    seen = looks(homeserver, mine)
    assert seen["displayname"] == "Doebot (program)"
    address = seen["avatar_url"].removeprefix("mxc://")
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{homeserver.url}/_matrix/client/v1/media/download/{address}",
        headers={"Authorization": f"Bearer {mine.access_token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as picture:  # noqa: S310 - as above
        assert picture.read() == avatar_file().read_bytes()
    assert avatar_file().stat().st_size < 20_000


@pytest.mark.parametrize("more", [(), ("--yes",)])
def test_a_second_init_changes_nothing(homeserver: Homeserver, tmp_path: Path, more: tuple[str, ...]) -> None:
    mine = account(homeserver)
    first = flags(homeserver.url, mine, tmp_path)
    doetank_bot(tmp_path, *first)
    files, look, there = everything(tmp_path), looks(homeserver, mine), devices(homeserver, mine)
    for again in (("init", *more), (*first, *more)):
        ended = doetank_bot(tmp_path, *again)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "as it was" in ended.stdout
        changed = [name for name, now in everything(tmp_path).items() if files.get(name) != now]
        assert (changed, looks(homeserver, mine), devices(homeserver, mine)) == ([], look, there)


def test_a_change_is_made_only_when_somebody_says_so(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path))
    text = (tmp_path / "doetank.yaml").read_text().replace("moderators: []", f"moderators: ['{mine.user_id}'] # mine")
    (tmp_path / "doetank.yaml").write_text(text)
    refused = doetank_bot(tmp_path, "init", "--timezone", "Europe/Brussels", "--name", "Bram")
    assert refused.returncode == 78
    assert len(refused.stderr.splitlines()) == 1
    assert "timezone: Europe/Amsterdam becomes Europe/Brussels" in refused.stderr
    assert (tmp_path / "doetank.yaml").read_text() == text
    assert looks(homeserver, mine)["displayname"] == "Doebot (programma)"
    done = doetank_bot(tmp_path, "init", "--timezone", "Europe/Brussels", "--name", "Bram", "--yes")
    assert done.returncode == 0
    expected = text.replace("timezone: Europe/Amsterdam", "timezone: Europe/Brussels")
    assert (tmp_path / "doetank.yaml").read_text() == expected, "and all else is as it was"
    assert looks(homeserver, mine)["displayname"] == "Bram"


def test_a_name_and_a_picture_that_someone_chose_stay(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    for key, value in (("displayname", "Zelf gekozen"), ("avatar_url", "mxc://doetank.test/zelf")):
        asked(homeserver.url, f"_matrix/client/v3/profile/{mine.user_id}/{key}", mine.access_token, "PUT", {key: value})
    doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path, "--yes"))
    seen = looks(homeserver, mine)
    assert (seen["displayname"], seen["avatar_url"]) == ("Zelf gekozen", "mxc://doetank.test/zelf")


def test_a_password_is_stored_when_asked_and_can_then_log_in_by_itself(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    made = doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path, "--store-password"))
    assert made.returncode == 0, made.stdout + made.stderr
    assert (tmp_path / "password").stat().st_mode & 0o777 == 0o600
    (tmp_path / "matrix-store" / "session.json").unlink()
    assert doetank_bot(tmp_path, "check").returncode == 0


def test_a_bot_at_work_keeps_its_login(homeserver: Homeserver, tmp_path: Path) -> None:
    first = flags(homeserver.url, account(homeserver), tmp_path)
    doetank_bot(tmp_path, *first)
    with running(tmp_path) as program:
        ended = doetank_bot(tmp_path, *first, "--store-password")
        assert (ended.returncode, len(ended.stderr.splitlines())) == (75, 1)
        assert "Stop that one first" in ended.stderr
        assert doetank_bot(tmp_path, *first).returncode == 0, "what needs no new login is fine"
        assert program.poll() is None


def test_a_token_alone_tells_whose_it_is_and_need_not_stay(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = account(homeserver)
    (tmp_path / "token").write_text(mine.access_token)
    made = doetank_bot(tmp_path, "init", "--homeserver", homeserver.url, "--access-token-file", "token")
    assert made.returncode == 0, made.stdout + made.stderr
    (tmp_path / "token").unlink()
    assert load_settings(tmp_path / "doetank.yaml", {}).matrix.user_id == mine.user_id
    assert doetank_bot(tmp_path, "check").returncode == 0


def test_a_login_that_is_gone_is_told_and_init_makes_a_new_one_on_the_same_device(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    mine = account(homeserver)
    first = flags(homeserver.url, mine, tmp_path)
    doetank_bot(tmp_path, *first)
    kept = load_session(tmp_path / "matrix-store")
    assert kept is not None
    asked(homeserver.url, "_matrix/client/v3/logout", kept.access_token, "POST", {})
    ended = doetank_bot(tmp_path, "run")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (78, 1)
    assert "Run `doetank-bot init` again" in ended.stderr
    assert doetank_bot(tmp_path, *first).returncode == 0
    again = load_session(tmp_path / "matrix-store")
    assert again is not None
    assert (again.device_id, again.access_token != kept.access_token) == (kept.device_id, True)


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("POST", "/login"),
        ("GET", "/profile/{user}"),
        ("PUT", "/displayname"),
        ("POST", "/upload"),
        ("PUT", "/avatar_url"),
        ("GET", "/whoami"),
    ],
)
def test_killed_at_any_step_the_next_init_goes_on_with_one_device_and_a_whole_configuration(
    homeserver: Homeserver, tmp_path: Path, method: str, end: str
) -> None:
    mine = account(homeserver)
    with between(homeserver.url) as middle, subprocess.Popen(
        [sys.executable, "-m", "doetank_bot", *flags(middle.url, mine, tmp_path)],
        cwd=tmp_path, env=ENVIRON, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as program:  # fmt: skip
        at = end.format(user=mine.user_id)

        def kill(asked_by: str, path: str) -> bool:
            if (asked_by, path.endswith(at)) != (method, True):
                return True
            program.kill()
            program.wait()
            return False

        middle.watch = kill
        assert program.wait(60) == -signal.SIGKILL, "it did come to this step"
        middle.watch = lambda *_: True
        if (tmp_path / "doetank.yaml").exists():
            load_settings(tmp_path / "doetank.yaml", {})
        ended = doetank_bot(tmp_path, *flags(middle.url, mine, tmp_path))
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(devices(homeserver, mine)) == 1
    seen = looks(homeserver, mine)
    assert seen["displayname"] == "Doebot (programma)"
    assert seen["avatar_url"]
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    [keys] = [name for name in left if name.startswith("keys-")]
    assert sorted(left) == ["cross-signing.json", "doetank.yaml", keys, "secret", "session.json"]


def test_someone_at_a_terminal_is_asked_one_thing_at_a_time_and_may_mistype(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    mine = account(homeserver)
    answers = [
        ("Your homeserver", "http://127.0.0.1:9"),
        ("Your homeserver", homeserver.url),
        ("User id", mine.user_id.partition(":")[0]),
        ("Folder", "data"),
        ("Language", "fr"),
        ("Language", "en"),
        ("Time zone", "Europe/Amsterdm"),
        ("Time zone", ""),
        ("Region", ""),
        ("Who may invite", "example.net"),
        ("Password", "geheim wrod"),
        ("Password", "geheim woord"),
        ("Keep the password", ""),
        ("Name", "Robot Rie (program)"),
    ]
    screen, code = typed(tmp_path, ["init"], answers)
    assert code == 0, screen
    for said in (
        "nothing listens",
        "Did you mean `Europe/Amsterdam`?",
        "refuses this user or password",
        "!cycle start",
    ):
        assert said in screen
    assert "geheim" not in screen
    found = load_settings(tmp_path / "doetank.yaml", {})
    assert (found.matrix.user_id, found.matrix.store_dir) == (mine.user_id, tmp_path / "data" / "matrix-store")
    assert found.matrix.allow_invites_from == ("*:example.net",)
    assert looks(homeserver, mine)["displayname"] == "Robot Rie (program)"
    files = everything(tmp_path)
    screen, code = typed(tmp_path, ["init"], [("change any of this", "")])
    assert (code, everything(tmp_path)) == (0, files)
    screen, code = typed(tmp_path, ["init", "--language", "nl"], [("change any of this", ""), ("Change this?", "")])
    assert (code, everything(tmp_path)) == (0, files)


def test_a_homeserver_that_is_asked_too_fast_is_waited_for_when_it_is_short(tmp_path: Path) -> None:
    slow = {"rc_login": {"account": {"per_second": 0.05, "burst_count": 1}}}
    with Homeserver.start(tmp_path / "synapse", extra=slow) as server:
        mine = server.register("snel", "geheim woord")
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        first = doetank_bot(tmp_path / "a", *flags(server.url, mine, tmp_path / "a"))
        second = doetank_bot(tmp_path / "b", *flags(server.url, mine, tmp_path / "b"))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "asks to wait" not in first.stdout
    assert "asks to wait" in second.stdout


def test_a_homeserver_that_wants_a_long_wait_is_not_waited_for(tmp_path: Path) -> None:
    slow = {"rc_login": {"account": {"per_second": 0.003, "burst_count": 1}}}
    with Homeserver.start(tmp_path / "synapse", extra=slow) as server:
        mine = server.register("traag", "geheim woord")
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        doetank_bot(tmp_path / "a", *flags(server.url, mine, tmp_path / "a"))
        told = doetank_bot(tmp_path / "b", *flags(server.url, mine, tmp_path / "b"))
    assert (told.returncode, len(told.stderr.splitlines())) == (75, 1)
    assert "asks to wait" in told.stderr


def test_without_password_login_the_way_that_is_left_is_told_and_only_enter_asks_again(tmp_path: Path) -> None:
    with Homeserver.start(tmp_path / "synapse", extra={"password_config": {"enabled": False}}) as server:
        mine = server.register("sso", "geheim woord")
        told = doetank_bot(tmp_path, *flags(server.url, mine, tmp_path))
        screen, _ = typed(
            tmp_path,
            ["init", "--homeserver", server.url, "--user-id", mine.user_id],
            [(word, "") for word in ("Folder", "Language", "Time zone", "Region", "Who may")]
            + [("Access token", ""), ("Nothing was typed", mine.access_token), ("Name", "")],
        )
    assert (told.returncode, len(told.stderr.splitlines())) == (78, 1)
    assert "--access-token-file" in told.stderr
    assert "takes no password from programs" in screen
    assert f"Login: {mine.user_id}" in screen


@pytest.mark.parametrize(("state", "word"), [("deactivated", "deactivated"), ("locked", "locked")])
def test_an_account_that_may_not_log_in_is_told_in_one_line(
    homeserver: Homeserver, tmp_path: Path, state: str, word: str
) -> None:
    admin, mine = homeserver.register(f"admin-{next(_numbers)}", admin=True), account(homeserver)
    where = f"_synapse/admin/v2/users/{mine.user_id}"
    asked(homeserver.url, where, admin.access_token, "PUT", {state: True})
    told = doetank_bot(tmp_path, *flags(homeserver.url, mine, tmp_path))
    assert (told.returncode, len(told.stderr.splitlines())) == (78, 1)
    assert word in told.stderr
