import asyncio
import time
from pathlib import Path

import pytest
from homeserver import Homeserver, Person

from contract.conftest import matrix_chat
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import SpaceRef
from doetank_bot.ports import BotJoined, Deferred, MessageReceived, Sent, Style

pytestmark = pytest.mark.homeserver


async def test_a_homeserver_that_was_killed_is_found_again_and_nothing_is_lost_or_sent_twice(tmp_path: Path) -> None:
    with Homeserver.start(tmp_path / "hs") as server:
        account = await asyncio.to_thread(server.register, "ana")
        async with matrix_chat(server, tmp_path) as chat, Person(server.url, account) as ana:
            batches = chat.batches(None)
            await anext(batches)
            room = await ana.create_room(invite=[chat.me.native], name="Doetank")
            space = SpaceRef(chat.me.account, room)
            await chat.join(space)
            while not any(isinstance(item, BotJoined) for item in (await anext(batches)).incoming):
                pass
            waiting = asyncio.ensure_future(anext(batches))
            (rendered,) = chat.render(paragraph("Wat ga je doen?"), Style())
            first = await chat.send(space, rendered.payload, "k")
            assert isinstance(first, Sent)
            await waiting
            await asyncio.to_thread(server.kill)
            assert isinstance(await chat.send(space, rendered.payload, "k2"), Deferred)
            waiting = asyncio.ensure_future(anext(batches))
            await asyncio.sleep(2)
            await asyncio.to_thread(server.restart)
            started = time.monotonic()
            await ana.send(room, "daar ben ik weer")
            heard = list((await waiting).incoming)
            while not any(isinstance(item, MessageReceived) and item.sender != chat.me for item in heard):
                heard += (await anext(batches)).incoming
            assert time.monotonic() - started < 10
            assert await chat.send(space, rendered.payload, "k") == first
            assert [event for event in await ana.messages(room) if event["sender"] == chat.me.native][-1][
                "event_id"
            ] == first.native
