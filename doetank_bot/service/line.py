"""The line to the platform: what failed is tried again after a while, and not before the platform was heard of.

The listening alone finds out when a platform that was away is back, so that an outage costs one request at a time,
however many messages wait.
"""

import asyncio
from collections.abc import Callable


class Line:
    """Whether anybody is at the other end."""

    def __init__(self, is_away: Callable[[], bool]) -> None:
        """`is_away` says whether the listening is in trouble."""
        self._is_away = is_away
        self._heard = asyncio.Event()

    def heard(self) -> None:
        """A batch came: the platform is there."""
        self._heard.set()

    async def pause(self, seconds: float) -> None:
        """Wait so long before the next try, and as long as the platform is away."""
        await asyncio.sleep(seconds)
        while self._is_away():
            self._heard.clear()
            await self._heard.wait()
