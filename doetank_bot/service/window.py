"""How many posts are on their way at once: many while it goes well, one after another in trouble.

When one fails, those that come after it wait a while and then go one after another; each that goes through lets twice
as many go, without waiting. So trouble that is one room's own affair holds up no other for long. After a rest it
begins with a few: when hundreds are due just when the homeserver is gone, a handful finds out.
"""

import asyncio
from collections.abc import Awaitable, Callable

from doetank_bot.ports import Ambiguous, Deferred, Result
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.line import Line

AT_FIRST = 4
AT_ONCE = 64
"""More than keeps a homeserver busy."""


class Window:
    """Lets tries through, in the order in which they come."""

    def __init__(self, line: Line) -> None:
        """Take the line; nothing is in trouble."""
        self._line = line
        self._backoff = Backoff()
        self._door = asyncio.Lock()
        self._back = asyncio.Event()
        self._n_out = 0
        self._n_allowed = AT_FIRST
        self._n_failures = 0
        self._is_troubled = False
        self._not_before = 0.0

    async def tried(self, attempt: Callable[[], Awaitable[Result | None]]) -> Result | None:
        """Await `attempt` when its turn comes; its result, None when there was nothing to try any more."""
        await self._admitted()
        n_failures = self._n_failures
        try:
            result = await attempt()
        finally:
            self._n_out -= 1
            self._back.set()
            if not self._n_out and not self._door.locked():
                self._n_allowed = min(self._n_allowed, AT_FIRST)
        if isinstance(result, Deferred | Ambiguous):
            if n_failures == self._n_failures:
                self._failed()
        elif result is not None:
            self._succeeded()
        return result

    async def _admitted(self) -> None:
        async with self._door:
            while self._n_out >= self._n_allowed:
                self._back.clear()
                await self._back.wait()
            if self._is_troubled:
                await self._line.pause(max(self._not_before - asyncio.get_running_loop().time(), 0))
            self._n_out += 1

    def _failed(self) -> None:
        """One failed, and no other since it began: those that were under way with it tell nothing new."""
        self._n_failures += 1
        self._n_allowed = 1
        self._is_troubled = True
        self._not_before = asyncio.get_running_loop().time() + self._backoff.failed()

    def _succeeded(self) -> None:
        self._n_allowed = min(self._n_allowed * 2, AT_ONCE)
        self._is_troubled = False
        self._backoff.succeeded()
