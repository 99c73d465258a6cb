"""Two bots as they are usually written, to prove that the intake lab sees their faults. Never part of the program.

cursor-first stores the sync token and then handles the batch: what it was killed in is lost.
cursor-last handles the batch and then stores the token, each try with a new transaction id: what it did is done again.
"""

import asyncio
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

CURSOR = Path("cursor")


async def main(base: str, me: str, token: str, order: str) -> None:
    """Answer every command with an acknowledgement, for ever."""
    api = f"{base}/_matrix/client/v3"
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        if not _stored():
            _store(await _get(session, f"{api}/sync", timeout=0))
        while True:
            batch = await _get(session, f"{api}/sync", since=_stored(), timeout=5000)
            if order == "cursor-first":
                _store(batch)
            for room, section in batch.get("rooms", {}).get("join", {}).items():
                for event in section["timeline"]["events"]:
                    if event["sender"] != me and str(event["content"].get("body", "")).startswith("!"):
                        await _answer(session, f"{api}/rooms/{quote(room)}/send/m.room.message", event["event_id"])
            _store(batch)


def _stored() -> str:
    return CURSOR.read_text() if CURSOR.exists() else ""


def _store(batch: dict[str, Any]) -> None:
    CURSOR.write_text(batch["next_batch"])


async def _get(session: aiohttp.ClientSession, url: str, **query: str | int) -> dict[str, Any]:
    async with session.get(url, params=query) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def _answer(session: aiohttp.ClientSession, path: str, command: str) -> None:
    relation = {"m.in_reply_to": {"event_id": command}}
    content = {"msgtype": "m.notice", "body": "Kept.", "m.relates_to": relation}
    async with session.put(f"{path}/{uuid.uuid4().hex}", json=content):
        pass


def life(base: str, me: str, token: str, order: str) -> None:
    """Live as one of the fault laboratory's bots."""
    asyncio.run(main(base, me, token, order))
