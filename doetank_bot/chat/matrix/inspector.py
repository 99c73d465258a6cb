"""Looking around on the homeserver with the bot's login: nothing is changed, and nobody sees it."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from doetank_bot.chat.matrix.client import CLIENT_API, Answer, Client, NoAnswer, path
from doetank_bot.chat.matrix.crypto.seeds import load_seeds
from doetank_bot.chat.matrix.crypto.store import kept_identity, keys_file
from doetank_bot.chat.matrix.crypto.trust import is_identity, is_signed, own_keys
from doetank_bot.chat.matrix.event import Event, part, text_or_none
from doetank_bot.chat.matrix.session import Session
from doetank_bot.chat.matrix.standing import OUTSIDE, RoomStanding, standing_of

_PATIENCE = timedelta(seconds=10)
_NOT_IN = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
# Synapse's limiter for this address (`rc_delayed_event_mgmt`) lets five through, and one more each second.
_LIMITED = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
_N_ASKED = 12


class Limited(StrEnum):
    """Whether the homeserver limits how much this account sends."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of it; `per_second` and `burst` only when the account was given its own and we may see them."""

    limited: Limited
    per_second: float | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class KeysSeen:
    """The public key of our device as kept here, and as the homeserver shows it; does the account vouch for it?"""

    here: str | None
    there: str | None
    is_vouched_for: bool


class Inspector:
    """One login's view. Each question waits ten seconds at most and raises Unreachable, or AuthLost."""

    def __init__(self, session: Session, store_dir: Path) -> None:
        """Take the login; no I/O."""
        self._session = session
        self._client = Client(session, str(store_dir))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def device_name(self) -> str | None:
        """Return what people see as the name of our device; None when it has none."""
        answer = await self._get(path("devices", self._session.device_id))
        return text_or_none(answer.body, "display_name") if answer.is_ok else None

    async def keys(self, store_dir: Path) -> KeysSeen:
        """Return how our device's keys stand, here and on the homeserver."""
        me, device_id = self._session.user_id, self._session.device_id
        told = await own_keys(self._client, me)
        device = part(part(part(told, "device_keys"), me), device_id)
        seeds = load_seeds(store_dir)
        is_ours = seeds is not None and is_identity(part(part(told, "master_keys"), me), seeds)
        return KeysSeen(
            here=kept_identity(keys_file(store_dir, device_id)),
            there=text_or_none(part(device, "keys"), f"ed25519:{device_id}"),
            is_vouched_for=is_ours and seeds is not None and is_signed(device, me, seeds),
        )

    async def limits(self) -> Limits:
        """Return whether sending is limited, found out without sending.

        An admin is told. For anyone else a short burst of a question that has a limiter of its own: Synapse spares an
        account whose message limit was lifted from every limiter (synapse/api/ratelimiting.py, can_do_action).
        """
        user = quote(self._session.user_id, safe="@:")
        # Where the admin's API is closed off, a proxy may answer with a page.
        with contextlib.suppress(NoAnswer):
            told = await self._get(f"/_synapse/admin/v1/users/{user}/override_ratelimit", base="")
            if told.is_ok:
                return _own(told)
        answers = await asyncio.gather(*(self._get(_LIMITED, base="") for _ in range(_N_ASKED)))
        statuses = {answer.status for answer in answers}
        if HTTPStatus.TOO_MANY_REQUESTS in statuses:
            return Limits(Limited.YES)
        return Limits(Limited.NO if statuses == {HTTPStatus.OK} else Limited.UNKNOWN)

    async def room(self, room_id: str) -> RoomStanding:
        """Return how the bot stands in a room."""
        where = path("rooms", room_id, "state")
        answer = await self._get(where)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            await asyncio.sleep(min(answer.retry_after or _PATIENCE, _PATIENCE).total_seconds())
            answer = await self._get(where)
        if answer.status in _NOT_IN:
            return OUTSIDE
        return standing_of(self._session.user_id, _listed(answer)) if answer.is_ok else answer.refuse()

    async def _get(self, where: str, base: str = CLIENT_API) -> Answer:
        return await self._client.request("GET", where, timeout=_PATIENCE, base=base)


def _own(told: Answer) -> Limits:
    """Read what an admin is told; nothing at all means that the account has no limits of its own."""
    if not told.body:
        return Limits(Limited.YES)
    per_second, burst = told.body.get("messages_per_second"), told.body.get("burst_count")
    if not isinstance(per_second, int | float) or not isinstance(burst, int):
        return Limits(Limited.UNKNOWN)
    return Limits(Limited.YES, per_second, burst) if per_second > 0 else Limits(Limited.NO)


def _listed(answer: Answer) -> list[Event]:
    return [event for event in answer.items if isinstance(event, dict)]
