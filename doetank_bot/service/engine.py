"""The engine: the running bot over any chat and any store."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from doetank_bot.commands.table import COMMANDS
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Group
from doetank_bot.domain.view import Rules
from doetank_bot.ports import Batch, ChatPort, Clock, DuePost, Halt, InboxRow, Tally, UnitOfWork
from doetank_bot.service.dispatcher import Dispatcher
from doetank_bot.service.handler import Handler
from doetank_bot.service.intake import Intake
from doetank_bot.service.interpreter import Interpreter
from doetank_bot.service.line import Line
from doetank_bot.service.outbox import Outbox
from doetank_bot.service.patience import Patience
from doetank_bot.service.timekeeper import Timekeeper
from doetank_bot.service.timers import Timers
from doetank_bot.service.undelivered import Undelivered
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

log = structlog.get_logger(__name__)

TICK_FOR = timedelta(seconds=1)
HEARS_FIRST_FOR = timedelta(seconds=30)
"""How long what was said meanwhile may hold up what the bot says itself: after a long night there can be thousands."""
LISTENS_AGAIN_AFTER = timedelta(seconds=4)
"""How long what people say may wait in a rush, in which a homeserver is busy anyway."""
WATCH_EVERY = timedelta(minutes=5)
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


def dispatching(  # noqa: PLR0913, PLR0917 - one argument for each thing that is wired
    uow: UnitOfWork,
    chat: ChatPort,
    clock: Clock,
    rules: Rules,
    texts: Texts,
    interpreter: Interpreter,
    line: Line,
    patience: Patience,
    tally: Tally | None = None,
) -> Dispatcher:
    """Wire what takes things in and hands what they lead to to `interpreter`; no I/O."""
    handler = Handler(uow, chat, clock, rules, texts.catalogue, texts.words, COMMANDS)
    timekeeper = Timekeeper(uow, chat, clock, rules, texts.catalogue, texts.words, tally)
    return Dispatcher(uow, handler, timekeeper, interpreter, clock, line, patience, tally)


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
        self._line = Line(lambda: chat.is_away)
        self._patience = Patience(tally)
        self.outbox = Outbox(
            uow, chat, clock, self._line, self._patience, tally, hand_on=self._hand_on, give_up=self._give_up
        )
        interpreter = Interpreter(uow, chat, self.outbox, texts.catalogue, texts.words, rules)
        self._undelivered = Undelivered(uow, interpreter, clock, rules)
        self.dispatcher = dispatching(uow, chat, clock, rules, texts, interpreter, self._line, self._patience, tally)
        self.timers = Timers(uow, clock, self.dispatcher.fire, self._patience, tick_for=tick_for)
        self.intake = Intake(
            uow,
            clock,
            me=rules.me,
            prefix=rules.prefix,
            hand_on=self.dispatcher.hand_on,
            is_unsettled=self.outbox.is_unsettled,
            echoed=self.outbox.echoed,
            readable=chat.readable,
            retold=chat.retold,
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing that came in or fell due waits, is being handled, or is still to be sent."""
        return self.dispatcher.is_idle and self.timers.is_idle and self.outbox.is_idle

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Run until `stop` is set, then let what is under way finish. Raises Halt.

        Nothing is sent or fired before the first batch is in, for our own echoes in it tell what the last run sent;
        and handled: nobody who left meanwhile is named, and no word that was deleted meanwhile is said.
        """
        async with asyncio.TaskGroup() as tasks:
            first = asyncio.Event()
            listening = tasks.create_task(self._listen(first))
            ending = tasks.create_task(stop.wait())
            beginning = tasks.create_task(self._begin(first))
            await asyncio.wait({beginning, ending}, return_when=asyncio.FIRST_COMPLETED)
            working = []
            if beginning.done():
                working += [tasks.create_task(run()) for run in (self.dispatcher.run, self._speak, self._watch)]
                on_ready()
            await stop.wait()
            listening.cancel()
            if working:
                await self._finish()
            for task in (*working, beginning):
                task.cancel()

    async def _begin(self, first: asyncio.Event) -> None:
        await first.wait()
        await self.outbox.load()

    def _hand_on(self, rows: Sequence[InboxRow]) -> None:
        self.dispatcher.hand_on(rows)

    async def _give_up(self, post: DuePost, reason: str) -> None:
        await self._undelivered.give_up(post, reason)

    async def _speak(self) -> None:
        try:
            async with asyncio.timeout(HEARS_FIRST_FOR.total_seconds()):
                await self.dispatcher.caught_up()
        except TimeoutError:
            log.warning("speaks_before_all_is_heard", seconds=HEARS_FIRST_FOR.total_seconds())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.outbox.run())
            tasks.create_task(self.timers.run())
            tasks.create_task(self._look_ahead())

    async def _look_ahead(self) -> None:
        """Ask of each room what the first message after a start has to ask, while nobody waits for it."""
        groups = await self._patience.until_done(self._groups)
        # It is asked again by the message itself.
        with contextlib.suppress(Unreachable):
            for group in groups:
                if group.settings.access.is_open:
                    await self._chat.encryption(group.space)

    async def _groups(self) -> tuple[Group, ...]:
        async with self._uow.read() as views:
            return await views.groups()

    async def _listen(self, first: asyncio.Event) -> None:
        await self._patience.until_done(self.dispatcher.load)
        cursor = await self._patience.until_done(self._cursor)
        async for batch in self._chat.batches(cursor):
            await self._take(batch)
            self._line.heard()
            first.set()
            await self._let_go_first()

    async def _let_go_first(self) -> None:
        """Let many own messages go out: one answer with all their echoes costs a homeserver far less than one for each.

        No longer than people may be left waiting.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTENS_AGAIN_AFTER.total_seconds()):
                while self.outbox.is_rush:  # noqa: ASYNC110 - looked at only in a rush
                    await asyncio.sleep(0.05)

    async def _take(self, batch: Batch) -> None:
        # Until it is stored, the next is not asked for: what people say meanwhile waits at the homeserver.
        await self._patience.until_done(lambda: self.intake.take(batch))

    async def _cursor(self) -> str | None:
        async with self._uow.read() as views:
            return await views.cursor()

    async def _watch(self) -> None:
        """Look now and then whether there is something that cannot be read."""
        while True:
            await asyncio.sleep(WATCH_EVERY.total_seconds())
            try:
                await self._patience.until_done(self.dispatcher.tell_sealed)
            except Halt:
                raise
            except Exception:  # a line to the coach must not stop the others' messages
                log.exception("sealed_not_told")

    async def _finish(self) -> None:
        """Wait until nothing is under way, no longer than a stop may take; the rest is done at the next start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_FOR.total_seconds()):
                while not self.is_idle:  # noqa: ASYNC110 - looked at only while stopping
                    await asyncio.sleep(0.05)
