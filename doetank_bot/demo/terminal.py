"""The chat as it scrolls by in a terminal. Without one (a pipe, a log) the same lines, without colours or pauses."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from babel.dates import format_date
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from doetank_bot.demo.cast import BOT, CAST
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.group import Language

_COLOURS = ("magenta", "yellow", "blue", "red", "cyan", "bright_magenta", "bright_blue")
_INDENT = 8
_THREAD_INDENT = 4
_NARROWEST = 20
_SECONDS_A_WORD = 0.03
_SHORTEST, _LONGEST = 0.3, 1.6


class Terminal:
    """Writes to `console`; a real terminal gets colours, and pauses to read.

    `weeks` are what is written above the weeks that begin on those Mondays.
    """

    def __init__(self, console: Console, language: Language, weeks: Mapping[date, str] | None = None) -> None:
        self._console = console
        self._language = language
        self._weeks = weeks or {}
        self._day: date | None = None
        self._read_at = 0.0

    def title(self, title: str, *lines: str) -> None:
        """Write how it begins."""
        self._console.print(Rule(Text(title, style="bold"), style="dim"))
        for line in lines:
            self.plain(line)

    def heading(self, title: str) -> None:
        """Write a line across with `title` in it."""
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), style="dim", align="left"))

    def plain(self, text: str | Text, indent: int = 0) -> None:
        """Write text as it is, so many spaces in."""
        self._indented(_text(text), indent)

    def hint(self, text: str) -> None:
        """Write what is told to whoever types, and to nobody in the chat."""
        self._indented(Text(f"» {text}", style="yellow"), 0)

    def aside(self, local: datetime, text: str) -> None:
        """Write what happens around the chat."""
        self._date(local)
        self._indented(Text(f"({text})", style="dim italic"), _INDENT, f"{local:%H:%M}   ")

    def message(
        self, local: datetime, name: str, text: str | Text, *, is_in_thread: bool = False, note: str = ""
    ) -> None:
        """Write what `name` says at `local` time, `note` behind it; what is said in a thread stands further in."""
        self._date(local)
        indent = " " * (_THREAD_INDENT if is_in_thread else 0)
        head = Text.assemble((f"{local:%H:%M}   {indent}", "dim"), (name, _style(name)))
        self._console.print(head.append(f"  {note}", "dim") if note else head)
        if _text(text):
            self._indented(_text(text), _INDENT + len(indent))
        n_words = len(_text(text).plain.split())
        self._read_at = time.monotonic() + min(max(n_words * _SECONDS_A_WORD, _SHORTEST), _LONGEST)

    def remark(self, text: str, *, is_in_thread: bool = False) -> None:
        """Write what belongs to the message above: a sign, a change."""
        indent = _INDENT + (_THREAD_INDENT if is_in_thread else 0)
        self._indented(Text(text, style="green"), indent)

    async def turn(self) -> None:
        """Wait until people had the time to read the last message; without a terminal nobody waits."""
        if self._console.is_terminal:
            await asyncio.sleep(max(self._read_at - time.monotonic(), 0))

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something takes a while, as long as the block runs."""
        if not self._console.is_terminal:
            self._console.print(Text(text))
            yield
            return
        with self._console.status(Text(text)):
            yield

    def _indented(self, text: Text, indent: int, first: str = "") -> None:
        """Write `text` so many spaces in; `first` stands before its first line."""
        start = first.ljust(indent)
        for line in text.wrap(self._console, max(self._console.width - indent, _NARROWEST)):
            line.rstrip()
            self._console.print(Text.assemble((start, "dim"), line) if line else "", no_wrap=True)
            start = " " * indent

    def _date(self, local: datetime) -> None:
        day = local.date()
        if day == self._day:
            return
        is_new_week = self._day is None or monday_of(day) != monday_of(self._day)
        self._day = day
        if is_new_week and (title := self._weeks.get(monday_of(day))):
            self._console.print()
            self._console.print(Rule(Text(title, style="bold cyan"), style="cyan", characters="━", align="left"))
        self.heading(format_date(day, "EEEE d MMMM", locale=self._language))


def _text(text: str | Text) -> Text:
    return Text(text) if isinstance(text, str) else text


def _style(name: str) -> str:
    who = name.partition(" ")[0]
    if who == BOT:
        return "bold green"
    names = [role.name for role in CAST]
    return f"bold {_COLOURS[names.index(who) % len(_COLOURS)]}" if who in names else "bold"
