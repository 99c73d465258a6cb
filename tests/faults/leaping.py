"""An event loop in which hours pass in a moment: whenever nothing is ready, the time of the next timer has come."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Impatient(selectors.DefaultSelector):
    """Leaps over every wait, and remembers how far."""

    leapt = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for nothing."""
        self.leapt += max(timeout or 0.0, 0.0)
        return super().select(0)


class _Leaping(asyncio.SelectorEventLoop):
    """A loop on that selector."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """As if the waits had been waited."""
        return super().time() + self._impatient.leapt


def leaping(main: Coroutine[Any, Any, None]) -> None:
    """Run `main`, whose waits are all timers, without waiting."""
    with asyncio.Runner(loop_factory=_Leaping) as runner:
        runner.run(main)
