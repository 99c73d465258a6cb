"""What people and the bot wrote in a chat in memory, in the order in which it happened, to be read as a page."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date

from doetank_bot.chat.memory import MemoryChat, Shown

if TYPE_CHECKING:
    from doetank_bot.domain.reference import MessageRef

WIDTH = 88
BOT = "Doebot"
_INDENT = " " * 6
_WORDS = {
    "nl": {"private": "privé met {who}", "thread": "in de draad", "edits": "verandert", "deletes": "haalt weg"},
    "en": {"private": "in private with {who}", "thread": "in the thread", "edits": "edits", "deletes": "removes"},
}


@dataclass(slots=True)
class _Entry:
    """One thing that happened. `who` are the people in private; empty in the room."""

    at: datetime
    speaker: str
    how: str
    who: list[str]
    lines: list[str]
    signs: list[str] = field(default_factory=list)

    def is_same_as(self, other: "_Entry") -> bool:
        """Whether it says the same to someone else in private."""
        is_private = self.how == other.how == "private" and not self.signs and not other.signs
        return is_private and (self.at, self.speaker, self.lines) == (other.at, other.speaker, other.lines)


class Chronicle:
    """Listens to `chat` from now on; `page` is what happened since, in the words of `language`."""

    def __init__(self, chat: MemoryChat, language: str, zone: ZoneInfo) -> None:
        self._chat = chat
        self._words = _WORDS[language]
        self._language = language
        self._zone = zone
        self._entries: list[_Entry] = []
        self._seen: dict[MessageRef, Shown] = {}
        self._of: dict[MessageRef, _Entry] = {}
        chat.listeners.append(self._heard)

    def aside(self, text: str) -> None:
        """Note what happens outside the chat."""
        self._entries.append(_Entry(self._now(), "", "", [], [f"({text})"]))

    def page(self) -> str:
        """Return everything, by day."""
        return "\n".join(self._lines()) + "\n"

    def _now(self) -> datetime:
        return self._chat.now().astimezone(self._zone)

    def _heard(self, message: Shown) -> None:
        before = self._seen.get(message.ref)
        self._seen[message.ref] = replace(message, reactions=list(message.reactions))
        if before is None:
            self._said(message)
        elif len(message.reactions) > len(before.reactions):
            self._of[message.ref].signs.append(message.reactions[-1][1])
        elif message.is_deleted:
            self._changed(message, "deletes", [f"“{_first(before.text)}”"])
        else:
            self._changed(message, "edits", list(_new_lines(before.text, message.text)))

    def _said(self, message: Shown) -> None:
        room = self._chat.room(message.ref.space)
        speaker, who = self._name(message), [room.names[user] for user in room.names if user != self._chat.me]
        how = "private" if room.is_direct else "thread" if message.thread else ""
        self._entries.append(_Entry(self._now(), speaker, how, who, message.text.splitlines()))
        self._of[message.ref] = self._entries[-1]

    def _changed(self, message: Shown, how: str, lines: list[str]) -> None:
        speaker = f"{self._name(message)} {self._words[how]}"
        self._entries.append(_Entry(self._now(), speaker, self._of[message.ref].how, self._of[message.ref].who, lines))

    def _name(self, message: Shown) -> str:
        is_bot = message.sender == self._chat.me
        return BOT if is_bot else self._chat.room(message.ref.space).names.get(message.sender, "?")

    def _lines(self) -> Iterator[str]:
        day: date | None = None
        for entry in _merged(_in_order(self._entries)):
            if entry.at.date() != day:
                day = entry.at.date()
                yield from ("", f"── {format_date(day, 'EEEE d MMMM y', locale=self._language)} ──", "")
            yield from self._entry(entry)
            yield ""

    def _entry(self, entry: _Entry) -> Iterator[str]:
        where = self._words[entry.how].format(who=", ".join(sorted(entry.who))) if entry.how else ""
        signs = "".join(f" {sign}" for sign in entry.signs)
        if entry.speaker:
            yield f"{entry.at:%H:%M} {entry.speaker}{f' ({where})' if where else ''}{signs}"
        yield from _wrapped(entry.lines, _INDENT + ("  " if entry.how == "thread" else ""))


def _in_order(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """Yield what the bot sends at one moment by place: rooms go side by side, and any may be first."""
    for (_, is_bot), run in groupby(entries, key=lambda one: (one.at, one.speaker.startswith(BOT))):
        together = list(run)
        yield from sorted(together, key=lambda one: one.who if one.how == "private" else []) if is_bot else together


def _merged(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    last: _Entry | None = None
    for entry in entries:
        if last is not None and last.is_same_as(entry):
            last = replace(last, who=[*last.who, *entry.who])
            continue
        if last is not None:
            yield last
        last = entry
    if last is not None:
        yield last


def _wrapped(lines: Iterable[str], indent: str) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]


def _first(text: str) -> str:
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= 60 else line[:60].rstrip() + "…"


def _new_lines(before: str, after: str) -> Iterator[str]:
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line.startswith("+ "):
            yield line[2:]
