"""Whether this bot can run here: each finding one line, with its remedy.

Changes nothing but, at the first login, the kept login.
"""

import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from shutil import disk_usage

from doetank_bot.app import database_file, log_in
from doetank_bot.chat.matrix import SESSION_FILE, versions
from doetank_bot.domain.error import Unreachable
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import AuthLost
from doetank_bot.settings import ConfigError, Settings
from doetank_bot.store.backlog import ClosedRoom
from doetank_bot.store.migration import SchemaTooNew, Unreadable, quick_check, schema_is_current
from doetank_bot.store.uow import Store

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_REMEMBERED_FOR = timedelta(days=30)
_LEAST_FREE = 500 * 1024 * 1024
"""Bytes of free disk below which a backup or a busy week may not fit."""


class Weight(IntEnum):
    """How bad a finding is; the worst decides the exit code."""

    GOOD = 0
    BAD = 1
    BROKEN = 78


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it."""

    weight: Weight
    about: str
    text: str

    def __str__(self) -> str:
        """Return the line."""
        return f"{'ok   ' if self.weight is Weight.GOOD else 'wrong'}  {self.about}: {self.text}"


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Yield everything that `run` relies on, good or bad."""
    async for finding in _homeserver(settings):
        yield finding
    async for finding in _database(settings):
        yield finding
    async for finding in _rooms(settings):
        yield finding
    for finding in _files(settings):
        yield finding


async def _homeserver(settings: Settings) -> AsyncIterator[Finding]:
    address = settings.matrix.homeserver
    try:
        spoken = await versions(address)
    except Unreachable as trouble:
        yield _bad("homeserver", f"{address} does not answer ({trouble}). Check matrix.homeserver and that it is up")
        return
    yield _good("homeserver", f"{address} answers, up to Matrix {spoken[-1] if spoken else 'unknown'}")
    try:
        session = await log_in(settings)
    except ConfigError as trouble:
        yield Finding(Weight.BROKEN, "login", str(trouble.problem))
    except AuthLost as trouble:
        remedy = "Check matrix.user_id and the password or token file"
        yield Finding(Weight.BROKEN, "login", f"{address} refuses it ({trouble}). {remedy}")
    except Unreachable as trouble:
        yield _bad("login", f"no answer ({trouble}). Try again in a minute")
    else:
        yield _good("login", f"{session.user_id}")
        yield _good("device", f"{session.device_id}, kept in {settings.matrix.store_dir}")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    file = database_file(settings)
    if not file.exists():
        yield _good("database", f"{file} is not there yet; run makes it")
    else:
        yield await _damage(settings, file)
    folder = file.parent
    if not folder.is_dir():
        yield _bad("disk", f"the folder {folder} is not there. Make it: mkdir -p {folder}")
        return
    free = disk_usage(folder).free
    text = f"{free // 1024**2} MB free at {folder}"
    yield _good("disk", text) if free >= _LEAST_FREE else _bad("disk", f"{text}. Make room: 500 MB or more")


async def _rooms(settings: Settings) -> AsyncIterator[Finding]:
    """Rooms with a cycle in which the bot can say nothing; those it was put out of long ago wait for nobody."""
    if not database_file(settings).exists():
        return
    try:
        if not await schema_is_current(settings.database.url):
            return
        store = Store(settings.database.url, settings.matrix.user_id, FLOW_STATES)
        await store.open()
        try:
            async with store.read() as views:
                closed = await views.closed_rooms()
        finally:
            await store.close()
    except (SchemaTooNew, Unreadable):
        # Told already, as damage.
        return
    since = datetime.now(UTC).date() - _REMEMBERED_FOR
    for one in closed:
        if not one.is_left or one.paused_on is None or one.paused_on >= since:
            yield _bad("room", _closed(one, settings.matrix.user_id))


def _closed(one: ClosedRoom, me: str) -> str:
    what = f"{one.name} ({one.room})" if one.name else one.room
    if one.access.successor is not None:
        return f"{what} moved to {one.access.successor.native}, where the bot is not. Let someone there invite {me}"
    if one.is_left:
        return f"the bot was put out of {what}; its cycle is paused. Let a moderator there invite {me} again"
    return (
        f"the bot may not write in {what}; its steps wait. Let a moderator there give {me} the right to send messages"
    )


async def _damage(settings: Settings, file: Path) -> Finding:
    try:
        damage = await quick_check(settings.database.url)
        is_current = await schema_is_current(settings.database.url)
    except SchemaTooNew as trouble:
        return _bad("database", f"{trouble}. Install the version of the bot that made it, or a later one")
    except Unreadable as trouble:
        return _bad("database", f"{file} cannot be read as a database ({trouble}). Put a backup in its place")
    if damage:
        return _bad("database", f"{file} is damaged ({damage[0]}). Put a backup in its place")
    return _good("database", f"{file} is sound" + ("" if is_current else "; run brings its schema up to date"))


def _files(settings: Settings) -> Iterator[Finding]:
    """Secrets and members' words are for the bot's own user only."""
    matrix, database = settings.matrix, database_file(settings)
    for file in (
        matrix.password_file,
        matrix.access_token_file,
        matrix.store_dir / SESSION_FILE,
        database,
        database.with_name(database.name + "-wal"),
    ):
        if file is None or not file.exists():
            continue
        is_open = file.stat().st_mode & _OTHERS
        mode = stat.filemode(file.stat().st_mode)
        yield (
            _bad("files", f"others can read {file} ({mode}). Close it: chmod 600 {file}")
            if is_open
            else _good("files", f"{file} is for its owner only")
        )


def _good(about: str, text: str) -> Finding:
    return Finding(Weight.GOOD, about, text)


def _bad(about: str, text: str) -> Finding:
    return Finding(Weight.BAD, about, text)
