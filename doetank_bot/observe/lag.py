"""How long the event loop keeps its own work waiting: what a blocking call, or a machine that is too busy, costs."""

import asyncio
from datetime import timedelta

from doetank_bot.ports import Tally, Timed

FELT_EVERY = timedelta(seconds=1)


async def feel(tally: Tally) -> None:
    """Sleep a second, over and over until cancelled, and tally how much longer it took."""
    loop = asyncio.get_running_loop()
    while True:
        planned = loop.time() + FELT_EVERY.total_seconds()
        await asyncio.sleep(FELT_EVERY.total_seconds())
        tally.took(Timed.LOOP_LAG, timedelta(seconds=loop.time() - planned))
