"""A post on which the platform fails for ever: it is given up, nothing else is, and those concerned see it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from group import group
from house import FakeClock
from stored import ME, scene_in

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.ports import Act, Ambiguous, DuePost, NewPost, Payload, Result, UnitOfWork
from doetank_bot.service.line import Line
from doetank_bot.service.outbox import Outbox
from doetank_bot.service.patience import Patience
from doetank_bot.service.undelivered import Undelivered

POISON = "gif"


class Failing(MemoryChat):
    """Fails so often on one text, and perhaps on all; some time goes by with each try."""

    breath = timedelta(minutes=2)
    fails_on_all = False
    n_faults = 1000
    is_there = False

    def __init__(self) -> None:
        self.clock = FakeClock("2027-02-08 09:30")
        super().__init__(self.clock.now, ME)

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        if self.fails_on_all or (payload["text"] == POISON and self.n_faults):
            if self.is_there:
                await super().send(space, payload, key)
            return self._fault()
        return await super().send(space, payload, key)

    async def delete(self, message: MessageRef, key: str) -> Result:
        return self._fault() if self.n_faults else await super().delete(message, key)

    def _fault(self) -> Result:
        self.n_faults -= 1
        self.clock.instant += self.breath
        return Ambiguous("500 M_UNKNOWN", is_fault=True)


class Impatient(Line):
    """Waits for nothing."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


class Sending:
    """An outbox, and what it gave up."""

    def __init__(self, uow: UnitOfWork, chat: Failing) -> None:
        self.chat = chat
        self.given_up: list[str] = []
        self.outbox = Outbox(
            uow, chat, chat.clock, Impatient(lambda: False), Patience(), hand_on=lambda _: None, give_up=self._give_up
        )
        self._uow = uow

    async def post(self, room: SpaceRef, text: str) -> None:
        payload = {"text": text, "is_notice": True, "mentions": [], "reply_to": None, "thread": None}
        await self._offer(NewPost(Act.SEND, None, room, payload=payload))

    async def delete(self, message: MessageRef) -> None:
        await self._offer(NewPost(Act.DELETE, None, message.space, message=message))

    async def _offer(self, post: NewPost) -> None:
        async with self._uow.write() as work:
            due = await work.post(post, self.chat.now())
        self.outbox.offer([due])

    async def quiet(self) -> None:
        async with asyncio.timeout(10):
            while self.outbox.depth:  # noqa: ASYNC110 - as nothing tells
                await asyncio.sleep(0.01)

    async def _give_up(self, post: DuePost, reason: str) -> None:
        self.given_up.append(f"{(post.payload or {})['text']}: {reason}")


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[Sending]:
    async with scene_in(tmp_path) as scene:
        sending = Sending(scene.uow, Failing())
        await sending.outbox.load()
        task = asyncio.create_task(sending.outbox.run())
        yield sending
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def two_rooms(chat: MemoryChat) -> tuple[SpaceRef, SpaceRef]:
    ana = chat.person("@ana:test", "Ana")
    rooms = ana.create_room("Parkeren"), ana.create_room("Bomen")
    for room in rooms:
        ana.invite_bot(room)
        chat.enter(room)
    return rooms


def said(chat: MemoryChat, room: SpaceRef) -> list[str]:
    return [shown.text for shown in chat.person("@ana:test", "Ana").sees(room)]


async def test_while_others_go_out_a_post_on_which_it_fails_for_ten_minutes_is_given_up_and_what_waits_behind_it_goes(
    sending: Sending,
) -> None:
    here, there = two_rooms(sending.chat)
    await sending.post(here, POISON)
    await sending.post(here, "daarna")
    await sending.post(there, "elders")
    await sending.quiet()
    assert sending.given_up == ["gif: 500 M_UNKNOWN"]
    assert said(sending.chat, here) == ["daarna"]
    assert said(sending.chat, there) == ["elders"]


async def test_a_room_whose_part_of_the_homeserver_restarts_for_some_minutes_loses_nothing(sending: Sending) -> None:
    here, there = two_rooms(sending.chat)
    sending.chat.breath, sending.chat.n_faults = timedelta(seconds=30), 15
    await sending.post(here, POISON)
    await sending.post(there, "elders")
    await sending.quiet()
    assert sending.given_up == []
    assert said(sending.chat, here) == [POISON]


async def test_a_homeserver_that_fails_on_everything_makes_no_post_suspect(sending: Sending) -> None:
    here, there = two_rooms(sending.chat)
    sending.chat.fails_on_all = True
    await sending.post(here, "eerst")
    await sending.post(there, "elders")
    began = sending.chat.now()
    async with asyncio.timeout(10):
        while sending.chat.now() - began < timedelta(hours=2):  # noqa: ASYNC110 - as nothing tells
            await asyncio.sleep(0.01)
    sending.chat.fails_on_all = False
    await sending.quiet()
    assert sending.given_up == []
    assert (said(sending.chat, here), said(sending.chat, there)) == (["eerst"], ["elders"])


async def test_a_post_that_is_there_though_the_homeserver_says_it_failed_is_not_given_up(sending: Sending) -> None:
    here, there = two_rooms(sending.chat)
    sending.chat.is_there = True
    await sending.post(here, POISON)
    await sending.post(there, "elders")
    await sending.quiet()
    assert sending.given_up == []
    assert said(sending.chat, here) == [POISON]


async def test_a_deletion_is_never_given_up_and_nothing_is_deleted_before_it(sending: Sending) -> None:
    here, there = two_rooms(sending.chat)
    await sending.post(here, "weg")
    await sending.quiet()
    (shown,) = sending.chat.person("@ana:test", "Ana").sees(here)
    sending.chat.n_faults = 12
    await sending.delete(shown.ref)
    await sending.post(here, "daarna")
    await sending.post(there, "elders")
    await sending.quiet()
    assert sending.given_up == []
    assert said(sending.chat, here) == ["daarna"]


async def test_the_coach_is_told_of_a_post_that_was_given_up_and_it_counts_as_not_sent(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        house = doetank.house
        async with house.store.write() as work:
            whose = await work.group_in(doetank.room)
            due = await work.post(NewPost(Act.SEND, None, doetank.room, group=whose, payload={}), house.clock.now())
        undelivered = Undelivered(house.store, house.engine.dispatcher._interpreter, house.clock, house.rules)
        await undelivered.give_up(due, "500")
        await house.settle()
        async with house.store.read() as views:
            assert await views.n_refused(house.clock.now() - timedelta(days=1)) == 1
            assert await views.waiting_posts() == ()
        assert any("niet verstuurd" in text and str(due.id) in text for text in doetank.told(doetank.maaike))
