"""A process that dies in the middle of a migration: before its n-th statement that changes anything, or the commit."""

import asyncio
import os

from faults.lives import FORKS
from sqlalchemy import Engine, event

from doetank_bot.store.migration import migrate

_DIED = 9


async def dies(url: str, number: int) -> bool:
    """Migrate in a process of its own; whether it died, because there are so many such statements."""
    process = FORKS.Process(target=_migrated, args=(url, number), daemon=True)
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode in {0, _DIED}
    return process.exitcode == _DIED


def _migrated(url: str, number: int) -> None:
    left = number

    def reach() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(_DIED)

    def execute(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] not in {"PRAGMA", "SELECT"}:
            reach()

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", lambda _: reach())
    asyncio.run(migrate(url))
