"""How many ask something of the platform at once: many while it goes well, one after another in trouble.

Messages go in rounds, when they are more than are let through together: Synapse does a hundred that come at once in two
thirds of the time of a hundred that come one by one (bench `due`).
When two places fail, those that come after them wait a while and then go one after another; each that goes through lets
twice as many go, without waiting. So trouble that is one room's own affair holds up no other, and that of some rooms
holds up others for a moment. After a rest it begins with a few: when hundreds are due just when the homeserver is gone,
a handful finds out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import Ambiguous, Deferred
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.line import Line

AT_FIRST = 4
_SLOW_SHARE = 8
"""A round is over when an eighth of it is still out, or all but one of a few."""

_T = TypeVar("_T")


class Window:
    """Lets tries through, in the order in which they come."""

    def __init__(self, line: Line, at_once: int, *, in_rounds: bool = False) -> None:
        """Take the line; nothing is in trouble. At most `at_once` are let through together, in rounds if told so."""
        self._line = line
        self._at_once = at_once
        self._in_rounds = in_rounds
        self.n_asking = 0
        """How many are out or wait for their turn."""
        self._backoff = Backoff()
        self._door = asyncio.Lock()
        self._back = asyncio.Event()
        self._n_out = 0
        self._n_allowed = AT_FIRST
        self._n_failures = 0
        self._failing: set[Hashable] = set()
        self._not_before = 0.0

    async def tried(self, place: Hashable, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Await `attempt`, for this place, when its turn comes; its result.

        Deferred, Ambiguous and Unreachable are trouble; None, and what else is raised, tell nothing of the platform.
        """
        self.n_asking += 1
        try:
            return await self._once_admitted(place, attempt)
        finally:
            self.n_asking -= 1

    async def _once_admitted(self, place: Hashable, attempt: Callable[[], Awaitable[_T]]) -> _T:
        await self._admitted()
        n_failures = self._n_failures
        try:
            result = await attempt()
        except Unreachable:
            self._failed(place, n_failures)
            raise
        finally:
            self._n_out -= 1
            self._back.set()
            if not self._n_out and not self._door.locked():
                self._n_allowed = min(self._n_allowed, AT_FIRST)
        if isinstance(result, Deferred | Ambiguous):
            self._failed(place, n_failures)
        elif result is not None:
            self._succeeded()
        return result

    async def _admitted(self) -> None:
        async with self._door:
            if self._n_out >= self._n_allowed:
                await self._room_made()
            if self.is_troubled:
                await self._line.pause(max(self._not_before - asyncio.get_running_loop().time(), 0))
            self._n_out += 1

    async def _room_made(self) -> None:
        """Wait until another may go: in rounds, until all are back but a few slow ones, for which nobody waits."""
        while self._n_out >= self._n_allowed or (self._in_rounds and self._n_out > self._n_slow):
            self._back.clear()
            await self._back.wait()

    @property
    def _n_slow(self) -> int:
        return max(self._n_allowed // _SLOW_SHARE, min(self._n_allowed, AT_FIRST) - 1)

    @property
    def is_troubled(self) -> bool:
        """Whether several places fail."""
        return len(self._failing) > 1

    def _failed(self, place: Hashable, n_failures: int) -> None:
        """One failed that began after so many failures: those that were under way with one tell nothing new."""
        self._failing.add(place)
        if n_failures != self._n_failures:
            return
        self._n_failures += 1
        self._n_allowed = 1
        if self.is_troubled:
            self._not_before = asyncio.get_running_loop().time() + self._backoff.failed()

    def _succeeded(self) -> None:
        self._n_allowed = min(self._n_allowed * 2, self._at_once)
        self._failing.clear()
        self._backoff.succeeded()
