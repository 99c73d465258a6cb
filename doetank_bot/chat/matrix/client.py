"""One request to the homeserver: tried once, with its own time-out, answered as raw JSON.

nio's client owns the login and the connections. Its parsing is left out, because it checks every event against a schema
on the event loop (460 ms for a sync of 200 rooms), and its retries, because they have no limit (matrix.md 3 and 4).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

import aiohttp
from nio import AsyncClient, AsyncClientConfig

from doetank_bot.chat.matrix.parse import parsed
from doetank_bot.chat.matrix.retry_after import asked_to_wait
from doetank_bot.chat.matrix.session import Session
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost, Counted, LoginRanOut, NoTally, Tally

JsonObject = Mapping[str, Any]

ORDINARY_TIMEOUT = timedelta(seconds=30)
CLIENT_API = "/_matrix/client/v3"
_UPLOAD = "/_matrix/media/v3/upload"
_LOST = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED"})
_LOST_STATUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class NoAnswer(Unreachable):
    """No usable answer came. `is_ambiguous`: the request went out, so the homeserver may have done what was asked."""

    def __init__(self, reason: str, *, is_ambiguous: bool) -> None:
        """Keep a reason without content: the kind of failure."""
        super().__init__(reason)
        self.is_ambiguous = is_ambiguous


@dataclass(frozen=True, slots=True)
class Answer:
    """What the homeserver said; `body` is empty when an error came without JSON (a proxy's HTML page).

    `items` is what an answer that is a list holds: a room's state.
    """

    status: int
    body: JsonObject = field(default_factory=dict)
    retry_after: timedelta | None = None
    items: Sequence[Any] = ()

    @property
    def is_ok(self) -> bool:
        """Say whether the request was carried out."""
        return self.status == HTTPStatus.OK

    @property
    def errcode(self) -> str:
        """The `M_…` code of an error, or empty."""
        code = self.body.get("errcode")
        return code if isinstance(code, str) else ""

    @property
    def reason(self) -> str:
        """The error in a few words, free of content."""
        return f"{self.status} {self.errcode}".strip()

    def refuse(self) -> NoReturn:
        """Raise Unreachable: without this answer there is no going on."""
        raise Unreachable(self.reason, self.retry_after)


class Client:
    """A logged-in connection to one homeserver."""

    def __init__(self, session: Session, store_dir: str, tally: Tally | None = None) -> None:
        """Take the login; nothing is opened before the first request. What comes of each is counted by `tally`."""
        self.session = session
        self._tally = tally or NoTally()
        config = AsyncClientConfig(encryption_enabled=False)
        self._nio = AsyncClient(session.homeserver, session.user_id, session.device_id, store_dir, config)
        # Not by `restore_login`: that is about nio's own store of keys, and ours is another.
        self._nio.access_token = session.access_token
        self._headers = {"Authorization": f"Bearer {session.access_token}", "Content-Type": "application/json"}

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        timeout: timedelta = ORDINARY_TIMEOUT,  # noqa: ASYNC109 - it is aiohttp's, for each phase of the request
        base: str = CLIENT_API,
    ) -> Answer:
        """Ask once, below `/_matrix/client/v3` or another `base`; `path` is quoted already.

        Raises:
            AuthLost: the login is no longer valid (LoginRanOut: for now), or the account is locked or gone.
            NoAnswer: no connection, no answer in time, or an answer that is no JSON.
        """
        address = base + path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return await self._ask(method, address, data, self._headers, timeout)

    async def upload(self, data: bytes, mimetype: str, name: str | None) -> Answer:
        """Keep a file on the homeserver, tried once; the answer's `content_uri` is its address. Raises as `request`."""
        headers = {**self._headers, "Content-Type": mimetype}
        address = f"{_UPLOAD}?{urlencode({'filename': name})}" if name else _UPLOAD
        return await self._ask("POST", address, data, headers, ORDINARY_TIMEOUT)

    async def _ask(
        self, method: str, address: str, data: bytes | None, headers: Mapping[str, str], limit: timedelta
    ) -> Answer:
        limits = aiohttp.ClientTimeout(total=limit.total_seconds(), sock_connect=10)
        try:
            response = await self._nio.send(method, address, data, dict(headers), timeout=limits)
            async with response:
                raw = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
            self._tally.count(Counted.REQUEST_UNANSWERED)
            raise NoAnswer(type(trouble).__name__, is_ambiguous=False) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as trouble:
            self._tally.count(Counted.REQUEST_UNANSWERED)
            raise NoAnswer(type(trouble).__name__, is_ambiguous=True) from None
        self._tally.count(_counted(response.status))
        return _answer(response.status, response.headers.get("Retry-After"), await parsed(raw))

    async def close(self) -> None:
        """Close the connections; the login stays."""
        await self._nio.close()


def path(*parts: str) -> str:
    """Return a path of these parts, each quoted as a whole: `path("rooms", "!a:b", "leave")`."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _counted(status: int) -> Counted:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Counted.REQUEST_LIMITED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Counted.REQUEST_FAILED
    return Counted.REQUEST_REFUSED if status >= HTTPStatus.BAD_REQUEST else Counted.REQUEST_OK


def _answer(status: int, header: str | None, said: dict[str, Any] | list[Any] | None) -> Answer:
    if said is None and status == HTTPStatus.OK:
        raise NoAnswer("no JSON", is_ambiguous=True)
    body, items = (said or {}, ()) if isinstance(said, dict | None) else ({}, said)
    answer = Answer(status, body, asked_to_wait(header, body), items)
    if status in _LOST_STATUS and answer.errcode in _LOST:
        # Client-server API 1.10, 5.5: after a soft logout the same device logs in again and goes on.
        raise (LoginRanOut if answer.body.get("soft_logout") is True else AuthLost)(answer.errcode)
    return answer
