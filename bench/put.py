"""The least that can deliver to many rooms at one moment: aiohttp, all requests at once, nothing kept.

usage: put.py HOMESERVER TOKEN WORK; WORK is a JSON file with `rooms`, `content` and `due` (seconds since 1970)
"""

import asyncio
import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp


async def main(base: str, token: str, todo: dict[str, Any]) -> None:
    """Wait for the moment, and put."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=100)) as session:

        async def put(room: str) -> None:
            path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{uuid.uuid4().hex}"
            async with session.put(base + path, json=todo["content"]) as response:
                response.raise_for_status()

        print("ready", flush=True)
        await asyncio.sleep(todo["due"] - time.time())
        await asyncio.gather(*(put(room) for room in todo["rooms"]))
        # Until killed, as the bot.
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text())))
