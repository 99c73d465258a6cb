"""The least that can answer commands: aiohttp, a sync loop, one task a room, nothing kept.

usage: raw.py HOMESERVER USER_ID TOKEN
"""

import asyncio
import json
import sys
import uuid
from typing import Any
from urllib.parse import quote

import aiohttp

FILTER = json.dumps({
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "timeline": {"types": ["m.room.message"], "limit": 50},
        "state": {"types": []},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
    },
})  # fmt: skip
ANSWER = "Parking without paperwork begins on 30 November 2026. See all the days with !cycle preview."
Event = dict[str, Any]


class Echo:
    """Answers every message that begins with `!`, in order per room."""

    def __init__(self, session: aiohttp.ClientSession, base: str, me: str) -> None:
        self._session = session
        self._base = f"{base}/_matrix/client/v3"
        self._me = me
        self._rooms: dict[str, asyncio.Queue[Event]] = {}

    async def run(self) -> None:
        """Answer until killed."""
        token = (await self._sync(timeout=0))["next_batch"]
        print("ready", flush=True)
        async with asyncio.TaskGroup() as tasks:
            while True:
                batch = await self._sync(since=token, timeout=30_000)
                token = batch["next_batch"]
                for room, section in batch.get("rooms", {}).get("join", {}).items():
                    if room not in self._rooms:
                        self._rooms[room] = asyncio.Queue()
                        tasks.create_task(self._serve(room))
                    for event in section["timeline"]["events"]:
                        self._rooms[room].put_nowait(event)

    async def _serve(self, room: str) -> None:
        while True:
            event = await self._rooms[room].get()
            if event["sender"] == self._me or not event["content"].get("body", "").startswith("!"):
                continue
            content = {
                "msgtype": "m.notice",
                "body": ANSWER,
                "format": "org.matrix.custom.html",
                "formatted_body": ANSWER,
                "m.mentions": {},
                "m.relates_to": {"m.in_reply_to": {"event_id": event["event_id"]}},
            }
            path = f"/rooms/{quote(room)}/send/m.room.message/{uuid.uuid4().hex}"
            async with self._session.put(self._base + path, json=content) as response:
                response.raise_for_status()

    async def _sync(self, **query: str | int) -> dict[str, Any]:
        async with self._session.get(f"{self._base}/sync", params={"filter": FILTER, **query}) as response:
            response.raise_for_status()
            answer: dict[str, Any] = json.loads(await response.read())
            return answer


async def main(base: str, me: str, token: str) -> None:
    """Run the echo."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=100)) as session:
        await Echo(session, base, me).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
