"""The login: who we are on which homeserver, kept in a file that only we can read.

The device stays the same over restarts and new logins: transaction ids and encryption keys belong to it.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost

SESSION_FILE = "session.json"
_LIMITS = aiohttp.ClientTimeout(total=30, sock_connect=10)


@dataclass(frozen=True, slots=True)
class Session:
    """One login. `homeserver` is the base address, without a slash at the end."""

    homeserver: str
    user_id: str
    device_id: str
    access_token: str

    def __repr__(self) -> str:
        return f"Session({self.homeserver}, {self.user_id}, {self.device_id})"


def load_session(store_dir: Path) -> Session | None:
    """Return the login kept in `store_dir`, or None when there is none (or it cannot be read as one)."""
    try:
        kept = json.loads((store_dir / SESSION_FILE).read_text())
        return Session(**{key: str(value) for key, value in kept.items()})
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return None


def save_session(store_dir: Path, session: Session) -> None:
    """Keep the login: mode 0600, all of it or the old one, whatever happens on the way."""
    store_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=store_dir, prefix=SESSION_FILE)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(session), file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(store_dir / SESSION_FILE)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


async def login_with_password(homeserver: str, user_id: str, password: str, device_id: str) -> Session:
    """Log in as `user_id` on the device `device_id`: the existing one, or a new one by that name.

    Raises:
        AuthLost: the homeserver refuses this user or password.
        Unreachable: it did not answer, or has no time (429, 5xx).
    """
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user_id},
        "password": password,
        "device_id": device_id,
        "initial_device_display_name": "Doetank Bot",
    }
    answer = await _ask(homeserver, "POST", "login", {}, body)
    return _session(homeserver, answer, str(answer.get("access_token", "")))


async def whoami(homeserver: str, access_token: str) -> Session:
    """Return whose login the token is.

    Raises:
        AuthLost: the token is not valid (any more), or belongs to no device.
        Unreachable: the homeserver did not answer.
    """
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = await _ask(homeserver, "GET", "account/whoami", headers, None)
    return _session(homeserver, answer, access_token)


def _session(homeserver: str, answer: dict[str, Any], token: str) -> Session:
    user_id, device_id = answer.get("user_id"), answer.get("device_id")
    if not (isinstance(user_id, str) and isinstance(device_id, str) and token):
        raise AuthLost("no user, device or token in the answer")
    return Session(homeserver.rstrip("/"), user_id, device_id, token)


async def versions(homeserver: str) -> tuple[str, ...]:
    """Return the versions of Matrix that the homeserver speaks, oldest first. Raises Unreachable."""
    answer = await _ask(homeserver, "GET", "../versions", {}, None)
    spoken = answer.get("versions")
    return tuple(map(str, spoken)) if isinstance(spoken, list) else ()


async def _ask(homeserver: str, method: str, path: str, headers: dict[str, str], body: object) -> dict[str, Any]:
    address = f"{homeserver.rstrip('/')}/_matrix/client/v3/{path}"
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMITS, headers=headers) as http,
            http.request(method, address, json=body) as response,
        ):
            answer = await response.json(content_type=None)
    except (TimeoutError, OSError, ValueError, aiohttp.ClientError) as trouble:
        raise Unreachable(type(trouble).__name__) from None
    if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise AuthLost(str(answer.get("errcode", "")) if isinstance(answer, dict) else "refused")
    if response.status != HTTPStatus.OK or not isinstance(answer, dict):
        raise Unreachable(f"{method} {path}: {response.status}")
    return answer
