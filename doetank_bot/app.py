"""The composition root: from settings to a running bot, and to a graceful stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import structlog

from doetank_bot.chat.matrix import (
    SESSION_FILE,
    MatrixChat,
    Session,
    load_session,
    login_on_kept_device,
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
from doetank_bot.ports import Clock, Damaged, LoginRanOut, first_of
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.engine import TICK_FOR, Engine, Texts
from doetank_bot.service.recall import recall
from doetank_bot.service.resting import rest
from doetank_bot.settings import ConfigError, SecretKind, Settings, load_packs, read_school
from doetank_bot.store import mark
from doetank_bot.store.backlog import Backlog
from doetank_bot.store.migration import migrate
from doetank_bot.store.soundness import LOOKED_AT_EVERY, check_sound, watch
from doetank_bot.store.uow import Store

log = structlog.get_logger(__name__)

VERSION = metadata.version("doetank-bot")

LONGEST_BETWEEN_LOGINS = 30.0
"""Seconds. A homeserver that lets each new login run out at once is not asked for many."""


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
    on_damage: Callable[[str], None] = lambda _: None,
    stop: asyncio.Event,
    tick_for: timedelta = TICK_FOR,
    look_every: timedelta = LOOKED_AT_EVERY,
) -> None:
    """Run the bot until `stop` is set, and look every `look_every` whether the database is sound.

    On one that is damaged it rests: `on_damage` is told what was found, in a thread, and nothing is posted but that it
    rests.
    Raises Invalid (packs), ConfigError or AuthLost (login), AlreadyRunning, CannotListen, RestoreBrokenOff, and the
    store's errors for a database that cannot be used.
    """
    rules, database = rules_of(settings), database_file(settings)
    with single_instance(lock_file(settings)) as presence:
        figures = Figures(clock, VERSION, presence.heard, presence.stuck)
        glance, is_ready = Glance(), asyncio.Event()
        presence.sign(figures.version, figures.started_at)
        health = Health(figures, glance, clock, lambda: is_ready.is_set() and not stop.is_set())
        mark.check_whole(database)

        def takes_messages() -> None:
            if not is_ready.is_set():
                is_ready.set()
                on_ready()

        async with _seen(health, settings.health.listen, figures):
            bot, damage = _Bot(settings, rules, clock, figures, stop, tick_for), ""
            try:
                await bot.work(glance, takes_messages, look_every)
            except* Damaged as found:
                damage = str(first_of(found))
            if damage:
                log.error("database_damaged", found=damage)
                figures.stuck(f"the database is damaged ({damage})")
                await asyncio.to_thread(on_damage, damage)
                await bot.rest()
        log.info("stopped")


class _Bot:
    """What works on the store and in the chat, or rests, through one login after another."""

    def __init__(
        self, settings: Settings, rules: Rules, clock: Clock, figures: Figures, stop: asyncio.Event, tick_for: timedelta
    ) -> None:
        self._settings = settings
        self._rules = rules
        self._clock = clock
        self._figures = figures
        self._stop = stop
        self._tick_for = tick_for
        self._texts = Texts.load()

    async def work(self, glance: Glance, on_ready: Callable[[], None], look_every: timedelta) -> None:
        """Do all that a bot does, until told to stop. Raises Damaged, alone or in a group; ConfigError, AuthLost."""
        url = self._settings.database.url
        await check_sound(url)
        await migrate(url)
        async with contextlib.AsyncExitStack() as stack:
            store = Store(url, self._rules.me.account, FLOW_STATES)
            await store.open()
            stack.push_async_callback(store.close)
            await stack.enter_async_context(glance.over(lambda: _backlog(store, self._clock)))
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(watch(url, look_every))
                await self._in_chat(lambda chat: self._lead(store, chat, on_ready))
                watching.cancel()

    async def rest(self) -> None:
        """Say that the bot rests to whoever asks, until told to stop. Raises ConfigError, AuthLost."""
        await self._in_chat(lambda chat: _before(self._stop, rest(chat, self._rules, self._texts)))

    async def _lead(self, store: Store, chat: MatrixChat, on_ready: Callable[[], None]) -> None:
        if not await self._has_caught_up(store, chat):
            return
        engine = Engine(
            store, chat, self._clock, self._rules, self._texts, tick_for=self._tick_for, tally=self._figures
        )
        log.info("started", packs=sorted(self._rules.packs), homeserver=self._settings.matrix.homeserver)
        await engine.run(self._stop, on_ready)

    async def _has_caught_up(self, store: Store, chat: MatrixChat) -> bool:
        """After a restore, remember what was said since; False when asked to stop before that was done."""
        database = database_file(self._settings)
        if (put_back := mark.restored(database)) is None:
            return True
        log.info("restored", at=put_back.at.isoformat())
        remembering = recall(store, chat, self._clock, self._rules, self._texts, put_back.last_post)
        if is_done := await _before(self._stop, remembering):
            mark.caught_up(database)
        return is_done

    async def _in_chat(self, work: Callable[[MatrixChat], Awaitable[object]]) -> None:
        """Log in and do the work; once more with a new login each time that one runs out."""
        backoff = Backoff(short=LONGEST_BETWEEN_LOGINS)
        while session := await self._logged_in():
            if not await self._ran_out(session, work):
                return
            await self._pause(backoff.failed())

    async def _ran_out(self, session: Session, work: Callable[[MatrixChat], Awaitable[object]]) -> bool:
        """Do the work to its end, or until the login runs out: then True."""
        matrix, has_run_out = self._settings.matrix, False
        chat = MatrixChat(
            session, store_dir=matrix.store_dir, allow_invites_from=matrix.allow_invites_from, tally=self._figures
        )
        try:
            await work(chat)
        except* LoginRanOut:
            log.info("login_ran_out")
            has_run_out = True
        finally:
            await chat.close()
        return has_run_out

    async def _logged_in(self) -> Session | None:
        """Log in, however long the homeserver stays away; None when asked to stop before."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                return await log_in(self._settings)
            except Unreachable as trouble:
                log.warning("homeserver_unreachable", reason=str(trouble))
                await self._pause(backoff.failed(trouble.after))
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until asked to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


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
