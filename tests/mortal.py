"""A bot that dies at a chosen moment, and what outlives it: chat, clock and database. Driven without await."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from house import FakeClock, House

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.document import Document
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import Batch, Deferred, Payload, Rendered, Result, Style
from doetank_bot.store.migration import migrate

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

SOON = timedelta(milliseconds=2)
T = TypeVar("T")


@cache
def _schema() -> bytes:
    """Return a database without anything in it: making one takes longer than most stories."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "doetank.db"
        asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
        return path.read_bytes()


def a_folder() -> Path:
    """Return a folder with an empty database, in memory where there is such a place: else each commit waits."""
    memory = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
    folder = Path(tempfile.mkdtemp(prefix="doetank-", dir=memory if os.access(memory, os.W_OK) else None))
    (folder / "doetank.db").write_bytes(_schema())
    return folder


class PowerCut(BaseException):
    """The end, in the middle of something: no `except Exception` of the bot's hears of it, as with SIGKILL."""


class MortalChat(MemoryChat):
    """A chat in memory. After `lives_for` more things that the bot does in it, the next one is its last.

    What it writes down for a message counts too, so that it dies inside a transaction as well as between a commit and
    its message. With `is_done` the last thing still reaches the chat, only the answer does not reach the bot.
    """

    lives_for: int | None = None
    is_done = False
    is_deaf = False
    is_busy = False
    """Whatever the bot does is to be tried again soon."""

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        if self.is_deaf:
            await asyncio.Event().wait()
        async for batch in super().batches(cursor):
            yield batch

    def render(self, document: Document, style: Style) -> Sequence[Rendered]:
        if self._is_last():
            raise PowerCut
        return super().render(document, style)

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        return await self._mortal(super().send(space, payload, key))

    async def edit(self, message: MessageRef, payload: Payload, key: str) -> Result:
        return await self._mortal(super().edit(message, payload, key))

    async def delete(self, message: MessageRef, key: str) -> Result:
        return await self._mortal(super().delete(message, key))

    async def react(self, message: MessageRef, sign: str, key: str) -> Result:
        return await self._mortal(super().react(message, sign, key))

    async def private(self, user: UserRef, key: str) -> Result:
        return await self._mortal(super().private(user, key))

    async def _mortal(self, act: Coroutine[Any, Any, Result]) -> Result:
        if self.is_busy:
            act.close()
            return Deferred(SOON, "busy")
        if not self._is_last():
            return await act
        if self.is_done:
            await act
        act.close()
        raise PowerCut

    def _is_last(self) -> bool:
        if self.lives_for is None:
            return False
        self.lives_for -= 1
        if self.lives_for >= 0:
            return False
        self.lives_for = None
        return True


class Stage:
    """The bot and its chat, from the outside; its database is in `folder`."""

    def __init__(self, folder: Path, local: str, packs: dict[str, Pack]) -> None:
        self.folder = folder
        self.clock = FakeClock(local)
        self.chat = MortalChat(self.clock.now)
        self._latest = self.clock.instant
        self._packs = packs
        self._runner = asyncio.Runner()
        self._house: House | None = None
        self._life: AbstractAsyncContextManager[None] | None = None

    @property
    def house(self) -> House:
        """The bot, which is up."""
        assert self._house is not None
        return self._house

    @property
    def latest(self) -> datetime:
        """The latest moment that the clock ever showed."""
        return max(self._latest, self.clock.instant)

    @property
    def is_up(self) -> bool:
        return self._house is not None

    def start(self) -> None:
        """Let the bot begin, or go on where it stopped or died."""
        self._house = House(self.folder, self.clock, self.chat, "nl", self._packs)
        self._life = self._house.running()
        self._lived(self._life.__aenter__())
        self.settle()

    def start_in_vain(self) -> None:
        """Let the bot begin while it hears nothing, and be stopped again."""
        house, stop = House(self.folder, self.clock, self.chat, "nl", self._packs), asyncio.Event()
        stop.set()

        async def vain() -> None:
            await house.store.open()
            await house.engine.run(stop, lambda: None)
            await house.store.close()

        self.chat.is_deaf = True
        self._runner.run(vain())
        self.chat.is_deaf = False

    def stop(self) -> None:
        """Let the bot end as it should."""
        life, self._life, self._house = self._life, None, None
        if life is not None:
            self._lived(life.__aexit__(None, None, None))

    def settle(self) -> None:
        """Let the bot do what there is to do; it may die of it."""
        if self._house is not None:
            self._lived(self._house.settle())

    def advance(self, by: timedelta) -> None:
        """Let time pass; all that is due on the way happens at its own moment, as long as the bot lives."""
        until = self.clock.instant + by
        if self._house is not None:
            self._lived(self._house.advance_to(until))
        self.move_clock(until)
        self.settle()

    def jump(self, by: timedelta) -> None:
        """Let it be so much later at once, as after a machine that slept; or earlier, when a clock is put right."""
        self.move_clock(self.clock.instant + by)
        if self._house is not None:
            self._lived(self._house.engine.timers.run_due())
            self.settle()

    def cannot_say(self, by: timedelta) -> None:
        """Let time pass in which the homeserver takes nothing from the bot; what falls due meanwhile does so."""
        until = self.clock.instant + by
        self.chat.is_busy = True
        if self._house is not None:
            self._lived(self._tried_in_vain(self._house, until))
        self.chat.is_busy = False
        self.move_clock(until)
        self.settle()

    async def _tried_in_vain(self, house: House, until: datetime) -> None:
        while (due := await house.next_due(until)) is not None:
            self.clock.instant = max(due, self.clock.instant)
            await house.engine.timers.run_due()
        await asyncio.sleep(2 * SOON.total_seconds())

    def move_clock(self, instant: datetime) -> None:
        self._latest = self.latest
        self.clock.instant = instant

    def ask(self, question: Awaitable[T]) -> T:
        """Return what the store says."""

        async def asked() -> T:
            return await question

        return self._runner.run(asked())

    def close(self) -> None:
        self.chat.lives_for = None
        self.stop()
        self._runner.close()
        shutil.rmtree(self.folder)

    def _lived(self, part: Coroutine[Any, Any, Any]) -> None:
        """Live this part of the bot's life; when it dies of it, it is down."""
        try:
            self._runner.run(part)
        except (PowerCut, Exception, BaseExceptionGroup) as end:
            # Whatever else goes wrong around a bot that is dead goes wrong because of that.
            if not self._is_dead() and not isinstance(end, PowerCut):
                raise

    def _is_dead(self) -> bool:
        """Bury it; say whether it had died of the power cut. Raises what it died of besides."""
        life, self._life, self._house = self._life, None, None
        if life is None:
            return True
        try:
            self._runner.run(life.__aexit__(None, None, None))
        except BaseExceptionGroup as ended:
            _power, rest = ended.split(PowerCut)
            if rest is not None:
                raise rest from None
            return True
        return False
