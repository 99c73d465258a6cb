"""Asking a homeserver who we are: by password or by token, before there is a connection to work with."""

import json
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp

from doetank_bot.chat.matrix.retry_after import asked_to_wait
from doetank_bot.chat.matrix.session import Session, load_session, save_session
from doetank_bot.chat.matrix.trouble import Blocked, Obstacle, blocked_by, no_homeserver
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost

_LIMITS = aiohttp.ClientTimeout(total=30, sock_connect=10)
_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_PASSWORD = "m.login.password"  # noqa: S105 - the name of a kind of login


async def login_on_kept_device(
    homeserver: str, user: str, password: str, store_dir: Path, device_id: str | None = None
) -> Session:
    """Log in on `device_id`, else on the device that `store_dir` knows, else on a new one; and keep the login there.

    The choice of a new device is kept first: a bot that is killed before the answer comes makes no second one.
    `user` is a Matrix id, or its first part alone. Raises as `login_with_password`, and OSError.
    """
    kept = load_session(store_dir)
    device = device_id or (kept.device_id if kept else "DOETANK" + token_hex(4).upper())
    if kept is None:
        save_session(store_dir, Session(homeserver, user, device, ""))
    session = await login_with_password(homeserver, user, password, device)
    save_session(store_dir, session)
    return session


async def login_with_password(homeserver: str, user: str, password: str, device_id: str) -> Session:
    """Log in as `user` on the device `device_id`: the existing one, or a new one by that name.

    Raises:
        AuthLost: the homeserver refuses this user or password.
        Unreachable: it did not answer, or has no time (429, 5xx).
    """
    body = {
        "type": _PASSWORD,
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "device_id": device_id,
        "initial_device_display_name": "Doetank Bot",
    }
    answer = await _ask(homeserver, "POST", "login", {}, body)
    return _session(homeserver, answer, str(answer.get("access_token", "")))


async def takes_password(homeserver: str) -> bool:
    """Return whether the homeserver lets programs log in with a password (not when it has single sign-on only).

    Raises Unreachable, AuthLost.
    """
    flows = (await _ask(homeserver, "GET", "login", {}, None)).get("flows")
    kinds = [flow.get("type") for flow in flows if isinstance(flow, dict)] if isinstance(flows, list) else []
    return _PASSWORD in kinds


async def whoami(homeserver: str, access_token: str) -> Session:
    """Return whose login the token is.

    Raises:
        AuthLost: the token is not valid (any more), or belongs to no device.
        Unreachable: the homeserver did not answer.
    """
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = await _ask(homeserver, "GET", "account/whoami", headers, None)
    return _session(homeserver, answer, access_token)


async def still_works(session: Session) -> bool:
    """Return whether the homeserver still knows this login as this user's and device's. Raises Unreachable."""
    if not session.access_token:
        return False
    try:
        found = await whoami(session.homeserver, session.access_token)
    except AuthLost:
        return False
    return found == replace(session, homeserver=found.homeserver)


def _session(homeserver: str, answer: dict[str, Any], token: str) -> Session:
    user_id, device_id = answer.get("user_id"), answer.get("device_id")
    if not (isinstance(user_id, str) and isinstance(device_id, str) and token):
        raise AuthLost("no user, device or token in the answer")
    return Session(homeserver.rstrip("/"), user_id, device_id, token)


async def _ask(homeserver: str, method: str, path: str, headers: Mapping[str, str], body: object) -> dict[str, Any]:
    address = f"{homeserver.rstrip('/')}/_matrix/client/v3/{path}"
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMITS, headers=headers) as http,
            http.request(method, address, json=body) as response,
        ):
            answer = _object(await response.read())
    except (TimeoutError, OSError, ValueError, aiohttp.ClientError) as trouble:
        raise Unreachable(str(blocked_by(trouble))) from None
    if answer is None:
        raise Unreachable(str(no_homeserver(response.status, response.content_type)))
    if response.status in _REFUSED:
        raise AuthLost(str(answer.get("errcode", "")) or str(response.status))
    if response.status != HTTPStatus.OK:
        wait = asked_to_wait(response.headers.get("Retry-After"), answer)
        said = f"{response.status} {answer.get('errcode', '')}".strip()
        raise Unreachable(str(Blocked(Obstacle.DOWN, said)), wait)
    return answer


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
