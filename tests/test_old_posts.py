"""A post whose answer was lost so long ago that the platform forgot its key: it is looked up, never sent blindly."""

import asyncio
import contextlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults import bot
from faults.figures import Load, Verdict
from faults.posting import laid_out, posted
from faults.stage import furnished
from homeserver import Homeserver, Person
from house import FakeClock
from stored import ME, scene_in

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.reference import SpaceRef
from doetank_bot.ports import Act, DuePost, NewPost, Payload, Result, Sent
from doetank_bot.service.delivery import TRUSTED_FOR
from doetank_bot.service.line import Line
from doetank_bot.service.outbox import Outbox
from doetank_bot.service.patience import Patience

LONG = TRUSTED_FOR + timedelta(hours=1)


class Forgetful(MemoryChat):
    """Does not know a key again; what was said under it can still be looked up."""

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        self._done.pop((space.native, key), None)
        return await super().send(space, payload, key)


async def _never(post: DuePost, reason: str) -> None:
    raise AssertionError(f"post {post.id} was given up: {reason}")


async def test_one_that_waited_for_a_private_chat_is_found_in_the_chat_that_was_opened_for_it(tmp_path: Path) -> None:
    clock = FakeClock("2027-02-08 09:30")
    chat = Forgetful(clock.now, ME)
    ana = chat.person("@ana:test", "Ana")
    payload = {"text": "eens", "is_notice": True, "mentions": [], "reply_to": None, "thread": None}
    async with scene_in(tmp_path) as scene:
        opened = await chat.private(ana.user, "first")
        assert isinstance(opened, Sent)
        there = SpaceRef(ana.user.account, opened.native)
        async with scene.uow.write() as work:
            due = await work.post(NewPost(Act.SEND, None, None, user=ana.user, payload=payload), clock.now())
            await work.set_private(there, ana.user)
        await chat.send(there, payload, due.key)
        clock.instant += LONG
        outbox = Outbox(scene.uow, chat, clock, Line(lambda: False), Patience(), hand_on=lambda _: None, give_up=_never)
        await outbox.load()
        task = asyncio.create_task(outbox.run())
        async with asyncio.timeout(10):
            while not outbox.is_idle:  # noqa: ASYNC110 - as nothing tells
                await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert [shown.text for shown in ana.sees(there)] == ["eens"]


@pytest.mark.homeserver
@pytest.mark.timeout(120)
async def test_on_a_homeserver_that_forgot_its_transaction_ids_each_stands_there_once_and_in_order(
    tmp_path: Path,
) -> None:
    load = Load(n=6, n_rooms=2, n_kills=0, quiet_for=5)
    with Homeserver.start(tmp_path / "hs") as server:
        account = await asyncio.to_thread(server.register, "doetank")
        async with Person(server.url, await asyncio.to_thread(server.register, "ana")) as reader:
            stage = await furnished(server, reader, account, load.n_rooms)
            posts = await laid_out(stage, load, tmp_path / "bot", datetime.now(UTC) - LONG)
            async with Person(server.url, account) as itself:
                for (room, text), key in list(zip(posts, _keys(tmp_path / "bot"), strict=True))[:3]:
                    await itself.send(room, text, txn=key)
            await asyncio.to_thread(_forget, server, tmp_path / "hs")
            figure = await posted("old", stage, load, posts, tmp_path / "bot", bot.life)
    assert figure.verdict == Verdict(0, 0, 0)


def _keys(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "doetank.db")) as database:
        return [key for (key,) in database.execute("SELECT key FROM outbox ORDER BY id")]


def _forget(server: Homeserver, folder: Path) -> None:
    """As Synapse does after a day."""
    server.kill()
    (database,) = folder.rglob("homeserver.db")
    with closing(sqlite3.connect(database)) as synapse, synapse:
        assert synapse.execute("DELETE FROM event_txn_id_device_id").rowcount == 3
    server.restart()
