"""Another user of the homeserver, over the plain client-server API and nothing of ours.

The tests look at a room through a Person: they see what the homeserver says, not what the bot believes.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from doetank_bot.demo.homeserver import Account

Event = dict[str, Any]
_SYNC_SECONDS = 5.0


class RefusedError(Exception):
    """The homeserver answered with an error: `status`, `errcode` (M_FORBIDDEN …) and the text."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.errcode = str(body.get("errcode", ""))


class Person:
    """Someone with a client: `async with Person(homeserver.url, account) as ana: …`."""

    def __init__(self, url: str, account: Account) -> None:
        self.user_id = account.user_id
        self.account = account
        self._base = f"{url}/_matrix/client/v3"
        self._media = f"{url}/_matrix/client/v1/media/download"
        self._since: str | None = None
        headers = {"Authorization": f"Bearer {account.access_token}"}
        self._session = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(60))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; the account stays logged in."""
        await self._session.close()

    async def call(self, method: str, path: str, body: object = None, **query: str | int) -> dict[str, Any]:
        """One request below `/_matrix/client/v3`; `path` is quoted already.

        Raises:
            RefusedError: any answer but 200.
        """
        data = None if body is None else json.dumps(body)
        async with self._session.request(method, self._base + path, data=data, params=query) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.status != 200:  # noqa: PLR2004 - HTTP OK
                raise RefusedError(response.status, answer)
            return answer

    # Rooms and people

    async def create_room(
        self,
        version: str = "12",
        invite: Sequence[str] = (),
        *,
        is_direct: bool = False,
        is_encrypted: bool = False,
        name: str | None = None,
    ) -> str:
        """A private room (as clients make a direct chat if `is_direct`); returns its id."""
        body: dict[str, Any] = {
            "room_version": version,
            "invite": list(invite),
            "is_direct": is_direct,
            "preset": "trusted_private_chat" if is_direct else "private_chat",
        }
        if name is not None:
            body["name"] = name
        if is_encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            body["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        return str((await self.call("POST", "/createRoom", body))["room_id"])

    async def invite(self, room: str, user_id: str) -> None:
        """Invite someone."""
        await self.call("POST", f"/rooms/{quote(room)}/invite", {"user_id": user_id})

    async def join(self, room: str) -> None:
        """Join a room, by invitation as a rule."""
        await self.call("POST", f"/join/{quote(room)}", {})

    async def leave(self, room: str) -> None:
        """Leave a room, or refuse its invitation."""
        await self.call("POST", f"/rooms/{quote(room)}/leave", {})

    async def kick(self, room: str, user_id: str) -> None:
        """Put someone out of the room."""
        await self.call("POST", f"/rooms/{quote(room)}/kick", {"user_id": user_id})

    async def set_name(self, name: str) -> None:
        """Set the display name."""
        await self.call("PUT", f"/profile/{quote(self.user_id)}/displayname", {"displayname": name})

    async def set_power(self, room: str, user_id: str, level: int) -> None:
        """Give someone a power level in the room's state."""
        levels = await self.state(room, "m.room.power_levels")
        levels.setdefault("users", {})[user_id] = level
        await self.call("PUT", f"/rooms/{quote(room)}/state/m.room.power_levels/", levels)

    # Saying and changing

    async def send(
        self,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        reply_to: str | None = None,
        mentions: Sequence[str] = (),
        txn: str | None = None,
    ) -> str:
        """Say `text` as clients do: in a thread (its root's event id), as a reply, or plainly."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text}
        if mentions:
            content["m.mentions"] = {"user_ids": list(mentions)}
        relation: dict[str, Any] = {}
        if thread is not None:
            relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": reply_to is None}
        if reply_to or thread:
            relation["m.in_reply_to"] = {"event_id": reply_to or thread}
        if relation:
            content["m.relates_to"] = relation
        return await self.send_event(room, "m.room.message", content, txn)

    async def send_event(self, room: str, kind: str, content: Event, txn: str | None = None) -> str:
        """Send any event of type `kind`; the same `txn` again gives the same event id."""
        path = f"/rooms/{quote(room)}/send/{quote(kind)}/{quote(txn or uuid.uuid4().hex, safe='')}"
        return str((await self.call("PUT", path, content))["event_id"])

    async def edit(self, room: str, event_id: str, text: str) -> str:
        """Replace the text of `event_id`; the id of the edit."""
        content = {
            "msgtype": "m.text",
            "body": f"* {text}",
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
        }
        return await self.send_event(room, "m.room.message", content)

    async def react(self, room: str, event_id: str, key: str) -> str:
        """React to an event; the id of the reaction."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send_event(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event_id: str) -> str:
        """Delete an event; the id of the redaction."""
        path = f"/rooms/{quote(room)}/redact/{quote(event_id)}/{uuid.uuid4().hex}"
        return str((await self.call("PUT", path, {}))["event_id"])

    # Seeing

    async def messages(self, room: str) -> list[Event]:
        """Every event of the room that this person may see, state events too, oldest first."""
        events: list[Event] = []
        page: dict[str, Any] = {"end": None}
        while "end" in page:
            start = {"from": page["end"]} if page["end"] else {}
            page = await self.call("GET", f"/rooms/{quote(room)}/messages", dir="f", limit=100, **start)
            events += page["chunk"]
        return events

    async def event(self, room: str, event_id: str) -> Event:
        """One event as the homeserver serves it now (an edit or redaction shows in it)."""
        return await self.call("GET", f"/rooms/{quote(room)}/event/{quote(event_id)}")

    async def state(self, room: str, kind: str, key: str = "") -> Event:
        """The content of one state event."""
        return await self.call("GET", f"/rooms/{quote(room)}/state/{quote(kind)}/{quote(key)}")

    async def members(self, room: str) -> dict[str, str]:
        """User id to membership: join, invite, leave, ban."""
        answer = await self.call("GET", f"/rooms/{quote(room)}/members")
        return {event["state_key"]: event["content"]["membership"] for event in answer["chunk"]}

    async def wait_for(self, room: str, predicate: Callable[[Event], bool], timeout: float = 15.0) -> Event:  # noqa: ASYNC109 - the deadline is part of what the test says
        """The first event of the room, past ones included, that the predicate holds for.

        Raises:
            TimeoutError: none came within `timeout` seconds.
        """
        rooms = {"rooms": [room], "timeline": {"limit": 100}}
        async with asyncio.timeout(timeout):
            async for batch in self._syncs({"room": rooms}):
                timeline = batch.get("rooms", {}).get("join", {}).get(room, {}).get("timeline", {})
                first = "since" not in batch
                events = await self.messages(room) if first or timeline.get("limited") else timeline.get("events", [])
                for event in events:
                    if predicate(event):
                        return event
        raise AssertionError("the sync loop never ends by itself")

    async def wait_for_invite(self, by: str | None = None, timeout: float = 15.0) -> str:  # noqa: ASYNC109 - as above
        """The id of a room this person is invited to, by `by` if given.

        Raises:
            TimeoutError: none came within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            async for batch in self._syncs({"room": {"timeline": {"limit": 1}}}):
                for room, invited in batch.get("rooms", {}).get("invite", {}).items():
                    if by is None or by in _inviters(invited):
                        return str(room)
        raise AssertionError("the sync loop never ends by itself")

    async def news(self) -> list[tuple[str, Event]]:
        """Return (room id, event) for what this person can see now and could not at the last call.

        An invitation is an event of type `invite`. The first call begins with the last 100 events of every room.
        """
        batch = await self._sync(_wanted({"room": {"timeline": {"limit": 100}}}), self._since, 0)
        self._since = batch["next_batch"]
        return list(_events(batch))

    async def has_news_since(self, token: str, wanted: str) -> bool:
        """Whether an account that synced up to `token` with the filter `wanted` (JSON) has anything left to see."""
        return next(_events(await self._sync(wanted, token, 0)), None) is not None

    async def download(self, mxc: str) -> bytes:
        """Return the file at the address `mxc://server/id`. Raises RefusedError."""
        async with self._session.get(f"{self._media}/{mxc.removeprefix('mxc://')}") as response:
            if response.status != 200:  # noqa: PLR2004 - HTTP OK
                raise RefusedError(response.status, await response.json(content_type=None))
            return await response.read()

    async def watch(self) -> AsyncIterator[tuple[str, Event]]:
        """Yield (room id, event) for what this person sees, without end; an invitation is an event of type `invite`.

        Begins with the last 100 events of every room they are in.
        """
        async for batch in self._syncs({"room": {"timeline": {"limit": 100}}}):
            for room, event in _events(batch):
                yield room, event

    async def _syncs(self, narrow: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Sync answers without end: the first at once, the next with the token it followed in `since`."""
        wanted = _wanted(narrow)
        batch = await self._sync(wanted, None, 0)
        yield batch
        while True:
            since = batch["next_batch"]
            batch = await self._sync(wanted, since, _SYNC_SECONDS)
            yield batch | {"since": since}

    async def _sync(self, wanted: str, since: str | None, wait_seconds: float) -> dict[str, Any]:
        start = {"since": since} if since else {}
        return await self.call("GET", "/sync", filter=wanted, timeout=int(wait_seconds * 1000), **start)


def _wanted(narrow: dict[str, Any]) -> str:
    return json.dumps({"presence": {"types": []}, "account_data": {"types": []}} | narrow)


def _events(batch: dict[str, Any]) -> Iterator[tuple[str, Event]]:
    """Yield (room id, event) of the timelines, and of invitations."""
    rooms = batch.get("rooms", {})
    for room, invited in rooms.get("invite", {}).items():
        yield room, {"type": "invite", "sender": next(iter(_inviters(invited)), "")}
    for room, joined in rooms.get("join", {}).items():
        for event in joined["timeline"]["events"]:
            yield room, event


def _inviters(invited: dict[str, Any]) -> set[str]:
    events = invited["invite_state"]["events"]
    return {event["sender"] for event in events if event.get("content", {}).get("membership") == "invite"}
