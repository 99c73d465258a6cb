"""The chat as it scrolls by in a terminal. Without one (a pipe, a log) the same lines, without colours or pauses."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from babel.dates import format_date
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from doetank_bot.demo.cast import BOT, CAST
from doetank_bot.domain.group import Language

_COLOURS = ("magenta", "yellow", "blue", "red")
_INDENT = 8
_THREAD_INDENT = 4
_NARROWEST = 20
_SECONDS_A_WORD = 0.05
_SHORTEST, _LONGEST = 0.4, 2.5


class Terminal:
    """Writes to `console`; a real terminal gets colours, and pauses to read."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language
        self._day = ""

    def title(self, title: str, *lines: str) -> None:
        """Write how it begins."""
        self._console.print(Rule(Text(title, style="bold"), style="dim"))
        for line in lines:
            self.plain(line)

    def heading(self, title: str) -> None:
        """Write a line across with `title` in it."""
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), style="dim", align="left"))

    def plain(self, text: str | Text) -> None:
        """Write text as it is."""
        self._indented(_text(text), 0)

    def hint(self, text: str) -> None:
        """Write what is told to whoever types, and to nobody in the chat."""
        self._indented(Text(f"» {text}", style="yellow"), 0)

    def aside(self, local: datetime, text: str) -> None:
        """Write what happens around the chat."""
        self._date(local)
        self._console.print(Text(f"{local:%H:%M}   ", style="dim") + Text(f"({text})", style="dim italic"))

    def message(
        self, local: datetime, name: str, text: str | Text, *, is_in_thread: bool = False, note: str = ""
    ) -> None:
        """Write what `name` says at `local` time, `note` behind it; what is said in a thread stands further in."""
        self._date(local)
        indent = " " * (_THREAD_INDENT if is_in_thread else 0)
        head = Text.assemble((f"{local:%H:%M}   {indent}", "dim"), (name, _style(name)))
        self._console.print(head.append(f"  {note}", "dim") if note else head)
        self._indented(_text(text), _INDENT + len(indent))

    def remark(self, text: str, *, is_in_thread: bool = False) -> None:
        """Write what belongs to the message above: a sign, a change."""
        indent = _INDENT + (_THREAD_INDENT if is_in_thread else 0)
        self._indented(Text(text, style="green"), indent)

    async def pause(self, text: str) -> None:
        """Give people the time to read `text`; without a terminal nobody waits."""
        if self._console.is_terminal:
            await asyncio.sleep(min(max(len(text.split()) * _SECONDS_A_WORD, _SHORTEST), _LONGEST))

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show that something takes a while, as long as the block runs."""
        if not self._console.is_terminal:
            self._console.print(Text(text))
            yield
            return
        with self._console.status(Text(text)):
            yield

    def _indented(self, text: Text, indent: int) -> None:
        for line in text.wrap(self._console, max(self._console.width - indent, _NARROWEST)):
            line.rstrip()
            self._console.print((Text(" " * indent) + line) if line else "", no_wrap=True)

    def _date(self, local: datetime) -> None:
        day = format_date(local.date(), "EEEE d MMMM", locale=self._language)
        if day != self._day:
            self._day = day
            self.heading(day)


def _text(text: str | Text) -> Text:
    return Text(text) if isinstance(text, str) else text


def _style(name: str) -> str:
    if name.startswith(BOT):
        return "bold green"
    names = [role.name for role in CAST]
    return f"bold {_COLOURS[names.index(name) % len(_COLOURS)]}" if name in names else "bold"
