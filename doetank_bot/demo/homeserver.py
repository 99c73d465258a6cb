"""A real Synapse that lives as long as whoever started it: for the demo, the tests and the bench.

Everything on 127.0.0.1, without federation; registration by shared secret. Blocking on purpose, so that it
belongs to no event loop; inside one, call it through `asyncio.to_thread`.
"""

import base64
import fcntl
import hmac
import http.client
import json
import os
import random
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import doetank_bot

SERVER_NAME = "doetank.test"
_PORTS = range(18100, 19100)  # below what systems hand out to outgoing connections
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
# Synapse ends when its standard input does, so it outlives nobody, not even a starter that was killed.
_LAUNCH = """
import os, runpy, signal, threading
def watch():
    while os.read(0, 1): pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=watch, daemon=True).start()
runpy.run_module("synapse.app.homeserver", run_name="__main__", alter_sys=True)
"""


class HomeserverError(Exception):
    """The homeserver did not start, or refused a registration; the text says why."""


@dataclass(frozen=True)
class Account:
    """One login on the homeserver, as the registration answered it."""

    user_id: str
    access_token: str
    device_id: str
    password: str


class Homeserver:
    """A Synapse on SQLite in its own directory; make one with `Homeserver.start`.

    Attributes:
        url: the client API's base, `http://127.0.0.1:PORT`.
        directory: its database, media, configuration and logs; reused by `restart`.
    """

    def __init__(self, directory: Path, port: int | None, extra: Mapping[str, Any]) -> None:
        self.directory = directory
        self._port, self._port_lock = _take_port(port)
        self.url = f"http://127.0.0.1:{self._port}"
        self._secret = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files(extra)

    @classmethod
    def start(cls, directory: Path, port: int | None = None, extra: Mapping[str, Any] | None = None) -> Self:
        """Start in `directory` (made when missing), on `port` or a free one, and wait until it answers.

        Args:
            directory: where everything of this homeserver lives.
            port: on 127.0.0.1; held by a lock file, so that two test runs never share one.
            extra: Synapse settings that replace ours, key by key (`{"rc_message": {…}}` for a 429).

        Raises:
            HomeserverError: it ended or did not answer within 60 s, or `make synapse` was not run.
        """
        server = cls(directory, port, extra or {})
        try:
            server.restart()
        except BaseException:
            server.stop()
            raise
        return server

    def restart(self) -> None:
        """Stop if it runs, then start on the same directory and port and wait until it answers."""
        self._end(kill=False)
        with (self.directory / "stderr.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own arguments
                [_synapse_python(), "-I", "-c", _LAUNCH, "-c", "homeserver.json"],
                cwd=self.directory, stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for whoever started it, who then ends it politely
            )  # fmt: skip
        self._wait_until_up(self._process)

    def stop(self) -> None:
        """End it politely (SIGTERM, then SIGKILL after 10 s) and let go of the port; twice is fine."""
        self._end(kill=False)
        if not self._port_lock.closed:
            # While it is still ours: whoever opened it before this sees in _take_port that it is no longer the file.
            Path(self._port_lock.name).unlink(missing_ok=True)
            self._port_lock.close()

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL); the port stays ours for `restart`."""
        self._end(kill=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def register(self, name: str, password: str | None = None, *, admin: bool = False) -> Account:
        """Make the account `@name:doetank.test` (a random password when none is given), logged in.

        Raises:
            HomeserverError: the name is taken or not allowed.
        """
        password = password or secrets.token_urlsafe(12)
        nonce = self._request("GET", "/_synapse/admin/v1/register")["nonce"]
        parts = (nonce, name, password, "admin" if admin else "notadmin")
        mac = hmac.new(self._secret.encode(), "\0".join(parts).encode(), "sha1").hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        made = self._request("POST", "/_synapse/admin/v1/register", body)
        return Account(made["user_id"], made["access_token"], made["device_id"], password)

    def _request(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise HomeserverError(f"{method} {path}: {response.status} {answer}")
        return answer

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                self._request("GET", "/_matrix/client/versions")
            except (OSError, http.client.HTTPException, ValueError, HomeserverError):
                _pause(process, 0.05)
            else:
                return
        log = (self.directory / "stderr.log").read_text(errors="replace")
        raise HomeserverError(f"Synapse did not start (exit {process.poll()}):\n{log[-3000:]}")

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()

    def _write_files(self, extra: Mapping[str, Any]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (self.directory / "signing.key").write_text(f"ed25519 a_test {key}\n")
        (self.directory / "log.json").write_text(json.dumps(_LOGGING))
        config = _config(self._port, self._secret) | dict(extra)
        (self.directory / "homeserver.json").write_text(json.dumps(config, indent=1))


def _pause(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait, but no longer than the process lives."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _synapse_python() -> str:
    root = Path(doetank_bot.__file__).resolve().parent.parent
    for place in (root, Path.cwd()):
        python = place / ".synapse" / "bin" / "python"
        if python.exists():
            return str(python)
    raise HomeserverError("No Synapse here yet. Run `make synapse` in the project's folder first.")


def _take_port(wanted: int | None) -> tuple[int, IO[str]]:
    """A free port and the open lock file that keeps it ours, also between a kill and a restart."""
    for port in [wanted] if wanted else random.sample(_PORTS, len(_PORTS)):
        path = Path(tempfile.gettempdir()) / f"doetank-port-{port}.lock"
        lock = path.open("a")
        if _is_ours(lock, path):
            if _is_free(port):
                return port, lock
            path.unlink(missing_ok=True)
        lock.close()
    raise HomeserverError(f"No free port for a homeserver (wanted: {wanted or _PORTS}).")


def _is_ours(lock: IO[str], path: Path) -> bool:
    """Lock the file, unless someone holds it or it is another one by now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except OSError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _config(port: int, secret: str) -> dict[str, Any]:
    free = {"per_second": 100_000, "burst_count": 100_000}
    limits = ("rc_message", "rc_registration", "rc_admin_redaction", "rc_3pid_validation", "rc_reports")
    resources = [{"names": ["client"], "compress": False}]
    return {
        "server_name": SERVER_NAME,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "pid_file": "homeserver.pid",
        "listeners": [
            {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": resources},
        ],
        "database": {"name": "sqlite3", "args": {"database": "homeserver.db"}},
        "log_config": "log.json",
        "media_store_path": "media",
        "signing_key_path": "signing.key",
        "registration_shared_secret": secret,
        "macaroon_secret_key": secret,
        "form_secret": secret,
        "report_stats": False,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "user_directory": {"enabled": False},
        "url_preview_enabled": False,
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        **dict.fromkeys(limits, free),
        "rc_joins": {"local": free, "remote": free},
        "rc_login": {"address": free, "account": free, "failed_attempts": free},
        "rc_invites": {"per_room": free, "per_user": free, "per_issuer": free},
        "rc_presence": {"per_user": free},
        "rc_room_creation": free,
        "rc_media_create": free,
    }


_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": "homeserver.log"}},
    "root": {"level": "WARNING", "handlers": ["file"]},
}
