"""Whether the database can be trusted: looked at before anything uses it, and each day while the bot runs."""

import asyncio
from datetime import timedelta
from pathlib import Path

import structlog

from doetank_bot.ports import Damaged
from doetank_bot.store import mark, sqlite
from doetank_bot.store.migration import Busy, Unreadable, quick_check

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY = timedelta(days=1)


async def check_sound(url: str) -> None:
    """Look at the whole file; one that is not there yet is fine.

    Raises Damaged, Unreadable for a file that is no database or not there any more, Busy, OSError.
    """
    path = sqlite.file_of(url)
    if _has_content(path) and (found := await quick_check(url)):
        raise Damaged(found[0])
    if is_lost(path):
        raise Unreadable(f"it is gone. To begin with nothing, remove {mark.beside(path, 'backup.json')}")


def is_lost(path: Path) -> bool:
    """Return whether a database is empty or gone, though a backup says that it was not: a new one would forget all."""
    return not _has_content(path) and mark.beside(path, "backup.json").exists()


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


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
