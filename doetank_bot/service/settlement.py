"""Writing down what became of posts: those that are answered while a transaction is under way share the next one."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from doetank_bot.domain.reference import PostId
from doetank_bot.ports import Clock, PostState, UnitOfWork
from doetank_bot.service.patience import Patience

_REST_S = 0.05
"""Between two transactions in a rush: its answers come one by one, and each transaction waits for the disk."""


@dataclass(frozen=True, slots=True)
class _Settled:
    post: PostId
    state: PostState
    native: str
    reason: str
    written: asyncio.Future[None]


class Settlement:
    """Settles posts. `run` writes, `settle` waits until it is written."""

    def __init__(self, uow: UnitOfWork, clock: Clock, patience: Patience, is_rush: Callable[[], bool]) -> None:
        """Take the collaborators; no I/O. `is_rush` says whether many are on their way."""
        self._uow = uow
        self._clock = clock
        self._patience = patience
        self._is_rush = is_rush
        self._answered: asyncio.Queue[_Settled] = asyncio.Queue()

    async def settle(self, post: PostId, state: PostState, native: str = "", reason: str = "") -> None:
        """Write the final state of a post, and return once it is committed."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answered.put_nowait(_Settled(post, state, native, reason, written))
        await written

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            settled = [await self._answered.get()]
            while not self._answered.empty():
                settled.append(self._answered.get_nowait())
            await self._patience.until_done(partial(self._write, settled))
            for one in settled:
                if not one.written.cancelled():
                    one.written.set_result(None)
            if self._is_rush():
                await asyncio.sleep(_REST_S)

    async def _write(self, settled: Sequence[_Settled]) -> None:
        async with self._uow.write() as work:
            for one in settled:
                await work.settle(one.post, one.state, one.native, self._clock.now(), one.reason)
