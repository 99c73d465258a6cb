"""What someone does wrong in the first hour: each tried for real, each answered in one line with what to do."""

import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from homeserver import Account, Homeserver
from test_cli import ENVIRON, configured, doetank_bot, running

from doetank_bot.complaint import Exit

ROOT = Path(__file__).resolve().parent.parent
LEAST = "matrix:\n  homeserver: http://127.0.0.1:9\n  user_id: '@doetank:example.org'\n"


def told(ended: subprocess.CompletedProcess[str], code: Exit, *words: str) -> None:
    """Hold that this is one line with its remedy, with the right exit code."""
    assert ended.returncode == code, ended.stdout + ended.stderr
    (line,) = ended.stderr.splitlines()
    for word in words:
        assert word in line, line
    assert "Traceback" not in ended.stdout


def init(folder: Path, homeserver: str, *more: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    (folder / "secret").write_text("geheim woord")
    arguments = ("--homeserver", homeserver, "--user-id", "@doetank:example.org", "--password-file", "secret")
    return doetank_bot(folder, "init", *arguments, *more, timeout=timeout)


@contextmanager
def listening(
    answers: dict[str, bytes], certificate: tuple[Path, Path] | None = None, kind: str = "application/json"
) -> Iterator[int]:
    """A small server on 127.0.0.1 with a page at each path of `answers`; 404 elsewhere. Yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = answers.get(self.path)
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(page or b"<html>404</html>")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


VERSIONS = {"/_matrix/client/versions": b'{"versions": ["v1.11"]}'}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody vouches for, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certificate", folder / "key"


# --- the address of the homeserver


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("nergens.invalid", "there is no server with that name"),
        ("https://nergens.invalid", "there is no server with that name"),
        ("http://127.0.0.1:9", "nothing listens at that address and port"),
        ("ftp://example.org", "is not the address of a homeserver"),
        ("een heel verhaal", "no"),
        ("", "is not the address of a homeserver"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_with_the_reason(tmp_path: Path, typed: str, reason: str) -> None:
    told(init(tmp_path, typed), Exit.CONFIG, "--homeserver", reason)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"], "and nothing is left behind"


def test_a_website_is_told_apart_from_a_homeserver(tmp_path: Path) -> None:
    with listening({"/_matrix/client/versions": b"<html>Welkom</html>"}, kind="text/html") as port:
        told(init(tmp_path, f"http://127.0.0.1:{port}"), Exit.CONFIG, "perhaps it is a website")


def test_a_certificate_that_nobody_vouches_for_is_named_as_such(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    with listening(VERSIONS, certificate) as port:
        told(init(tmp_path, f"https://localhost:{port}"), Exit.CONFIG, "certificate", "self-signed")
        (tmp_path / "doetank.yaml").write_text(LEAST.replace("http://127.0.0.1:9", f"https://localhost:{port}"))
        assert "self-signed certificate" in doetank_bot(tmp_path, "check").stdout


def test_http_where_the_server_speaks_https_is_told(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    with listening(VERSIONS, certificate) as port:
        ended = init(tmp_path, f"http://localhost:{port}")
        told(ended, Exit.CONFIG, "it breaks off the talk", "where it speaks https, write https://")
        (tmp_path / "secret").write_text("geheim woord")
        trusting = {**ENVIRON, "SSL_CERT_FILE": str(certificate[0])}
        ended = subprocess.run(
            [sys.executable, "-m", "doetank_bot", "init", "--homeserver", f"http://localhost:{port}"],
            cwd=tmp_path, env=trusting, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        told(ended, Exit.CONFIG, f"a homeserver answers at https://localhost:{port} instead")


def test_https_where_the_server_speaks_http_is_told(tmp_path: Path) -> None:
    with listening(VERSIONS) as port:
        ended = init(tmp_path, f"https://127.0.0.1:{port}")
        told(ended, Exit.CONFIG, f"a homeserver answers at http://127.0.0.1:{port} instead")


@pytest.mark.homeserver
def test_a_bare_domain_leads_to_the_homeserver_that_it_names(
    homeserver: Homeserver, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    mine = homeserver.register("eerste-uur-domein", "geheim woord")
    page = b'{"m.homeserver": {"base_url": "%s/"}}' % homeserver.url.encode()
    (tmp_path / "secret").write_text("geheim woord")
    for number, form in enumerate(("localhost:{}", "https://localhost:{}")):
        with listening({"/.well-known/matrix/client": page}, certificate) as port:
            arguments = ("--homeserver", form.format(port), "--user-id", mine.user_id, "--password-file", "secret")
            ended = subprocess.run(
                [sys.executable, "-m", "doetank_bot", "init", "--config", f"{number}/doetank.yaml", *arguments],
                cwd=tmp_path, env={**ENVIRON, "SSL_CERT_FILE": str(certificate[0])},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert f"homeserver: {homeserver.url}\n" in (tmp_path / f"{number}/doetank.yaml").read_text()


def test_a_domain_that_points_to_a_dead_homeserver_says_which(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    page = b'{"m.homeserver": {"base_url": "http://127.0.0.1:9"}}'
    with listening({"/.well-known/matrix/client": page}, certificate) as port:
        ended = subprocess.run(
            [sys.executable, "-m", "doetank_bot", "init", "--homeserver", f"localhost:{port}"],
            cwd=tmp_path, env={**ENVIRON, "SSL_CERT_FILE": str(certificate[0])}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    told(ended, Exit.CONFIG, f"localhost:{port} says that its homeserver is http://127.0.0.1:9", "nothing listens")


# --- who the bot is


@pytest.mark.homeserver
def test_a_password_with_a_typing_mistake_is_told_and_never_repeated(homeserver: Homeserver, tmp_path: Path) -> None:
    mine = homeserver.register("eerste-uur-typo", "geheim woord")
    (tmp_path / "secret").write_text("geheim wrod")
    arguments = ("--homeserver", homeserver.url, "--user-id", mine.user_id, "--password-file", "secret")
    ended = doetank_bot(tmp_path, "init", *arguments)
    told(ended, Exit.CONFIG, "refuses this user or password", "give them again")
    assert "wrod" not in ended.stdout + ended.stderr
    assert not (tmp_path / "doetank.yaml").exists()
    (tmp_path / "doetank.yaml").write_text(
        f"matrix: {{homeserver: '{homeserver.url}', user_id: '{mine.user_id}', password_file: secret}}\n"
    )
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, "refuses the login", "doetank-bot init")


@pytest.mark.homeserver
def test_a_token_of_someone_else_or_of_nobody_is_told(homeserver: Homeserver, tmp_path: Path) -> None:
    mine, theirs = homeserver.register("eerste-uur-ik"), homeserver.register("eerste-uur-zij")
    arguments = ("init", "--homeserver", homeserver.url, "--user-id", mine.user_id, "--access-token-file", "token")
    (tmp_path / "token").write_text(theirs.access_token)
    told(doetank_bot(tmp_path, *arguments), Exit.CONFIG, f"belongs to {theirs.user_id}, not to {mine.user_id}")
    (tmp_path / "token").write_text("syt_verlopen")
    told(doetank_bot(tmp_path, *arguments), Exit.CONFIG, "does not know this access token", "Make a new one")
    configured(tmp_path, Account(mine.user_id, theirs.access_token, "X", ""), homeserver.url)
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, f"belongs to {theirs.user_id}")


def test_without_anyone_to_ask_a_missing_answer_is_one_line(tmp_path: Path) -> None:
    told(doetank_bot(tmp_path, "init"), Exit.CONFIG, "--homeserver is missing")
    with listening(VERSIONS) as port:
        address = f"http://127.0.0.1:{port}"
        told(doetank_bot(tmp_path, "init", "--homeserver", address), Exit.CONFIG, "--user-id is missing")
        told(
            doetank_bot(tmp_path, "init", "--homeserver", address, "--user-id", "doetank"),
            Exit.CONFIG,
            "no secret",
            "--password-file",
        )
        for flag, value in (
            ("--timezone", "Europe/Amsterdm"),
            ("--user-id", "ik en jij"),
            ("--allow-invites-from", ", ,"),
            ("--data-dir", "secret"),
        ):
            told(init(tmp_path, address, flag, value), Exit.CONFIG, f"{flag}: is")
        told(init(tmp_path, address, "--password-stdin"), Exit.CONFIG, "More than one secret")


def test_before_init_the_bot_says_that_init_is_next(tmp_path: Path) -> None:
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, "doetank.yaml: is not there", "make it with `doetank-bot init`")
    (tmp_path / "doetank.yaml").write_text(LEAST)
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, "holds no login for @doetank:example.org", "doetank-bot init")


# --- files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("is empty",)),
        (b"\n# niets\n", ("is empty",)),
        (b"matrix:\n\thomeserver: x\n", (":2: starts with a tab", "Use spaces")),
        (LEAST.encode() + b"---\nbot: {}\n", ("begins a second document",)),
        (LEAST.encode() + b"bott: {}\n", (":4: bott: is not a known key", "Did you mean `bot`?")),
        (LEAST.replace("user_id", "userid").encode("utf-16"), ("is not UTF-8", "Save the file as UTF-8")),
        (LEAST.encode() + b"bot: {timezone: Europe/Amsterdm}\n", ("Did you mean `Europe/Amsterdam`?",)),
    ],
)
def test_a_configuration_that_cannot_be_read_is_one_line_for_each_command(
    tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    (tmp_path / "doetank.yaml").write_bytes(content)
    for command in ("run", "check", "init"):
        told(doetank_bot(tmp_path, command), Exit.CONFIG, "doetank.yaml", *words)
    assert (tmp_path / "doetank.yaml").read_bytes() == content


@pytest.mark.parametrize("content", [LEAST.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + LEAST.encode()])
def test_a_file_from_windows_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "doetank.yaml").write_bytes(content)
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, "holds no login")


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    for command in ("run", "check", "init"):
        told(doetank_bot(tmp_path, command, "--config", "map"), Exit.CONFIG, "map: is a folder", "map/doetank.yaml")
    (tmp_path / "doetank.yaml").write_text(LEAST + "  password_file: map\n")
    told(doetank_bot(tmp_path, "run"), Exit.CONFIG, "matrix.password_file: is a folder")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "doetank.yaml").write_text(LEAST + "database: {url: 'sqlite+aiosqlite:///weg/d.db'}\n")
    told(doetank_bot(tmp_path, "run"), Exit.TEMPORARY, "weg/d.db.lock", "Make the folder first")


@pytest.fixture
def as_nobody(tmp_path: Path) -> Path:
    """A folder that everyone can reach; skips where this user cannot become another."""
    if (
        shutil.which("setpriv") is None
        or subprocess.run([*NOBODY, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs root and setpriv")
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    return tmp_path


NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def nobody_does(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*NOBODY, sys.executable, "-m", "doetank_bot", *arguments]
    return subprocess.run(
        command, cwd=folder, env=ENVIRON, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_files_of_another_user_are_told(as_nobody: Path) -> None:
    (as_nobody / "doetank.yaml").write_text(LEAST)
    (as_nobody / "doetank.yaml").chmod(0o600)
    for command in ("run", "init"):
        told(nobody_does(as_nobody, command), Exit.CONFIG, "cannot be read (Permission denied)")
    (as_nobody / "doetank.yaml").chmod(0o644)
    told(nobody_does(as_nobody, "run"), Exit.PERMISSIONS, "doetank.db.lock", "Run as the bot's own user")
    (as_nobody / "secret").write_text("x")
    (as_nobody / "secret").chmod(0o600)
    ended = nobody_does(as_nobody, "init", "--config", "nieuw/doetank.yaml", "--password-file", "secret")
    told(ended, Exit.CONFIG, "secret: --password-file: cannot be read")
    with listening(VERSIONS) as port:
        (as_nobody / "secret").chmod(0o644)
        arguments = ("--homeserver", f"http://127.0.0.1:{port}", "--user-id", "x", "--password-file", "secret")
        ended = nobody_does(as_nobody, "init", "--config", "nieuw/doetank.yaml", *arguments)
        told(ended, Exit.PERMISSIONS, "nieuw", "Run as the bot's own user")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A disk of its own at `folder`; skips where this user cannot mount."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("needs root, to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "ro"), listening(VERSIONS) as port:
        ended = init(tmp_path, f"http://127.0.0.1:{port}", "--config", "disk/doetank.yaml")
        told(ended, Exit.PERMISSIONS, "disk", "Read-only file system. Choose a folder")
        (tmp_path / "doetank.yaml").write_text(LEAST + "database: {url: 'sqlite+aiosqlite:///disk/d.db'}\n")
        told(doetank_bot(tmp_path, "run"), Exit.PERMISSIONS, "d.db.lock: Read-only file system")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=8k") as disk, listening(VERSIONS) as port:
        (disk / "fill").write_bytes(b"x" * 8192)
        ended = init(tmp_path, f"http://127.0.0.1:{port}", "--config", "disk/doetank.yaml")
        told(ended, Exit.TEMPORARY, "disk", "No space left on device. Make room")
        (tmp_path / "doetank.yaml").write_text(LEAST + "database: {url: 'sqlite+aiosqlite:///disk/d.db'}\n")
        told(doetank_bot(tmp_path, "run"), Exit.TEMPORARY, "disk/d.db.lock: No space left on device. Make room")
        assert not list(disk.glob("*.yaml"))


# --- the rest


@pytest.mark.homeserver
def test_an_address_of_a_room_and_a_room_that_the_bot_is_not_in_are_told_with_what_there_is(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    configured(tmp_path, homeserver.register("eerste-uur-kamer"), homeserver.url)
    with running(tmp_path):
        for named in ("#doetank:doetank.test", "!elders:doetank.test"):
            ended = doetank_bot(tmp_path, "export", "--group", named, "--out", "-")
            told(ended, Exit.WRONG, f"No single group goes by {named}", "which starts with !", "none yet")


def test_an_old_python_is_refused_by_make_and_by_pip(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ended = subprocess.run(
        ["make", "--no-print-directory", "python", f"PYTHON={old}"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert (
        ended.stderr.splitlines()[0]
        == "Python 3.11 or newer is needed; name one like this: make PYTHON=python3.12 python"
    )
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text("utf-8")
