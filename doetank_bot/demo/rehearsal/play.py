"""A rehearsal from its first line to its last."""

import asyncio
import contextlib
import signal
import tempfile
from datetime import datetime
from pathlib import Path

from rich.console import Console

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.demo.rehearsal.bot import TIMEZONE, RehearsedBot, StandingClock, rules_for
from doetank_bot.demo.rehearsal.director import Director
from doetank_bot.demo.rehearsal.keyboard import Keyboard, TooLong
from doetank_bot.demo.rehearsal.troupe import BOT_ID
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.schedule import to_utc
from doetank_bot.resources import packs_dir
from doetank_bot.service.engine import Texts
from doetank_bot.settings import load_packs

_INTERRUPTED = 128 + signal.SIGINT


def run(language: Language, begin: datetime, console: Console) -> int:
    """Rehearse from the local moment `begin` until there are no more lines; return 0, or 130 when interrupted.

    Leaves nothing behind. Raises what ends the bot.
    """
    # A window that is closed and a polite end of the process clean up, just as Ctrl-C does, whatever whoever started us
    # let be ignored.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="doetank-demo-") as folder:
            _play(Path(folder), language, begin, console)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED
    return 0


def _play(folder: Path, language: Language, begin: datetime, console: Console) -> None:
    keyboard = Keyboard()
    clock = StandingClock(to_utc(begin, TIMEZONE))
    chat = MemoryChat(clock.now, me=BOT_ID)
    bot = RehearsedBot(folder, clock, chat, rules_for(chat.me, language, load_packs([packs_dir()])), Texts.load())
    width = 0 if console.is_dumb_terminal else console.width
    director = Director(bot, Terminal(console, language), language, lambda: keyboard.take_back(width))
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        try:
            runner.run(stack.enter_async_context(bot.running()))
            runner.run(director.begin())
            while _has_next(director, keyboard, runner):
                pass
        finally:
            runner.run(stack.aclose())


def _has_next(director: Director, keyboard: Keyboard, runner: asyncio.Runner) -> bool:
    """Do what the next line says; return whether there may be more."""
    try:
        line = keyboard.line(director.prompt)
    except TooLong:
        director.complain_of_length()
        return True
    return line is not None and runner.run(director.enter(line))
