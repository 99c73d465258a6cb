"""What everyone does while the store takes nothing, as on a full disk: wait, and try again until it does.

Nothing is dropped meanwhile. What came in waits at the homeserver, for the cursor does not move; what goes out waits in
the store. Work that is tried again must have left nothing when it failed, as a transaction does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog

from doetank_bot.ports import NoTally, StoreUnavailable, Tally

log = structlog.get_logger(__name__)

LONGEST_WAIT_FOR_SECONDS = 8
SAID_EVERY_SECONDS = 60

T = TypeVar("T")


class Patience:
    """Shared by all who use one store: what one of them meets holds up what the others would send."""

    def __init__(self, tally: Tally | None = None) -> None:
        """Begin with a store that works."""
        self._tally = tally or NoTally()
        self._works = asyncio.Event()
        self._works.set()
        self._n_stuck = 0
        self._said_at: float | None = None

    async def until_done(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work, again and again while the store is unavailable; return what it returns, raise what it raises."""
        try:
            return await work()
        except StoreUnavailable as trouble:
            self._say(trouble)
        with self._being_stuck():
            return await self._again(work)

    async def store_works(self) -> None:
        """Wait until nobody is stuck."""
        await self._works.wait()

    async def _again(self, work: Callable[[], Awaitable[T]]) -> T:
        wait_for = 1
        while True:
            await asyncio.sleep(wait_for)
            wait_for = min(wait_for * 2, LONGEST_WAIT_FOR_SECONDS)
            try:
                return await work()
            except StoreUnavailable as trouble:
                self._say(trouble)

    @contextmanager
    def _being_stuck(self) -> Iterator[None]:
        self._n_stuck += 1
        self._works.clear()
        is_over = True
        try:
            yield
        except asyncio.CancelledError:
            is_over = False
            raise
        finally:
            self._n_stuck -= 1
            if not self._n_stuck:
                self._works.set()
                self._tally.stuck("")
                if is_over:
                    log.info("store_works_again")

    def _say(self, trouble: StoreUnavailable) -> None:
        """Tell the operator, at most once a minute however many are stuck."""
        self._tally.stuck(str(trouble))
        now = asyncio.get_running_loop().time()
        if self._said_at is None or now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            log.error("store_takes_nothing", reason=str(trouble), remedy=trouble.remedy)
