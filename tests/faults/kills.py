"""SIGKILL at moments drawn from a seed: in the middle of a request, or some milliseconds into the work around it."""

import asyncio
import random
from collections.abc import Coroutine, Iterable
from enum import StrEnum

from faults.lives import Lives
from faults.proxy import Dropped, Seen, When
from homeserver import Homeserver


class Moment(StrEnum):
    """Where in a request the bot dies."""

    UNSENT = "its bytes never arrive"
    SENT = "they arrive when it is dead"
    DONE = "the homeserver did it and the answer finds nobody"
    AT_WORK = "some milliseconds later"


_WORKS_FOR = 0.2
_AFTER = {Moment.DONE, Moment.AT_WORK}


class Kills:
    """A proxy's `watch` that kills a bot, and the homeserver, in requests of given numbers.

    A request that dies with an earlier life never reaches its second moment: then it is the next one that does.
    """

    def __init__(self, lives: Lives, seed: int, homeserver: Homeserver) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a run that failed is played again by its seed
        self._lives = lives
        self._homeserver = homeserver
        self._bot: dict[int, Moment] = {}
        self._falls: set[int] = set()
        self._falling = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.n_bot = 0
        self.n_homeserver = 0

    def bot_at(self, numbers: Iterable[int]) -> None:
        """Kill the bot in these requests, each at a moment drawn now."""
        self._bot.update({number: self._chance.choice(list(Moment)) for number in numbers})

    def homeserver_at(self, numbers: Iterable[int]) -> None:
        """Let the homeserver fall in these requests, and rise again."""
        self._falls.update(numbers)

    @property
    def n_left(self) -> int:
        """How many kills are still to come, or under way."""
        return len(self._bot) + len(self._falls) + len(self._tasks)

    async def watch(self, seen: Seen) -> None:
        """Kill when the moment is there. Raises Dropped."""
        is_after = seen.when is When.AFTER
        if is_after and (fall := min(self._falls, default=seen.number + 1)) <= seen.number:
            self._falls.discard(fall)
            self._later(self._fall())
        fitting = [number for number, moment in self._bot.items() if (moment in _AFTER) is is_after]
        due = min(fitting, default=seen.number + 1)
        if due > seen.number:
            return
        moment = self._bot.pop(due)
        self.n_bot += 1
        if moment is Moment.AT_WORK:
            self._later(self._soon(self._chance.uniform(0, _WORKS_FOR)))
            return
        self._lives.kill()
        if moment is Moment.UNSENT:
            raise Dropped

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _soon(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._lives.kill()

    async def _fall(self) -> None:
        async with self._falling:
            self.n_homeserver += 1
            await asyncio.to_thread(self._homeserver.kill)
            await asyncio.to_thread(self._homeserver.restart)
