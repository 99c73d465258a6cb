"""Everything in its order: first what is on this machine, then what the homeserver says."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from doetank_bot.app import SystemClock, is_running
from doetank_bot.chat.matrix import Blocked, Inspector, Session, reach
from doetank_bot.check import account, backup, database, encryption, files, homeserver, limits, packs, rooms, texts
from doetank_bot.check.finding import About, Finding, good
from doetank_bot.ports import Clock
from doetank_bot.settings import Settings
from doetank_bot.store.look import GroupSeen

_LATELY = timedelta(days=7)


async def findings(
    settings: Settings, *, config: Path | None = None, clock: Clock | None = None
) -> AsyncIterator[Finding]:
    """Yield everything that `run` relies on, good or bad, each as soon as it is known.

    `config` is the file that the settings came from. Ends within three minutes, whatever the homeserver does.
    """
    clock = clock or SystemClock()
    now, is_busy = clock.now(), is_running(settings)
    # The modes first: later steps open these files.
    for finding in files.findings(settings, config):
        yield finding
    found, look = await database.examine(settings, now - _LATELY, is_running=is_busy)
    for finding in found:
        yield finding
    groups = look.groups if look else ()
    yield backup.finding(settings, now, has_groups=bool(groups))
    for finding in database.messages(look) if look else ():
        yield finding
    for finding in _from_files(settings, groups, now):
        yield finding
    async for finding in _from_homeserver(settings, groups, clock, is_running=is_busy):
        yield finding


def _from_files(settings: Settings, groups: Sequence[GroupSeen], now: datetime) -> Iterator[Finding]:
    yield from packs.findings(settings, groups)
    yield from texts.findings(settings, now.date())


async def _from_homeserver(
    settings: Settings, groups: Sequence[GroupSeen], clock: Clock, *, is_running: bool
) -> AsyncIterator[Finding]:
    asked_at = clock.now()
    reached = await reach(settings.matrix.homeserver)
    midway = asked_at + (clock.now() - asked_at) / 2
    for finding in homeserver.findings(settings.matrix.homeserver, reached, midway):
        yield finding
    unreadable = account.secret(settings)
    if unreadable:
        yield unreadable
    if unreadable or isinstance(reached, Blocked):
        return
    session = await account.login(settings, is_running=is_running)
    if isinstance(session, Finding):
        yield session
        return
    async for finding in _with_login(settings, session, groups):
        yield finding


async def _with_login(settings: Settings, session: Session, groups: Sequence[GroupSeen]) -> AsyncIterator[Finding]:
    own = [group for group in groups if group.account == session.user_id]
    async with Inspector(session, settings.matrix.store_dir) as inspector:
        yield good(About.LOGIN, session.user_id)
        yield await account.device(inspector, session, settings.matrix.store_dir)
        yield await encryption.finding(inspector, session, settings.matrix.store_dir)
        yield await limits.finding(inspector, session, sum(not group.is_left for group in own))
        async for finding in rooms.findings(inspector, own, settings.bot.moderators):
            yield finding
    for finding in rooms.of_others(groups, session.user_id):
        yield finding
