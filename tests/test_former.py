"""After a change of device: what the device before it sent is not sent again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from house import House, of_bot, running

from doetank_bot.chat.matrix import KeysSeen
from doetank_bot.chat.memory import MemoryChat, Trouble
from doetank_bot.check import Weight
from doetank_bot.check.encryption import told
from doetank_bot.domain.reference import SpaceRef
from doetank_bot.ports import Ambiguous, Batch, Deferred, DuePost, Incoming, MessageReceived, Result
from doetank_bot.service.former import settle_former


class Echoless(MemoryChat):
    """A bot that stops does not hear any more what it said last."""

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        async for batch in super().batches(cursor):
            yield replace(batch, incoming=tuple(item for item in batch.incoming if not self._is_echo(item)))

    def _is_echo(self, item: Incoming) -> bool:
        return isinstance(item, MessageReceived) and item.sender == self.me


async def stopped_while_sending(folder: Path, result: Result, *, is_done: bool) -> tuple[House, SpaceRef]:
    """Return a bot that was stopped before it knew whether its answer is out."""
    async with running(folder, chat=Echoless(lambda: datetime.now(UTC))) as house:
        ana = house.chat.person("@ana:test")
        room = await house.open_room("Parkeren", ana)
        assert isinstance(result, Ambiguous | Deferred)
        house.chat.troubles.append(Trouble(result, is_done=is_done))
        ana.say(room, "!hulp")
        async with asyncio.timeout(10):
            while house.chat.troubles:  # noqa: ASYNC110 - the bot is at work
                await asyncio.sleep(0.01)
        # Or it would try again while it stops.
        house.chat.is_reachable = False
    house.chat.is_reachable = True
    return house, room


async def waiting(house: House) -> Sequence[DuePost]:
    async with house.store.read() as views:
        return await views.waiting_posts()


@pytest.mark.parametrize("is_done", [True, False])
async def test_what_is_out_is_known_by_the_former_device_and_what_is_not_still_waits(
    tmp_path: Path,
    is_done: bool,  # noqa: FBT001
) -> None:
    house, room = await stopped_while_sending(tmp_path, Ambiguous("cut"), is_done=is_done)
    n_out = len(of_bot(house, house.chat.person("@ana:test"), room))
    await house.store.open()
    try:
        assert len(await waiting(house)) == 1
        await settle_former(house.store, house.chat, house.clock)
        assert len(await waiting(house)) == (0 if is_done else 1)
    finally:
        await house.store.close()
    assert len(of_bot(house, house.chat.person("@ana:test"), room)) == n_out


@pytest.mark.parametrize(
    ("seen", "weight", "words"),
    [
        (KeysSeen("A", "A", is_vouched_for=True), Weight.GOOD, "vouches for DEV"),
        (KeysSeen("A", "A", is_vouched_for=False), Weight.BAD, "does not vouch for DEV"),
        (KeysSeen(None, "A", is_vouched_for=True), Weight.BAD, "keys of DEV are not here"),
        (KeysSeen("B", "A", is_vouched_for=True), Weight.BAD, "keys of DEV are not here"),
        (KeysSeen(None, None, is_vouched_for=False), Weight.NOTE, "no keys yet"),
    ],
)
def test_check_tells_in_one_line_how_the_keys_stand_with_what_to_do(seen: KeysSeen, weight: Weight, words: str) -> None:
    found = told(seen, "DEV")
    assert found.weight is weight
    assert words in found.text
