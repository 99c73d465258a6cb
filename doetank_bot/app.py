"""The composition root: from settings to a running bot, and to a graceful stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import structlog

from doetank_bot.chat.matrix import MatrixChat
from doetank_bot.device import connected, part_with_former
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Region
from doetank_bot.domain.reference import UserRef
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.observe.figures import Figures
from doetank_bot.observe.glance import Glance
from doetank_bot.observe.health import Health
from doetank_bot.observe.lag import feel
from doetank_bot.observe.presence import look, single_instance
from doetank_bot.observe.server import listening
from doetank_bot.observe.systemd import keep_telling
from doetank_bot.ports import Clock, Damaged, KeysStuck, LoginRanOut, first_of
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.engine import TICK_FOR, Engine, Texts
from doetank_bot.service.recall import recall
from doetank_bot.service.resting import rest
from doetank_bot.settings import Settings, load_packs, read_school
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
    rests. Raises Invalid (packs), ConfigError or AuthLost (login), AlreadyRunning, CannotListen, RestoreBrokenOff, and
    the store's errors for a database that cannot be used.
    """
    rules, database = rules_of(settings), database_file(settings)
    # Takes 80 ms, which nobody has to wait for yet.
    texts = Texts.load()
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
            bot, damage = _Bot(settings, clock, rules, texts, figures, tick_for, stop), ""
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


async def _before(end: Coroutine[Any, Any, object], work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; break it off and return False when `end` comes before it was done. Raises what either raises."""
    working, ending = asyncio.create_task(work), asyncio.create_task(end)
    try:
        await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
        is_done = working.done()
        ended = working if is_done else ending
    finally:
        for one in (working, ending):
            one.cancel()
        await asyncio.gather(working, ending, return_exceptions=True)
    ended.result()
    return is_done


@dataclass(frozen=True, slots=True)
class _Bot:
    """The bot: it works on its store, or rests, through one login after another, until told to stop."""

    settings: Settings
    clock: Clock
    rules: Rules
    texts: Texts
    figures: Figures
    tick_for: timedelta
    stop: asyncio.Event

    async def work(self, glance: Glance, on_ready: Callable[[], None], look_every: timedelta) -> None:
        """Do all that a bot does. Raises ConfigError, AuthLost; Damaged, alone or in a group."""
        url = self.settings.database.url
        await check_sound(url)
        await migrate(url)
        async with contextlib.AsyncExitStack() as stack:
            store = Store(url, self.rules.me.account, FLOW_STATES)
            await store.open()
            stack.push_async_callback(store.close)
            await stack.enter_async_context(glance.over(lambda: _backlog(store, self.clock)))
            working = self._through_logins(lambda chat: self._live(store, chat, on_ready))
            await _before(watch(url, look_every), working)

    async def rest(self) -> None:
        """Say that it rests to whoever asks. Raises ConfigError, AuthLost."""
        await self._through_logins(self._rest)

    async def _through_logins(self, act: Callable[[MatrixChat], Awaitable[None]]) -> None:
        """Do it in the chat, until told to stop; a login that runs out is renewed."""
        backoff = Backoff(short=LONGEST_BETWEEN_LOGINS)
        while chat := await self._connected():
            if not await self._ran_out(chat, act):
                return
            await _paused(self.stop, backoff.failed())

    async def _connected(self) -> MatrixChat | None:
        """Log in and open the keys, however long the homeserver stays away; None when told to stop before."""
        backoff = Backoff()
        while not self.stop.is_set():
            try:
                return await connected(self.settings, self.figures)
            except Unreachable as trouble:
                log.warning("homeserver_unreachable", reason=str(trouble))
                await _paused(self.stop, backoff.failed(trouble.after))
            except KeysStuck as trouble:
                _keys_stuck(trouble)
                await _paused(self.stop, backoff.failed())
        return None

    async def _ran_out(self, chat: MatrixChat, act: Callable[[MatrixChat], Awaitable[None]]) -> bool:
        """Do it until told to stop, or until the login runs out or its keys cannot be kept: then True."""
        has_run_out = False
        try:
            await act(chat)
        except* LoginRanOut:
            log.info("login_ran_out")
            has_run_out = True
        except* KeysStuck as trouble:
            _keys_stuck(first_of(trouble))
            has_run_out = True
        finally:
            await chat.close()
        return has_run_out

    async def _live(self, store: Store, chat: MatrixChat, on_ready: Callable[[], None]) -> None:
        if not await _before(self.stop.wait(), part_with_former(self.settings, store, self.clock)):
            return
        if not await self._has_caught_up(store, chat):
            return
        engine = Engine(store, chat, self.clock, self.rules, self.texts, tick_for=self.tick_for, tally=self.figures)
        log.info("started", packs=sorted(self.rules.packs), homeserver=self.settings.matrix.homeserver)
        await engine.run(self.stop, on_ready)

    async def _rest(self, chat: MatrixChat) -> None:
        await _before(self.stop.wait(), rest(chat, self.rules, self.texts))

    async def _has_caught_up(self, store: Store, chat: MatrixChat) -> bool:
        """After a restore, remember what was said since; False when told to stop before that was done."""
        database = database_file(self.settings)
        if (put_back := mark.restored(database)) is None:
            return True
        log.info("restored", at=put_back.at.isoformat())
        remembering = recall(store, chat, self.clock, self.rules, self.texts, put_back.last_post)
        if is_done := await _before(self.stop.wait(), remembering):
            mark.caught_up(database)
        return is_done


def _keys_stuck(trouble: BaseException) -> None:
    log.error("keys_take_nothing", reason=str(trouble), remedy="make room on the disk")


async def _paused(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until asked to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
