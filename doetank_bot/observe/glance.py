"""A look at the store for everyone who asks: one at a time, at most one a second, and nobody waits long for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import structlog

from doetank_bot.store.backlog import Backlog

FRESH_FOR = timedelta(seconds=1)
ANSWERS_WITHIN = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class Glance:
    """Tells any number of callers how the store stands."""

    def __init__(self) -> None:
        """Begin without a store."""
        self._ask: Callable[[], Awaitable[Backlog]] | None = None
        self._asking: asyncio.Task[Backlog | None] | None = None
        self._asked_at = 0.0

    @contextlib.asynccontextmanager
    async def over(self, ask: Callable[[], Awaitable[Backlog]]) -> AsyncIterator[None]:
        """Get it by `ask` while the block runs; after it nothing of it is under way."""
        self._ask = ask
        try:
            yield
        finally:
            self._ask = None
            if self._asking is not None:
                self._asking.cancel()
                await asyncio.wait({self._asking})

    async def __call__(self) -> Backlog | None:
        """Return how it stands, a second old at most; None when there is no store, or no answer in time."""
        if self._ask is None:
            return None
        asking = self._current(self._ask)
        # Never cancelled: a store that hangs is asked once, however many wait for it.
        await asyncio.wait({asking}, timeout=ANSWERS_WITHIN.total_seconds())
        return asking.result() if asking.done() and not asking.cancelled() else None

    def _current(self, ask: Callable[[], Awaitable[Backlog]]) -> asyncio.Task[Backlog | None]:
        now = asyncio.get_running_loop().time()
        is_old = now - self._asked_at >= FRESH_FOR.total_seconds()
        if self._asking is None or (self._asking.done() and is_old):
            self._asked_at = now
            self._asking = asyncio.create_task(_answered(ask))
        return self._asking


async def _answered(ask: Callable[[], Awaitable[Backlog]]) -> Backlog | None:
    try:
        return await ask()
    except Exception as error:
        # Whatever the store has, it is no reason to stop the bot.
        log.warning("store_does_not_answer", exc_info=error)
        return None
