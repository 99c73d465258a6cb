"""The engine: the running bot over any chat and any store."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from doetank_bot.commands.table import COMMANDS
from doetank_bot.domain.view import Rules
from doetank_bot.ports import ChatPort, Clock, Tally, UnitOfWork
from doetank_bot.service.dispatcher import Dispatcher
from doetank_bot.service.handler import Handler
from doetank_bot.service.intake import Intake
from doetank_bot.service.interpreter import Interpreter
from doetank_bot.service.outbox import Outbox
from doetank_bot.service.timekeeper import Timekeeper
from doetank_bot.service.timers import Timers
from doetank_bot.service.way_out import WayOut
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

TICK_FOR = timedelta(seconds=1)
LAST_WORDS_FOR = timedelta(seconds=5)
"""How long what is under way may take to finish once the bot is asked to stop."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What people read and type, loaded once at start."""

    catalogue: Catalogue
    words: WordTable

    @classmethod
    def load(cls) -> "Texts":
        """Read the catalogues and the word table from the package."""
        return cls(Catalogue.load(), WordTable.load())


def dispatching(
    uow: UnitOfWork,
    chat: ChatPort,
    clock: Clock,
    rules: Rules,
    texts: Texts,
    way_out: WayOut,
    tally: Tally | None = None,
) -> Dispatcher:
    """Wire what takes things in and makes posts for `way_out`; no I/O."""
    interpreter = Interpreter(uow, chat, way_out, texts.catalogue, texts.words, rules)
    handler = Handler(uow, chat, clock, rules, texts.catalogue, texts.words, COMMANDS)
    timekeeper = Timekeeper(uow, clock, rules, texts.catalogue, texts.words, tally)
    return Dispatcher(uow, handler, timekeeper, interpreter, clock, tally)


class Engine:
    """The running bot over one chat and one store."""

    def __init__(
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        clock: Clock,
        rules: Rules,
        texts: Texts,
        *,
        tick_for: timedelta = TICK_FOR,
        tally: Tally | None = None,
    ) -> None:
        """Wire everything; no I/O."""
        self._uow = uow
        self._chat = chat
        self.outbox = Outbox(uow, chat, clock, tally)
        self.dispatcher = dispatching(uow, chat, clock, rules, texts, self.outbox, tally)
        self.timers = Timers(uow, clock, self.dispatcher.fire, tick_for=tick_for)
        self.intake = Intake(
            uow,
            clock,
            me=rules.me,
            prefix=rules.prefix,
            hand_on=self.dispatcher.hand_on,
            is_unsettled=self.outbox.is_unsettled,
            echoed=self.outbox.echoed,
            readable=chat.readable,
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing that came in or fell due waits, is being handled, or is still to be sent."""
        return self.dispatcher.is_idle and self.timers.is_idle and self.outbox.is_idle

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Run until `stop` is set, then let what is under way finish. Raises AuthLost.

        Nothing is sent or fired before the first batch is in: our own echoes in it tell what the last run sent.
        """
        await self.dispatcher.load()
        async with asyncio.TaskGroup() as tasks:
            first = asyncio.Event()
            listening = tasks.create_task(self._listen(first))
            ending = tasks.create_task(stop.wait())
            beginning = tasks.create_task(first.wait())
            await asyncio.wait({beginning, ending, listening}, return_when=asyncio.FIRST_COMPLETED)
            working = [tasks.create_task(run()) for run in (self.dispatcher.run, self.outbox.run, self.timers.run)]
            if first.is_set():
                on_ready()
            await stop.wait()
            listening.cancel()
            await self._finish()
            for task in (*working, beginning):
                task.cancel()

    async def _listen(self, first: asyncio.Event) -> None:
        async with self._uow.read() as views:
            cursor = await views.cursor()
        async for batch in self._chat.batches(cursor):
            await self.intake.take(batch)
            first.set()

    async def _finish(self) -> None:
        """Wait until nothing is under way, no longer than a stop may take; the rest is done at the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_FOR.total_seconds()):
                while not self.is_idle:  # noqa: ASYNC110 - looked at only while stopping
                    await asyncio.sleep(0.05)
