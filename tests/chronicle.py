"""What people and the bot wrote in a chat in memory, in the order in which it happened, to be read as a page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from textwrap import wrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.demo.rehearsal.happening import Happening, Happenings, What

if TYPE_CHECKING:
    from doetank_bot.domain.reference import MessageRef

WIDTH = 88
_INDENT = " " * 6
_WORDS = {
    "nl": {"private": "privé met {who}", "thread": "in de draad", "edits": "verandert", "deletes": "haalt weg"},
    "en": {"private": "in private with {who}", "thread": "in the thread", "edits": "edits", "deletes": "removes"},
}
_VERBS = {What.EDITED: "edits", What.DELETED: "deletes"}


@dataclass(slots=True)
class _Entry:
    """One thing that happened. `who` are the people in private; empty in the room."""

    at: datetime
    speaker: str
    how: str
    who: list[str]
    lines: list[str]
    signs: list[str] = field(default_factory=list)


class Chronicle:
    """Listens to `chat` from now on; `page` is what happened since, in the words of `language`."""

    def __init__(self, chat: MemoryChat, language: str, zone: ZoneInfo) -> None:
        self._chat = chat
        self._words = _WORDS[language]
        self._language = language
        self._zone = zone
        self._entries: list[_Entry] = []
        self._happenings = Happenings(chat)
        self._of: dict[MessageRef, _Entry] = {}

    def aside(self, text: str) -> None:
        """Note what happens outside the chat."""
        self._take()
        self._entries.append(_Entry(self._local(self._chat.now()), "", "", [], [f"({text})"]))

    def page(self) -> str:
        """Return everything, by day."""
        self._take()
        return "\n".join(self._lines()) + "\n"

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone)

    def _take(self) -> None:
        for one in self._happenings.taken():
            if one.what is What.SIGNED:
                self._of[one.now.ref].signs.append(one.now.reactions[-1][1])
            else:
                self._enter(one)

    def _enter(self, one: Happening) -> None:
        how = "private" if one.who else "thread" if one.now.thread else ""
        speaker = f"{one.name} {self._words[_VERBS[one.what]]}" if one.what in _VERBS else one.name
        self._entries.append(_Entry(self._local(one.at), speaker, how, [*one.who], _lines_of(one)))
        if one.what is What.SAID:
            self._of |= dict.fromkeys((one.now.ref, *one.copies), self._entries[-1])

    def _lines(self) -> Iterator[str]:
        day: date | None = None
        for entry in self._entries:
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


def _lines_of(one: Happening) -> list[str]:
    match one.what:
        case What.EDITED:
            return one.new_lines
        case What.DELETED:
            return [f"“{_first(one.before)}”"]
        case _:
            return one.now.text.splitlines()


def _wrapped(lines: Iterable[str], indent: str) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, WIDTH, initial_indent=indent, subsequent_indent=indent) or [""]


def _first(text: str) -> str:
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= 60 else line[:60].rstrip() + "…"
