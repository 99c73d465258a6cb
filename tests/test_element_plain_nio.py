"""Why a bot must sign its device: a bot on nio as it comes is deaf and dumb to Element, and the witness sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nio
import pytest
from conftest import Elements
from homeserver import Account, Event, Homeserver

pytestmark = pytest.mark.homeserver


@asynccontextmanager
async def plain_nio(url: str, account: Account, store: Path) -> AsyncIterator[nio.AsyncClient]:
    client = nio.AsyncClient(url, account.user_id, account.device_id, store_path=str(store))
    client.restore_login(account.user_id, account.device_id, account.access_token)
    try:
        await client.sync(timeout=0, full_state=True)
        await client.keys_upload()
        yield client
    finally:
        await client.close()


async def said_by(bot: nio.AsyncClient, room: str, text: str) -> str:
    content = {"msgtype": "m.text", "body": text}
    sent = await bot.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
    return str(sent.event_id)


async def test_without_cross_signing_a_bot_is_neither_read_nor_written_to(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    ana, account = await element("ana"), homeserver.register("plain-nio")
    await ana.make_identity()
    async with plain_nio(homeserver.url, account, tmp_path) as bot:
        room = await ana.create_room(invite=[account.user_id], is_encrypted=True, version="11")
        await bot.join(room)
        await ana.wait_for(room, lambda event: event.get("state_key") == account.user_id)
        await bot.sync(timeout=0)
        withheld: list[Event] = []
        read: list[nio.Event] = []
        bot.add_to_device_callback(lambda event: withheld.append(event.source), (nio.UnknownToDeviceEvent,))
        bot.add_event_callback(lambda _, event: read.append(event), (nio.RoomMessageText, nio.MegolmEvent))

        async def seen_by_ana(text: str) -> Event:
            said = await said_by(bot, room, text)
            drawn: Event = (await ana.wait_for(room, lambda event: event["event_id"] == said))["as_element"]
            return drawn

        naive = await seen_by_ana("before")
        assert (naive["body"], naive["shield"], naive["reason"]) == ("before", "red", "UNSIGNED_DEVICE")
        await ana.isolate()
        bot.invalidate_outbound_session(room)
        excluded = await seen_by_ana("after")
        assert (excluded["body"], excluded["problem"]) == (None, "UNSIGNED_SENDER_DEVICE")
        said = await ana.send(room, "!status")
        while not any(event.event_id == said for event in read):
            await bot.sync(timeout=3000)
        assert isinstance(next(event for event in read if event.event_id == said), nio.MegolmEvent)
        assert [(each["type"], each["content"]["code"]) for each in withheld] == [
            ("m.room_key.withheld", "m.unverified")
        ]
