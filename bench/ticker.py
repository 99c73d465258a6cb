"""Runs `doetank-bot` inside itself with a ticker in its event loop, and writes down how long the loop stood still.

usage: ticker.py run --config FILE; the record is `ticker.json` in the working directory (Linux only). With
BENCH_STACKS=1 it also writes `stacks.txt`: where the loop stood each time.
"""

import asyncio
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from doetank_bot.__main__ import main

EVERY = 0.010
NOTED_FROM = 0.050
N_NOTED = 200


class Ticker:
    """Wakes every 10 ms. A block is how much later than that it woke.

    Of that, `cpu` is the loop's own processor time, and for `waited` it could go on but had no processor.
    """

    def __init__(self) -> None:
        self.blocks: list[dict[str, float]] = [{"at": 0.0, "seconds": 0.0, "cpu": 0.0, "waited": 0.0}]
        self.worst = 0.0
        self.schedule = Path("/proc/thread-self/schedstat").open("rb", buffering=0)  # noqa: SIM115 - for all its life
        self.began = self.beat = time.monotonic()
        self.has_stacks = bool(os.environ.get("BENCH_STACKS"))
        self.loop_thread = threading.get_ident()

    async def run(self) -> None:
        """Tick until cancelled. Files are written by another thread: writing here would be a block of our own."""
        threading.Thread(target=self._record, daemon=True).start()
        while True:
            cpu, waited, before = time.thread_time(), self._waited(), time.monotonic()
            self.beat = before
            await asyncio.sleep(EVERY)
            late = time.monotonic() - before - EVERY
            if late > self.worst or late > NOTED_FROM:
                self.worst = max(self.worst, late)
                spent = {"cpu": time.thread_time() - cpu, "waited": min(late, self._waited() - waited)}
                self.blocks = [*self.blocks[-N_NOTED:], {"at": before - self.began, "seconds": late, **spent}]

    def _waited(self) -> float:
        """Return how long this thread stood in the row for a processor, in all, in seconds."""
        self.schedule.seek(0)
        return int(self.schedule.read(64).split()[1]) / 1e9

    def _record(self) -> None:
        written = self.blocks
        tick = threading.Event()
        while not tick.wait(0.02):
            if self.has_stacks and time.monotonic() - self.beat > EVERY + NOTED_FROM:
                self._note_stack()
            if self.blocks is not written:
                written = self.blocks
                Path("ticker.new").write_text(json.dumps({"worst": self.worst, "blocks": written}))
                Path("ticker.new").replace("ticker.json")

    def _note_stack(self) -> None:
        frame = sys._current_frames()[self.loop_thread]  # noqa: SLF001 - the only way to look into another thread
        with Path("stacks.txt").open("a") as file:
            file.write(f"--- at {self.beat - self.began:.3f}\n{''.join(traceback.format_stack(frame)[-9:])}\n")


def _run(main_task: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
    async def both() -> Any:
        ticking = asyncio.create_task(Ticker().run())
        try:
            return await main_task
        finally:
            ticking.cancel()

    return _asyncio_run(both(), **kwargs)


_asyncio_run = asyncio.run

if __name__ == "__main__":
    asyncio.run = _run  # type: ignore[assignment]
    main()
