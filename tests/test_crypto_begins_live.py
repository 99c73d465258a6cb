"""A room that gets encryption while the bot is in it, on a real Synapse: nothing is said in the clear from then on."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import People
from homeserver import Homeserver, Person
from test_crypto_live import chat_of, next_batch

from doetank_bot.chat.matrix import MatrixChat
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import Denied, Sent, Style

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]


async def kind_of_what_is_said(chat: MatrixChat, host: Person, space: SpaceRef, key: str) -> str:
    (rendered,) = chat.render(paragraph("Voor ons"), Style())
    sent = await chat.send(space, rendered.payload, key)
    assert isinstance(sent, Sent)
    return str((await host.event(space.native, sent.native))["type"])


async def begin_encryption(host: Person, space: SpaceRef) -> None:
    where = f"/rooms/{quote(space.native)}/state/m.room.encryption"
    await host.call("PUT", where, {"algorithm": "m.megolm.v1.aes-sha2"})


async def test_a_room_that_gets_encryption_is_written_to_encrypted_at_once_and_so_is_who_is_in_it(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, account = await person("ana"), homeserver.register("bot-begins")
    async with chat_of(homeserver, account, tmp_path) as chat:
        space = SpaceRef(chat.me.account, await ana.create_room(invite=[chat.me.native]))
        assert isinstance(await chat.join(space), Sent)
        assert await kind_of_what_is_said(chat, ana, space, "k1") == "m.room.message"
        batches = chat.batches((await next_batch(chat, None)).cursor)
        await anext(batches)
        await begin_encryption(ana, space)
        async with asyncio.timeout(40):
            await anext(batches)
        opened = await chat.private(UserRef(chat.me.account, ana.user_id), "begins")
        assert isinstance(opened, Sent)
        private = SpaceRef(chat.me.account, opened.native)
        await ana.join(private.native)
        assert await kind_of_what_is_said(chat, ana, private, "k2") == "m.room.encrypted"
        assert await kind_of_what_is_said(chat, ana, space, "k3") == "m.room.encrypted"


async def test_in_an_encrypted_room_what_counts_is_whether_the_bot_may_write_encrypted(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, account = await person("ana"), homeserver.register("bot-forbidden")
    async with chat_of(homeserver, account, tmp_path) as chat:
        space = SpaceRef(chat.me.account, await ana.create_room(invite=[chat.me.native]))
        assert isinstance(await chat.join(space), Sent)
        levels = await ana.state(space.native, "m.room.power_levels")
        levels["events"]["m.room.encrypted"] = 50
        await ana.call("PUT", f"/rooms/{quote(space.native)}/state/m.room.power_levels/", levels)
        assert await chat.access(space) == Access()
        batches = chat.batches((await next_batch(chat, None)).cursor)
        await anext(batches)
        await begin_encryption(ana, space)
        async with asyncio.timeout(40):
            await anext(batches)
        assert await chat.access(space) == Access(may_post=False)
        (rendered,) = chat.render(paragraph("Voor ons"), Style())
        assert isinstance(await chat.send(space, rendered.payload, "k"), Denied)
