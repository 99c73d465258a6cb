"""The chat as it scrolls by in a rehearsal: who says what, who sees it, and what becomes of it later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from itertools import groupby

from doetank_bot.chat.memory import MemoryChat, Shown
from doetank_bot.demo.cast import BOT, Words
from doetank_bot.demo.rehearsal import texts
from doetank_bot.demo.rehearsal.bot import TIMEZONE
from doetank_bot.demo.rehearsal.numbering import Numbering
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.reference import MessageRef
from doetank_bot.domain.schedule import to_local

_EXCERPT = 60  # characters


class _What(Enum):
    SAID = auto()
    SIGNED = auto()
    EDITED = auto()
    DELETED = auto()


@dataclass(frozen=True, slots=True)
class _Happening:
    """Something that happened to a message. `who` are the people in private; empty in the room."""

    at: datetime
    what: _What
    name: str
    who: tuple[str, ...]
    now: Shown
    before: str = ""
    copies: tuple[MessageRef, ...] = ()

    def is_copied_in(self, other: "_Happening") -> bool:
        """Whether `other` says the same to someone else in private."""
        is_private = bool(self.who) and bool(other.who) and self.what is other.what is _What.SAID
        return is_private and (self.at, self.name, self.now.text) == (other.at, other.name, other.now.text)


class Page:
    """Listens to `chat` from now on, and writes what happened when it is asked to."""

    def __init__(self, chat: MemoryChat, numbering: Numbering, terminal: Terminal, language: Language) -> None:
        """Begin to listen."""
        self._chat = chat
        self._numbering = numbering
        self._terminal = terminal
        self._language = language
        self._coming: list[_Happening] = []
        self._seen: dict[MessageRef, Shown] = {}
        self._last: MessageRef | None = None
        chat.listeners.append(self._heard)

    def write(self) -> frozenset[MessageRef]:
        """Write what happened since the last time; return the messages that something happened to, new ones too."""
        coming, self._coming = self._coming, []
        ways = {
            _What.SAID: self._said,
            _What.SIGNED: self._signed,
            _What.EDITED: self._edited,
            _What.DELETED: self._deleted,
        }
        for one in _together(_in_order(coming)):
            ways[one.what](one)
        return frozenset(one.now.ref for one in coming)

    def is_bot_in(self, thread: MessageRef, among: Iterable[MessageRef]) -> bool:
        """Say whether one of these messages is the bot's, in that thread."""
        shown = (self._seen[ref] for ref in among)
        return any(one.thread == thread and one.sender == self._chat.me for one in shown)

    def _heard(self, message: Shown) -> None:
        before = self._seen.get(message.ref)
        now = self._seen[message.ref] = replace(message, reactions=list(message.reactions))
        room = self._chat.room(message.ref.space)
        who = tuple(name for user, name in room.names.items() if user != self._chat.me) if room.is_direct else ()
        is_bot = message.sender == self._chat.me
        name = BOT if is_bot else room.names.get(message.sender, "?")
        what = _what(before, now)
        if what is _What.SIGNED:
            name = BOT
        self._coming.append(_Happening(self._chat.now(), what, name, who, now, before.text if before else ""))

    def _said(self, one: _Happening) -> None:
        numbers = [self._numbering.number(ref) for ref in (one.now.ref, *one.copies)]
        number = f"{numbers[0]}–{numbers[-1]}" if one.copies else f"{numbers[0]}"
        text = self._put(texts.PICTURE, text=one.now.text) if one.now.picture else one.now.text
        self._terminal.message(
            to_local(one.at, TIMEZONE), one.name, text,
            is_in_thread=one.now.thread is not None, note=" · ".join((f"({number})", *self._place(one))),
        )  # fmt: skip
        self._last = one.now.ref

    def _place(self, one: _Happening) -> Iterator[str]:
        """Yield who sees it, and in which thread it is, where that is not the whole group in the room."""
        if one.who:
            yield self._put(texts.EACH_APART if one.copies else texts.ONLY_FOR, who=", ".join(sorted(one.who)))
        if one.now.thread is not None:
            yield self._put(texts.IN_THREAD, number=self._numbering.number(one.now.thread))

    def _signed(self, one: _Happening) -> None:
        words = texts.SIGNED if one.now.ref == self._last else texts.SIGNED_EARLIER
        self._remark(one, self._put(words, sign=one.now.reactions[-1][1], name=one.name, number=self._number(one)))

    def _edited(self, one: _Happening) -> None:
        before, now = one.before.splitlines(), one.now.text.splitlines()
        self._remark(one, self._put(texts.EDITED, name=one.name, number=self._number(one)))
        new = [line for line in now if line not in before]
        gone = [line for line in before if line not in now]
        for line in new or [self._put(texts.LEFT_OUT, line=line) for line in gone]:
            self._remark(one, f"  {line}")

    def _deleted(self, one: _Happening) -> None:
        text = f"“{excerpt(one.before, _EXCERPT)}”"
        self._remark(one, self._put(texts.DELETED, name=one.name, number=self._number(one), text=text))

    def _remark(self, one: _Happening, text: str) -> None:
        self._terminal.remark(text, is_in_thread=one.now.thread is not None)

    def _number(self, one: _Happening) -> int:
        return self._numbering.number(one.now.ref)

    def _put(self, words: Words, **values: object) -> str:
        return words.get(self._language).format(**values)


def _what(before: Shown | None, now: Shown) -> _What:
    if before is None:
        return _What.SAID
    if len(now.reactions) > len(before.reactions):
        return _What.SIGNED
    return _What.DELETED if now.is_deleted else _What.EDITED


def _in_order(happenings: Iterable[_Happening]) -> Iterator[_Happening]:
    """Yield what the bot does at one moment by place: rooms go side by side there, and any may be first."""
    for (_, is_bot), run in groupby(happenings, key=lambda one: (one.at, one.name == BOT)):
        together = list(run)
        yield from sorted(together, key=lambda one: one.who) if is_bot else together


def _together(happenings: Iterable[_Happening]) -> Iterator[_Happening]:
    """Yield what is said to several people, each in private, once."""
    last: _Happening | None = None
    for one in happenings:
        if last is not None and last.is_copied_in(one):
            last = replace(last, who=(*last.who, *one.who), copies=(*last.copies, one.now.ref))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
