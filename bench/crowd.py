"""A homeserver of very many rooms, for what Synapse would need an hour to hold: one real room, told a thousand times.

It answers what a bot asks as it starts, takes every post, and has nothing new to tell. Nobody there has a device.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

from doetank_bot.demo.homeserver import Account
from doetank_bot.demo.person import Event

API = "/_matrix/client/v3"


@dataclass(slots=True)
class Crowd:
    """One account in all those rooms."""

    account: Account
    first_sync: bytes
    _posts: asyncio.Queue[str] = field(default_factory=asyncio.Queue, init=False)

    @contextlib.asynccontextmanager
    async def at(self) -> AsyncIterator[str]:
        """Give the address at which it answers while the block runs."""
        app = web.Application()
        app.router.add_get(f"{API}/account/whoami", self._whoami)
        app.router.add_get(f"{API}/sync", self._sync)
        app.router.add_put(f"{API}/rooms/{{room}}/send/{{kind}}/{{key}}", self._post)
        app.router.add_get(f"{API}/rooms/{{room}}/members", self._members)
        app.router.add_route("*", "/{rest:.*}", self._other)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def said(self, n: int) -> None:
        """Return once it said so many things more."""
        for _ in range(n):
            await self._posts.get()

    async def _whoami(self, _: web.Request) -> web.Response:
        return web.json_response({"user_id": self.account.user_id, "device_id": self.account.device_id})

    async def _sync(self, request: web.Request) -> web.Response:
        if "since" not in request.query:
            return web.Response(body=self.first_sync, content_type="application/json")
        await asyncio.sleep(int(request.query["timeout"]) / 1000)
        return web.json_response({"next_batch": "s1"})

    async def _members(self, _: web.Request) -> web.Response:
        return web.json_response({"chunk": []})

    async def _other(self, request: web.Request) -> web.Response:
        """Know nothing, and take everything."""
        if request.method == "GET":
            return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)
        return web.json_response({})

    async def _post(self, request: web.Request) -> web.Response:
        self._posts.put_nowait(request.match_info["room"])
        return web.json_response({"event_id": f"${request.match_info['key']}"})


def told_again(room: Event, n_rooms: int, person: str) -> bytes:
    """Return a sync answer with that many rooms like `room`, a section of one: each with ids of its own.

    `person` is how the ids of the people begin, who are others in every room.
    """
    said = json.dumps(room)
    rooms = (
        f'"!room-{n}":' + said.replace('"$', f'"$room-{n}-').replace(f'"{person}', f'"{person}{n}-')
        for n in range(1, n_rooms + 1)
    )
    return f'{{"next_batch":"s1","rooms":{{"join":{{{",".join(rooms)}}}}}}}'.encode()
