"""A bot that gets a new life whenever it dies. Each life is a fork of a process that has the program loaded.

So a life costs a tenth of a second and not two, and hundreds of kills fit in a test. It is the program's own `serve`
with a configuration file; `doetank-bot run` itself is killed in test_kill_bursts.py and test_kill_scenario.py.
"""

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
# Python 3.11 looks for these on its own path only, which has the program and not the tests.
FORKS.set_forkserver_preload(["doetank_bot.cli.program"])

Life = Callable[..., None]
"""What a life does, until it ends; a function of a module, for another process calls it."""


class Lives:
    """One life after another of `life(*arguments)` in `folder`."""

    def __init__(self, folder: Path, life: Life, *arguments: Any) -> None:
        self.n_deaths = 0
        self.codes: list[int | None] = []
        self._folder = folder
        self._begin = (life, *arguments)
        self._process: BaseProcess | None = None
        self._may_live = asyncio.Event()
        self._may_live.set()

    def kill(self) -> None:
        """SIGKILL; the next life begins at once, if it may."""
        if self._process is not None:
            self._process.kill()

    @contextlib.asynccontextmanager
    async def dead(self) -> AsyncIterator[None]:
        """Killed, and dead while the block runs."""
        self._may_live.clear()
        self.kill()
        try:
            yield
        finally:
            self._may_live.set()

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator["Lives"]:
        """Live, while the block runs."""
        self._folder.mkdir(parents=True, exist_ok=True)
        task = asyncio.create_task(self._live())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.kill()
            if self._process is not None:
                await asyncio.to_thread(self._process.join)

    async def _live(self) -> None:
        while True:
            await self._may_live.wait()
            self._process = FORKS.Process(target=_born, args=(self._folder, *self._begin), daemon=True)
            self._process.start()
            await _ended(self._process)
            self.n_deaths += 1
            self.codes.append(self._process.exitcode)


async def _ended(process: BaseProcess) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()


def _born(folder: Path, life: Life, *arguments: Any) -> None:
    os.chdir(folder)
    log = os.open("stderr.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    life(*arguments)
