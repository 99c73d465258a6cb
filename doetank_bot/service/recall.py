"""After a restore: remember what the bot did since the backup, instead of doing it again.

The database is of an earlier moment; the chat is not. So the time since is gone through once more, in its order and
with its own clock, with nothing sent: a post that is made again, and stands in the chat word for word, is that one.
Answers in its thread are then known as answers, and steps that went out are done. What is made again and is not found
is not sent either: it may have been said in other words. All ends at the bot's last message; what came after that
nobody took up yet, and the bot that starts now does.

The cursor stays where it was until the end, and all that is done on the way is done once, so a bot that is killed
meanwhile begins again.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime

import structlog

from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import PostId
from doetank_bot.domain.view import Rules
from doetank_bot.ports import (
    Batch,
    ChatPort,
    Clock,
    InboxRow,
    TimerRow,
    UnitOfWork,
)
from doetank_bot.service.engine import Texts, dispatching
from doetank_bot.service.hindsight import Hindsight, hindsight
from doetank_bot.service.intake import Intake
from doetank_bot.service.interpreter import Interpreter
from doetank_bot.service.line import Line
from doetank_bot.service.patience import Patience
from doetank_bot.service.said import Said

log = structlog.get_logger(__name__)


class Then:
    """A clock that shows the instant that is gone through."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return that instant."""
        return self.instant


class _Past:
    """The time since the backup, gone through with the bot's own parts."""

    def __init__(
        self, uow: UnitOfWork, chat: ChatPort, rules: Rules, texts: Texts, gap: Hindsight, last_post: PostId
    ) -> None:
        self._uow = uow
        self._gap = gap
        self._clock = Then(gap.past[0][0])
        self._said = Said(chat, gap, last_post)
        interpreter = Interpreter(uow, chat, self._said, texts.catalogue, texts.words, rules)
        line = Line(lambda: chat.is_away)
        self._dispatcher = dispatching(uow, chat, self._clock, rules, texts, interpreter, line, Patience())
        self._intake = _intake(uow, chat, self._clock, rules, self._dispatcher.hand_on)

    async def go_through(self, cursor: str, until: datetime) -> None:
        """Take everything up at its own instant; the cursor stays `cursor`."""
        await self._begin()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._dispatcher.run())
            await self._settled()
            for instant, item in self._gap.past:
                await self._fire_until(instant)
                await self._intake.take(Batch(cursor, (item,)))
                await self._settled()
            await self._fire_until(until)
            working.cancel()
        async with self._uow.write() as work:
            n_lost = await self._said.give_up(work)
        log.info("recalled", n_taken_up=len(self._gap.past), n_own=len(self._gap.own), n_not_found=n_lost)

    async def _begin(self) -> None:
        await self._dispatcher.load()
        async with self._uow.read() as views:
            self._said.offer(await views.waiting_posts())
            for message in self._gap.own:
                if await views.post_at(message.ref) is not None:
                    self._said.claim(message.ref)

    async def _settled(self) -> None:
        while not self._dispatcher.is_idle:  # noqa: ASYNC110 - gone through once, at a start after a restore
            await asyncio.sleep(0.001)
        async with self._uow.write() as work:
            await self._said.settle(work, self._clock.now())

    async def _fire_until(self, instant: datetime) -> None:
        while due := await self._due(instant):
            self._clock.instant = max(self._clock.instant, due[0].due_at)
            await self._dispatcher.fire(due[0])
            await self._settled()
        self._clock.instant = max(self._clock.instant, instant)

    async def _due(self, instant: datetime) -> tuple[TimerRow, ...]:
        async with self._uow.read() as views:
            return await views.due_timers(instant)


async def recall(uow: UnitOfWork, chat: ChatPort, clock: Clock, rules: Rules, texts: Texts, last_post: int) -> None:
    """Go through the time since a backup whose last outbox row is `last_post`.

    The homeserver is asked until it answers. Raises AuthLost.
    """
    async with uow.read() as views:
        cursor = await views.cursor()
    if cursor is None:
        return
    batch = await _first(chat, cursor)
    gap = hindsight(batch, rules.me, clock.now())
    if gap.until is not None:
        await _Past(uow, chat, rules, texts, gap, PostId(last_post)).go_through(cursor, gap.until)
    # What came after waits in the store for the bot that starts next.
    await _intake(uow, chat, clock, rules, lambda _rows: None).take(Batch(batch.cursor, gap.rest))


async def _first(chat: ChatPort, cursor: str) -> Batch:
    async for batch in (batches := chat.batches(cursor)):
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()
        return batch
    raise Unreachable("the chat ended")


def _intake(
    uow: UnitOfWork, chat: ChatPort, clock: Clock, rules: Rules, hand_on: Callable[[Sequence[InboxRow]], None]
) -> Intake:
    """Return an intake that holds every message of our own against the store: nobody waits for an answer."""
    return Intake(
        uow,
        clock,
        me=rules.me,
        prefix=rules.prefix,
        hand_on=hand_on,
        is_unsettled=lambda _key: True,
        echoed=lambda _keys: None,
        readable=chat.readable,
        retold=chat.retold,
    )
