"""Whether the database can be trusted: looked at before anything uses it, and each day while the bot runs."""

import asyncio
from datetime import timedelta

import structlog

from doetank_bot.ports import Damaged
from doetank_bot.store import sqlite
from doetank_bot.store.migration import Busy, Unreadable, quick_check

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY = timedelta(days=1)


async def check_sound(url: str) -> None:
    """Look at the whole file. Raises Damaged, Unreadable for a file that is no database, Busy, OSError."""
    path = sqlite.file_of(url)
    if path.exists() and path.stat().st_size and (found := await quick_check(url)):
        raise Damaged(found[0])


async def watch(url: str, every: timedelta = LOOKED_AT_EVERY) -> None:
    """Look again after each `every`, until cancelled. Raises Damaged."""
    while True:
        await asyncio.sleep(every.total_seconds())
        try:
            await check_sound(url)
        except Unreadable as trouble:
            raise Damaged(str(trouble)) from None
        except (Busy, OSError) as trouble:
            log.warning("database_not_looked_at", reason=type(trouble).__name__)
        else:
            log.info("database_sound")
