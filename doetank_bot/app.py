"""The composition root: from settings to a running bot, and to a graceful stop."""

import asyncio
import contextlib
import fcntl
import signal
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import structlog

from doetank_bot.chat.matrix import MatrixChat, Session, load_session, login_with_password, save_session, whoami
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Region
from doetank_bot.domain.reference import UserRef
from doetank_bot.domain.strict_yaml import Problem
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import AuthLost, Clock
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.service.engine import TICK_FOR, Engine, Texts
from doetank_bot.service.recall import recall
from doetank_bot.settings import ConfigError, SecretKind, Settings, load_packs, read_school
from doetank_bot.store import mark
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

log = structlog.get_logger(__name__)

LOGIN_AGAIN_AFTER = timedelta(seconds=5)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current UTC instant."""
        return datetime.now(UTC)


class AlreadyRunning(Exception):
    """Another bot works on this database."""


async def serve(
    settings: Settings,
    *,
    clock: Clock,
    on_ready: Callable[[], None],
    stop: asyncio.Event,
    tick_for: timedelta = TICK_FOR,
) -> None:
    """Run the bot until `stop` is set.

    Raises Invalid (packs), ConfigError or AuthLost (login), AlreadyRunning, RestoreBrokenOff, and the store's errors
    for a database that cannot be used.
    """
    rules = rules_of(settings)
    for key in not_used_yet(settings):
        log.warning("setting_not_used_yet", key=key)
    database = database_file(settings)
    with single_instance(database.with_name(database.name + ".lock")):
        mark.check_whole(database)
        await migrate(settings.database.url)
        async with contextlib.AsyncExitStack() as stack:
            store = Store(settings.database.url, rules.me.account, FLOW_STATES)
            await store.open()
            stack.push_async_callback(store.close)
            session = await _until_reached(settings, stop)
            if session is None:
                return
            chat = MatrixChat(
                homeserver=session.homeserver,
                user_id=session.user_id,
                device_id=session.device_id,
                access_token=session.access_token,
                store_dir=settings.matrix.store_dir,
                allow_invites_from=settings.matrix.allow_invites_from,
            )
            stack.push_async_callback(chat.close)
            texts = Texts.load()
            if (put_back := mark.restored(database)) is not None:
                log.info("restored", at=put_back.at.isoformat())
                if not await _before(stop, recall(store, chat, clock, rules, texts, put_back.last_post)):
                    return
                mark.caught_up(database)
            engine = Engine(store, chat, clock, rules, texts, tick_for=tick_for)
            log.info("started", packs=sorted(rules.packs), homeserver=settings.matrix.homeserver)
            await engine.run(stop, on_ready)
            log.info("stopped")


def rules_of(settings: Settings) -> Rules:
    """Return what the core must know of the settings, the packs and the school holidays.

    Raises Invalid with every problem of every pack, or of the school holidays.
    """
    folders = [packs_dir(), *([settings.bot.packs_dir] if settings.bot.packs_dir else [])]
    holidays = settings.bot.holidays
    return Rules(
        me=UserRef(settings.matrix.user_id, settings.matrix.user_id),
        prefix=settings.bot.prefix,
        language=settings.bot.language,
        timezone=settings.bot.timezone,
        packs=load_packs(folders),
        calendar=calendar_for(holidays.add, holidays.skip),
        moderators=frozenset(settings.bot.moderators),
        region=Region(settings.bot.region) if settings.bot.region else None,
        school=read_school(settings.bot.breaks_file or breaks_file()),
    )


def not_used_yet(settings: Settings) -> tuple[str, ...]:
    """Return the settings that were set although this version does nothing with them."""
    known = {
        "health.listen": settings.health.listen,
    }
    return tuple(key for key, value in known.items() if value is not None)


def database_file(settings: Settings) -> Path:
    """Return the database's file."""
    return Path(settings.database.url.partition(":///")[2].partition("?")[0])


async def log_in(settings: Settings) -> Session:
    """Return a login that works, kept in the store folder; a password makes a new one only when the kept one is gone.

    Raises ConfigError when the secret or the account is not the one configured, AuthLost when the homeserver refuses
    it, Unreachable.
    """
    matrix = settings.matrix
    secret = settings.secret()
    kept = load_session(matrix.store_dir)
    if secret.kind is SecretKind.ACCESS_TOKEN:
        session = await whoami(matrix.homeserver, secret.value.get_secret_value())
        _check_account(settings, session)
    elif kept is not None and _is_for(kept, settings) and await _still_works(kept):
        return kept
    else:
        device = matrix.device_id or (kept.device_id if kept else "DOETANK" + token_hex(4).upper())
        password = secret.value.get_secret_value()
        session = await login_with_password(matrix.homeserver, matrix.user_id, password, device)
    save_session(matrix.store_dir, session)
    return session


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)


@contextlib.contextmanager
def single_instance(lock_file: Path) -> Iterator[None]:
    """Hold the instance lock of a database while the block runs. Raises AlreadyRunning."""
    with lock_file.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield


async def _before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; break it off and return False when asked to stop before it was done."""
    task, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        is_done = task.done()
    finally:
        for one in (task, stopping):
            one.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)
    if is_done:
        task.result()
    return is_done


async def _until_reached(settings: Settings, stop: asyncio.Event) -> Session | None:
    """Log in, however long the homeserver stays away; None when asked to stop before."""
    while not stop.is_set():
        try:
            return await log_in(settings)
        except Unreachable as trouble:
            log.warning("homeserver_unreachable", reason=str(trouble))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOGIN_AGAIN_AFTER.total_seconds())
    return None


def _is_for(session: Session, settings: Settings) -> bool:
    matrix = settings.matrix
    is_device = matrix.device_id in {None, session.device_id}
    return is_device and (session.homeserver, session.user_id) == (matrix.homeserver, matrix.user_id)


async def _still_works(session: Session) -> bool:
    try:
        found = await whoami(session.homeserver, session.access_token)
    except AuthLost:
        return False
    return (found.user_id, found.device_id) == (session.user_id, session.device_id)


def _check_account(settings: Settings, session: Session) -> None:
    matrix = settings.matrix
    file = str(matrix.access_token_file)
    if session.user_id != matrix.user_id:
        remedy = f"Use a token of {matrix.user_id}, or set matrix.user_id to {session.user_id}"
        raise ConfigError(Problem(file, 0, "matrix.user_id", f"this token belongs to {session.user_id}", remedy))
    if matrix.device_id not in {None, session.device_id}:
        remedy = f"Set matrix.device_id to {session.device_id}, or leave it out"
        raise ConfigError(Problem(file, 0, "matrix.device_id", "this token belongs to another device", remedy))
