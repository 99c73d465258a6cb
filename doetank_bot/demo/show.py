"""The demo: a homeserver, the bot as it really starts, and people. It leaves the group's files, and no process."""

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from doetank_bot.app import serve, stop_on_signals
from doetank_bot.demo import finale, plays
from doetank_bot.demo.cast import BOT, CAST, PLACE, Words
from doetank_bot.demo.clock import DemoClock, last_whole_weeks
from doetank_bot.demo.homeserver import Account, Homeserver
from doetank_bot.demo.narrator import Narrator
from doetank_bot.demo.person import Person
from doetank_bot.demo.play import play
from doetank_bot.demo.script import Script
from doetank_bot.demo.stage import HomeserverStage
from doetank_bot.demo.terminal import Terminal
from doetank_bot.demo.work import BotWork
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.group import Language
from doetank_bot.domain.schedule import phase_of, to_utc
from doetank_bot.flows import FLOW_STATES
from doetank_bot.resources import packs_dir
from doetank_bot.settings import Settings, load_packs, load_settings
from doetank_bot.store.uow import Store

_TIMEZONE = "Europe/Amsterdam"
_PACK, _N_WEEKS = "doetank", 8
_INTERRUPTED = 128 + signal.SIGINT
_TICK_FOR = timedelta(milliseconds=50)
_LOOK_EVERY_SECONDS = 0.7
_FRESH = {"caches": {"sync_response_cache_duration": "0s"}}
"""The stage asks what the bot has left to read, again and again from the same place; the answer must be of now."""
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite end, and a terminal that is closed."""

_TITLE = Words("Een Doetank in {weeks} weken: {title}", "A do tank in {weeks} weeks: {title}")
_INTRO = Words(
    "De mensen en de {place} zijn verzonnen. De chat, de homeserver en de bot zijn echt; alleen de klok gaat sneller.",
    "The people and the {place} are made up. The chat, the homeserver and the bot are real; only the clock is faster.",
)
_STARTING = Words("Een homeserver start (een paar seconden) …", "A homeserver starts (a few seconds) …")
_WEEK = Words("{bar} Week {week} van {weeks} · {phase}", "{bar} Week {week} of {weeks} · {phase}")


def run(language: Language, console: Console, script: Script | None = None) -> int:
    """Play the demo on `console`, end all that it started, and return the exit code.

    What is played is a whole cycle, or `script`.

    On a terminal the bot goes on after the play, until it is told to stop. The code is 0, or 130 when told so before.

    Raises HomeserverError when there is no Synapse, MissedError when the bot does not do what the script waits for,
    and what `serve` raises.
    """
    for name in _ENDS:
        signal.signal(name, signal.default_int_handler)
    try:
        _show(_dated(script or plays.load(language), language), language, console)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    return 0


def _show(script: Script, language: Language, console: Console) -> None:
    terminal = Terminal(console, language, _weeks(script, language))
    terminal.title(_TITLE.get(language).format(weeks=_N_WEEKS, title=script.room))
    terminal.plain(_INTRO.get(language).format(place=PLACE.get(language)))
    terminal.plain(" · ".join(f"{role.name}: {role.is_who.get(language)}" for role in CAST))
    password = secrets.token_hex(4)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doetank-demo-")))
        with terminal.busy(_STARTING.get(language)):
            homeserver = stack.enter_context(Homeserver.start(folder / "homeserver", extra=_FRESH))
            accounts = {role.name: homeserver.register(role.login, password) for role in CAST}
            bot = homeserver.register(BOT.lower())
        stack.callback(_finish_undisturbed)
        settings = _configured(folder, homeserver.url, bot, language)
        asyncio.run(_Demo(settings, accounts, bot, script, language, terminal).run(goes_on=_goes_on(console)))


def _dated(script: Script, language: Language) -> Script:
    """Return the script in the last weeks that it fits in."""
    monday = last_whole_weeks(_N_WEEKS, datetime.now(UTC), _TIMEZONE, calendar_for())
    return script.later((monday - _first_monday(script)).days, language)


def _first_monday(script: Script) -> date:
    return monday_of(script.begin.date()) + timedelta(weeks=1)


def _weeks(script: Script, language: Language) -> dict[date, str]:
    """Return what stands above each week: how far it is, and the phase."""
    pack = load_packs([packs_dir()])[_PACK]
    return {
        _first_monday(script) + timedelta(weeks=week - 1): _WEEK.get(language).format(
            bar="●" * week + "○" * (_N_WEEKS - week),
            week=week,
            weeks=_N_WEEKS,
            phase=phase_of(pack, _N_WEEKS, week).title.get(language),
        )
        for week in range(1, _N_WEEKS + 1)
    }


def _goes_on(console: Console) -> bool:
    """Whether there is someone to go on for: a screen, and a keyboard for Ctrl-C."""
    return console.is_terminal and sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def _cancel_on_signals(task: "asyncio.Task[None] | None") -> None:
    for name in _ENDS:
        asyncio.get_running_loop().add_signal_handler(name, lambda: task and task.cancel())


def _finish_undisturbed() -> None:
    """Let no second Ctrl-C leave anything behind."""
    for name in _ENDS:
        signal.signal(name, signal.SIG_IGN)


def _configured(folder: Path, url: str, bot: Account, language: Language) -> Settings:
    """Write the configuration as an operator would, and read it."""
    token = folder / "access-token"
    token.touch(mode=0o600)
    token.write_text(bot.access_token)
    config = folder / "doetank.yaml"
    matrix = {"homeserver": url, "user_id": bot.user_id, "access_token_file": token.name, "store_dir": "store"}
    config.write_text(json.dumps({"matrix": matrix, "bot": {"language": language, "timezone": _TIMEZONE}}, indent=1))
    return load_settings(config, {})


@dataclass(frozen=True, slots=True)
class _Demo:
    settings: Settings
    accounts: Mapping[str, Account]
    bot: Account
    script: Script
    language: Language
    terminal: Terminal

    async def run(self, *, goes_on: bool) -> None:
        _cancel_on_signals(asyncio.current_task())
        clock = DemoClock(to_utc(self.script.begin, _TIMEZONE))
        stop, ready = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(self.settings, clock=clock, on_ready=ready.set, stop=stop, tick_for=_TICK_FOR))
            await ready.wait()
            async with self._stage(clock) as stage:
                await play(self.script, stage)
                await self._finish(stage, clock)
                if goes_on:
                    await self._go_on(stage, stop)
            stop.set()

    @contextlib.asynccontextmanager
    async def _stage(self, clock: DemoClock) -> AsyncIterator[HomeserverStage]:
        url = self.settings.matrix.homeserver
        async with contextlib.AsyncExitStack() as stack:
            people = {
                name: await stack.enter_async_context(Person(url, account)) for name, account in self.accounts.items()
            }
            bot = await stack.enter_async_context(Person(url, self.bot))
            for name, person in {**people, BOT: bot}.items():
                await person.set_name(name)
            store = Store(self.settings.database.url, self.bot.user_id, FLOW_STATES)
            await store.open()
            stack.push_async_callback(store.close)
            narrator = Narrator(self.terminal, clock, self.language, _TIMEZONE)
            yield HomeserverStage(people, bot.user_id, BotWork(bot, store, clock), clock, narrator)

    async def _finish(self, stage: HomeserverStage, clock: DemoClock) -> None:
        """Show what there is now, and write what the group takes along."""
        finale.show_digests(stage, self.terminal, self.language)
        folder = await finale.write_files(stage, self.settings, clock)
        finale.show_files(folder, self.terminal, self.language)

    async def _go_on(self, stage: HomeserverStage, stop: asyncio.Event) -> None:
        """Let whoever watches log in, and tell what is said, until they stop it."""
        password = next(iter(self.accounts.values())).password
        finale.show_doors(stage, self.settings.matrix.homeserver, password, self.terminal, self.language)
        stop_on_signals(stop)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(stage.follow(_LOOK_EVERY_SECONDS))
            await stop.wait()
            following.cancel()
