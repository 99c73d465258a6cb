"""The door to the store: reads see one moment of it, writes happen whole or not at all, one at a time."""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.reference import GroupId
from doetank_bot.ports import Damaged, StoreUnavailable
from doetank_bot.store import sqlite
from doetank_bot.store.backlog import BacklogViews
from doetank_bot.store.group import StoredGroupViews
from doetank_bot.store.group_work import StoredGroupWork
from doetank_bot.store.inbox import InboxViews, InboxWork
from doetank_bot.store.known import KnownViews
from doetank_bot.store.outbox import OutboxViews, OutboxWork
from doetank_bot.store.people import PeopleViews, PeopleWork
from doetank_bot.store.place import PlaceWork
from doetank_bot.store.timer import TimerViews, TimerWork
from doetank_bot.store.transaction import Marks, Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


_REMEDIES = {
    errno.ENOSPC: "Make room on the disk of the database. The bot goes on by itself, and nothing is lost",
    errno.EROFS: "Let the bot's user write the database and its folder. The bot goes on by itself",
    errno.EACCES: "Let the bot's user write the database and its folder. The bot goes on by itself",
    errno.EIO: "The disk is full or gives errors: look after it. The bot goes on by itself when it works again",
}
_CLOSE_THAT = "Another program holds the database: close it. The bot goes on by itself, and nothing is lost"


class StoredViews(InboxViews, OutboxViews, TimerViews, KnownViews, PeopleViews, BacklogViews):
    """All there is to read (`ports.Views`), and the figures of it."""

    def group(self, group: GroupId) -> StoredGroupViews:
        """Return everything of one group."""
        return StoredGroupViews(self._connection, self._scope, self._marks, group)


class StoredWork(InboxWork, OutboxWork, TimerWork, PeopleWork, PlaceWork, StoredViews):
    """All there is to change (`ports.Work`)."""

    def group(self, group: GroupId) -> StoredGroupWork:
        """Return everything of one group, to change."""
        return StoredGroupWork(self._connection, self._scope, self._marks, group)


class Store:
    """A `ports.UnitOfWork` on the database at `url`, for the bot's login `account`.

    `flow_states` gives the model of each kind of flow. Open it once the schema is there (`migration.migrate`).
    """

    def __init__(self, url: str, account: str, flow_states: Mapping[str, type[FlowState]]) -> None:
        self._url = url
        self._scope = Scope(account, flow_states)
        self._turn = asyncio.Lock()
        self._log_holds_erased = False
        self._writer: AsyncEngine | None = None
        self._readers: AsyncEngine | None = None

    async def open(self) -> None:
        """Be ready to read and write. Raises ValueError when the url names no file."""
        sqlite.keep_to_owner(sqlite.file_of(self._url))
        self._writer = sqlite.writer(self._url)
        self._readers = sqlite.readers(self._url)

    async def close(self) -> None:
        """Let go of the database; what is under way ends first."""
        async with self._turn:
            for engine in (self._readers, self._writer):
                if engine is not None:
                    await engine.dispose()
            self._readers = self._writer = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[StoredViews]:
        """Give a look at the store as it is at the first question."""
        if self._readers is None:
            raise RuntimeError("the store is not open")
        async with _told(), self._readers.connect() as connection:
            yield StoredViews(connection, self._scope, Marks())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[StoredWork]:
        """Give the one write transaction: it commits at the end of the block and rolls back when the block raises."""
        async with self._turn:
            if self._writer is None:
                raise RuntimeError("the store is not open")
            marks = Marks()
            async with _told(), self._writer.begin() as connection:
                yield StoredWork(connection, self._scope, marks)
            if marks.is_erasing or self._log_holds_erased:
                # Committed: what fails from here on may not look as if it had not been. The next write tries again.
                self._log_holds_erased = not await sqlite.empty_log(self._writer)


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    """Say what an error of the database means for who uses the store; any other is our own fault."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as trouble:
        if sqlite.is_damage(trouble):
            raise Damaged(sqlite.reason(trouble)) from None
        if sqlite.is_held_by_others(trouble):
            raise StoreUnavailable(sqlite.reason(trouble), _CLOSE_THAT) from None
        number = sqlite.system_error(trouble)
        if number is None:
            raise
        raise StoreUnavailable(sqlite.reason(trouble), _REMEDIES[number]) from None
