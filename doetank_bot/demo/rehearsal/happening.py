"""What happens in a chat in memory: who says what to whom, and what becomes of it later."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from itertools import groupby

from doetank_bot.chat.memory import MemoryChat, Shown
from doetank_bot.demo.cast import BOT
from doetank_bot.domain.reference import MessageRef


class What(Enum):
    """What became of a message."""

    SAID = auto()
    SIGNED = auto()
    EDITED = auto()
    DELETED = auto()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a message at the UTC instant `at`.

    `name` is whose it is; of a sign, who put it. `who` are the people in private; empty in the room. `before` is what
    it said until then. `copies` are the messages that say the same to others of `who`.
    """

    at: datetime
    what: What
    name: str
    who: tuple[str, ...]
    now: Shown
    before: str = ""
    copies: tuple[MessageRef, ...] = ()

    @property
    def new_lines(self) -> list[str]:
        """The lines that an edit brought."""
        return self._lines("+ ")

    @property
    def lost_lines(self) -> list[str]:
        """The lines that an edit took away."""
        return self._lines("- ")

    def is_same_as(self, other: "Happening") -> bool:
        """Whether it is the same for someone else in private."""
        are_private = bool(self.who) and bool(other.who) and not {*self.who} & {*other.who}
        mine, theirs = ((one.at, one.what, one.name, one.now.text, one.before) for one in (self, other))
        return are_private and mine == theirs and self.what is not What.SIGNED

    def _lines(self, mark: str) -> list[str]:
        lines = difflib.ndiff(self.before.splitlines(), self.now.text.splitlines())
        return [line[len(mark) :] for line in lines if line.startswith(mark)]


class Happenings:
    """Listens to `chat` from now on."""

    def __init__(self, chat: MemoryChat) -> None:
        """Begin to listen."""
        self._chat = chat
        self._coming: list[Happening] = []
        self._seen: dict[MessageRef, Shown] = {}
        chat.listeners.append(self._heard)

    def taken(self) -> list[Happening]:
        """Return what happened since the last time, in the order in which it is told: see `_in_order`, `_together`."""
        coming, self._coming = self._coming, []
        return list(_together(_in_order(coming)))

    def _heard(self, message: Shown) -> None:
        before = self._seen.get(message.ref)
        now = self._seen[message.ref] = replace(message, reactions=list(message.reactions))
        room = self._chat.room(message.ref.space)
        who = tuple(name for user, name in room.names.items() if user != self._chat.me) if room.is_direct else ()
        what = _what(before, now)
        is_bot = what is What.SIGNED or message.sender == self._chat.me
        name = BOT if is_bot else room.names.get(message.sender, "?")
        self._coming.append(Happening(self._chat.now(), what, name, who, now, before.text if before else ""))


def _what(before: Shown | None, now: Shown) -> What:
    if before is None:
        return What.SAID
    if len(now.reactions) > len(before.reactions):
        return What.SIGNED
    return What.DELETED if now.is_deleted else What.EDITED


def _in_order(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """Yield what the bot does at one moment by place: rooms go side by side there, and any may be first."""
    for (_, is_bot), run in groupby(happenings, key=lambda one: (one.at, one.name == BOT)):
        together = list(run)
        yield from sorted(together, key=lambda one: one.who) if is_bot else together


def _together(happenings: Iterable[Happening]) -> Iterator[Happening]:
    """Yield what is the same for several people, each in private, once."""
    last: Happening | None = None
    for one in happenings:
        if last is not None and last.is_same_as(one):
            last = replace(last, who=(*last.who, *one.who), copies=(*last.copies, one.now.ref))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
