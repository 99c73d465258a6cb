"""The demo: a homeserver, the bot as it really starts, and people. It leaves an export behind, and no process."""

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console

from doetank_bot import export
from doetank_bot.app import rules_of, serve
from doetank_bot.demo.cast import CAST, PLACE, TITLE, Role, Words
from doetank_bot.demo.clock import DemoClock, last_whole_week
from doetank_bot.demo.homeserver import Account, Homeserver
from doetank_bot.demo.person import Person
from doetank_bot.demo.stage import Stage
from doetank_bot.demo.styled import styled
from doetank_bot.demo.terminal import Terminal
from doetank_bot.demo.week import play
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.group import Language
from doetank_bot.domain.schedule import to_utc
from doetank_bot.settings import Settings, load_settings
from doetank_bot.text.catalogue import Catalogue

_TIMEZONE = "Europe/Amsterdam"
_INTERRUPTED = 128 + signal.SIGINT
_TICK_FOR = timedelta(milliseconds=200)

_TITLE = Words("Een week van een Doetank: {title}", "A week of a do tank: {title}")
_INTRO = Words(
    "De mensen en de {place} zijn verzonnen. De chat, de homeserver en de bot zijn echt; alleen de klok gaat sneller.",
    "The people and the {place} are made up. The chat, the homeserver and the bot are real; only the clock is faster.",
)
_STARTING = Words("Een homeserver start (een paar seconden) …", "A homeserver starts (a few seconds) …")
_IN_THE_END = Words("Zo staat het weekbericht er nu", "This is the digest as it is now")
_EXPORTED = Words("De hele ronde als document: {path}", "The whole cycle as a document: {path}")


def run(language: Language, console: Console) -> int:
    """Play the demo on `console`, end all that it started, and return the exit code: 0, or 130 when told to stop.

    Raises HomeserverError when there is no Synapse, MissedError when the bot does not do what the script waits for,
    and what `serve` raises.
    """
    # A polite end of the process ends everything in it, just as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _show(language, Terminal(console, language))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    return 0


def _show(language: Language, terminal: Terminal) -> None:
    terminal.title(_TITLE.get(language).format(title=TITLE.get(language)))
    terminal.plain(_INTRO.get(language).format(place=PLACE.get(language)))
    terminal.plain(" · ".join(f"{role.name}: {role.is_who.get(language)}" for role in CAST))
    with tempfile.TemporaryDirectory(prefix="doetank-demo-") as folder, contextlib.ExitStack() as stack:
        with terminal.busy(_STARTING.get(language)):
            homeserver = stack.enter_context(Homeserver.start(Path(folder) / "homeserver"))
            accounts = {role: homeserver.register(role.login) for role in CAST}
            settings = _configured(Path(folder), homeserver.url, homeserver.register("doebot"), language)
        asyncio.run(_Demo(settings, accounts, language, terminal).run())


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
    accounts: Mapping[Role, Account]
    language: Language
    terminal: Terminal

    async def run(self) -> None:
        me = asyncio.current_task()
        if me is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
        monday = last_whole_week(datetime.now(UTC), _TIMEZONE, calendar_for())
        clock = DemoClock(to_utc(datetime.combine(monday - timedelta(days=4), time(14, 59)), _TIMEZONE))
        url = self.settings.matrix.homeserver
        async with contextlib.AsyncExitStack() as stack:
            people = {
                role: await stack.enter_async_context(Person(url, account)) for role, account in self.accounts.items()
            }
            for role, person in people.items():
                await person.set_name(role.name)
            stage = Stage(people, self.settings.matrix.user_id, clock, self.terminal, self.language)
            await self._with_bot(stage, clock, monday)

    async def _with_bot(self, stage: Stage, clock: DemoClock, monday: date) -> None:
        stop, ready = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(self.settings, clock=clock, on_ready=ready.set, stop=stop, tick_for=_TICK_FOR))
            watching = tasks.create_task(stage.watch())
            await ready.wait()
            digest = await play(stage, monday)
            self.terminal.heading(_IN_THE_END.get(self.language))
            self.terminal.plain(styled(digest.text, digest.html))
            self.terminal.heading("")
            path = await self._exported(stage.room, clock)
            self.terminal.plain(_EXPORTED.get(self.language).format(path=path))
            watching.cancel()
            stop.set()

    async def _exported(self, room: str, clock: DemoClock) -> Path:
        dossier = await export.read(self.settings, rules_of(self.settings), room, clock.now())
        handle, path = tempfile.mkstemp(prefix="doetank-demo-", suffix=".md")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(export.as_markdown(dossier, Catalogue.load()))
        return Path(path)
