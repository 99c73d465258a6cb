"""The composition root: from settings to a running bot, and to a graceful stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import structlog

from doetank_bot.chat.matrix import (
    FORMER_FILE,
    SESSION_FILE,
    KeysLost,
    MatrixChat,
    Session,
    forget_former,
    load_session,
    login_on_kept_device,
    retire_session,
    save_session,
    still_works,
    whoami,
)
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Region
from doetank_bot.domain.reference import UserRef
from doetank_bot.domain.strict_yaml import Problem
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.observe.figures import Figures
from doetank_bot.observe.glance import Glance
from doetank_bot.observe.health import Health
from doetank_bot.observe.lag import feel
from doetank_bot.observe.presence import look, single_instance
from doetank_bot.observe.server import listening
from doetank_bot.observe.systemd import keep_telling
from doetank_bot.ports import AuthLost, Clock, Tally
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.service.engine import TICK_FOR, Engine, Texts
from doetank_bot.service.former import settle_former
from doetank_bot.service.recall import recall
from doetank_bot.settings import ConfigError, SecretKind, Settings, load_packs, read_school
from doetank_bot.store import mark
from doetank_bot.store.backlog import Backlog
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

log = structlog.get_logger(__name__)

VERSION = metadata.version("doetank-bot")
LOGIN_AGAIN_AFTER = timedelta(seconds=5)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current UTC instant."""
        return datetime.now(UTC)


async def serve(
    settings: Settings,
    *,
    clock: Clock,
    on_ready: Callable[[], None],
    stop: asyncio.Event,
    tick_for: timedelta = TICK_FOR,
) -> None:
    """Run the bot until `stop` is set.

    Raises Invalid (packs), ConfigError or AuthLost (login), AlreadyRunning, CannotListen, RestoreBrokenOff, and the
    store's errors for a database that cannot be used.
    """
    rules, database = rules_of(settings), database_file(settings)
    # Takes 80 ms, which nobody has to wait for yet.
    texts = Texts.load()
    with single_instance(lock_file(settings)) as presence:
        figures, glance, is_ready = Figures(clock, VERSION, presence.heard), Glance(), asyncio.Event()
        presence.sign(figures.version, figures.started_at)
        health = Health(figures, glance, clock, lambda: is_ready.is_set() and not stop.is_set())
        mark.check_whole(database)
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(_seen(health, settings.health.listen, figures))
            await migrate(settings.database.url)
            store = Store(settings.database.url, rules.me.account, FLOW_STATES)
            await store.open()
            stack.push_async_callback(store.close)
            await stack.enter_async_context(glance.over(lambda: _backlog(store, clock)))
            chat = await _until_reached(settings, figures, stop)
            if chat is None:
                return
            stack.push_async_callback(chat.close)
            if not await _before(stop, _part_with_former(settings, store, clock)):
                return
            if (put_back := mark.restored(database)) is not None:
                log.info("restored", at=put_back.at.isoformat())
                if not await _before(stop, recall(store, chat, clock, rules, texts, put_back.last_post)):
                    return
                mark.caught_up(database)
            engine = Engine(store, chat, clock, rules, texts, tick_for=tick_for, tally=figures)
            log.info("started", packs=sorted(rules.packs), homeserver=settings.matrix.homeserver)

            def takes_messages() -> None:
                is_ready.set()
                on_ready()

            await engine.run(stop, takes_messages)
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


def database_file(settings: Settings) -> Path:
    """Return the database's file."""
    return Path(settings.database.url.partition(":///")[2].partition("?")[0])


def lock_file(settings: Settings) -> Path:
    """Return the file beside the database that whoever works on it locks."""
    return mark.beside(database_file(settings), "lock")


def is_running(settings: Settings) -> bool:
    """Return whether a bot works on the database now, as far as this user may see it."""
    try:
        return look(lock_file(settings)) is not None
    except OSError:
        return False


async def log_in(settings: Settings) -> Session:
    """Return a login that works, kept in the store folder; a password makes a new one only when the kept one is gone.

    Raises ConfigError when the secret or the account is not the one configured, or there is no secret and no login;
    AuthLost when the homeserver refuses it, Unreachable.
    """
    matrix = settings.matrix
    secret = settings.secret()
    if secret and secret.kind is SecretKind.ACCESS_TOKEN:
        session = await whoami(matrix.homeserver, secret.value.get_secret_value())
        _check_account(settings, session)
        if session != load_session(matrix.store_dir):
            save_session(matrix.store_dir, session)
        return session
    if working := await kept_login(settings):
        return working
    if secret is None:
        raise _no_login(settings, load_session(matrix.store_dir))
    return await login_on_kept_device(
        matrix.homeserver, matrix.user_id, secret.value.get_secret_value(), matrix.store_dir, matrix.device_id
    )


async def kept_login(settings: Settings) -> Session | None:
    """Return the login in the store folder when it is the configured account's and works. Raises Unreachable."""
    kept = load_session(settings.matrix.store_dir)
    return kept if kept is not None and _is_for(kept, settings) and await still_works(kept) else None


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)


@contextlib.asynccontextmanager
async def _seen(health: Health, listen: str | None, figures: Figures) -> AsyncIterator[None]:
    """Let the bot be seen from outside while the block runs: by systemd, and at an address where one is set."""
    async with contextlib.AsyncExitStack() as stack:
        if listen is not None:
            await stack.enter_async_context(listening(health, listen))
        tasks = [asyncio.create_task(feel(figures)), asyncio.create_task(keep_telling(figures.in_short))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def _backlog(store: Store, clock: Clock) -> Backlog:
    async with store.read() as views:
        return await views.backlog(clock.now())


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


async def _until_reached(settings: Settings, tally: Tally, stop: asyncio.Event) -> MatrixChat | None:
    """Log in and open the keys, however long the homeserver stays away; None when asked to stop before."""
    while not stop.is_set():
        try:
            return await _connected(settings, tally)
        except Unreachable as trouble:
            log.warning("homeserver_unreachable", reason=str(trouble))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOGIN_AGAIN_AFTER.total_seconds())
    return None


async def _connected(settings: Settings, tally: Tally) -> MatrixChat:
    """Return a chat whose keys are open: those of a new device, when the ones before are lost."""
    try:
        return await _opened(settings, tally)
    except KeysLost as lost:
        log.error("keys_lost", reason=str(lost), remedy="a new device takes over")  # noqa: TRY400 - no fault of ours
        retire_session(settings.matrix.store_dir)
    try:
        return await _opened(settings, tally)
    except KeysLost as lost:
        raise _same_device(settings, lost) from None


async def _opened(settings: Settings, tally: Tally) -> MatrixChat:
    chat = _chat(settings, await log_in(settings), tally)
    try:
        secret = settings.secret()
        is_password = secret is not None and secret.kind is SecretKind.PASSWORD
        await chat.begin(secret.value.get_secret_value() if secret and is_password else None)
    except BaseException:
        await chat.close()
        raise
    return chat


def _chat(settings: Settings, session: Session, tally: Tally | None = None) -> MatrixChat:
    matrix = settings.matrix
    return MatrixChat(session, store_dir=matrix.store_dir, allow_invites_from=matrix.allow_invites_from, tally=tally)


async def _part_with_former(settings: Settings, store: Store, clock: Clock) -> None:
    """Ask the device before this one, if there was one, what it still sent; then let the homeserver forget it."""
    folder = settings.matrix.store_dir
    former, now = load_session(folder, FORMER_FILE), load_session(folder)
    if former and now and former.device_id == now.device_id:
        former = None
    while former is not None:
        chat = _chat(settings, former)
        try:
            await settle_former(store, chat, clock)
            await chat.log_out()
        except AuthLost:
            log.warning("former_device_gone", device=former.device_id)
        except Unreachable as trouble:
            log.warning("homeserver_unreachable", reason=str(trouble))
            await asyncio.sleep(LOGIN_AGAIN_AFTER.total_seconds())
            continue
        finally:
            await chat.close()
        former = None
    forget_former(folder)


def _same_device(settings: Settings, lost: KeysLost) -> ConfigError:
    """Say that what is configured leads back to the device whose keys are lost."""
    matrix = settings.matrix
    if matrix.device_id:
        where, remedy = ("matrix.device_id", "Leave that setting out: the bot logs in on a new device by itself")
    else:
        where, remedy = ("matrix.access_token_file", "Give a password, or a token of a new device of the account")
    return ConfigError(Problem(str(matrix.access_token_file or ""), 0, where, str(lost), remedy))


def _is_for(session: Session, settings: Settings) -> bool:
    matrix = settings.matrix
    is_device = matrix.device_id in {None, session.device_id}
    return is_device and (session.homeserver, session.user_id) == (matrix.homeserver, matrix.user_id)


def _no_login(settings: Settings, kept: Session | None) -> ConfigError:
    """Say what there is instead of a login that works."""
    matrix = settings.matrix
    if kept is None or not kept.access_token:
        message = f"holds no login for {matrix.user_id}"
    elif not _is_for(kept, settings):
        message = f"holds a login for {kept.user_id} on {kept.homeserver}, not for {matrix.user_id} as configured"
    else:
        message = f"holds a login of {matrix.user_id} that the homeserver does not accept any more"
    return ConfigError(Problem(str(matrix.store_dir / SESSION_FILE), 0, "", message, "Run `doetank-bot init` again"))


def _check_account(settings: Settings, session: Session) -> None:
    matrix = settings.matrix
    file = str(matrix.access_token_file)
    if session.user_id != matrix.user_id:
        remedy = f"Use a token of {matrix.user_id}, or set matrix.user_id to {session.user_id}"
        raise ConfigError(Problem(file, 0, "matrix.user_id", f"this token belongs to {session.user_id}", remedy))
    if matrix.device_id not in {None, session.device_id}:
        remedy = f"Set matrix.device_id to {session.device_id}, or leave it out"
        raise ConfigError(Problem(file, 0, "matrix.device_id", "this token belongs to another device", remedy))
