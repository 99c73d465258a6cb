"""Waiting when the homeserver says that it is asked too fast."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from doetank_bot.domain.error import Unreachable

LONGEST_WAIT = timedelta(minutes=1)

T = TypeVar("T")
Tell = Callable[[str], None]


async def patiently(ask: Callable[[], Awaitable[T]], tell: Tell) -> T:
    """Return what `ask` gives; wait when it is told to, up to a minute in all. Raises as `ask` does."""
    waited = timedelta()
    while True:
        try:
            return await ask()
        except Unreachable as trouble:
            wait = trouble.after
            if wait is None or waited + wait > LONGEST_WAIT:
                raise
        tell(f"The homeserver asks to wait {math.ceil(wait.total_seconds())} s.")
        await asyncio.sleep(wait.total_seconds())
        waited += wait
