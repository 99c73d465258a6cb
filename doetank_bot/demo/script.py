"""A chat written down as people would say it, a line for each thing that someone does. Pure.

The first lines: when it begins, the name of the room, who is in it from the beginning (the first makes it), who is not.
Then a line each; blank lines mean nothing:

    = 2027-02-08 09:40      that moment comes, local time; what is due on the way happens at its own moment
    Joke: text              she says it in the room; `Joke:(words) text` replies to the bot's message with those words
    Joke> text              in the thread of the bot's last question; `Joke>(words) text` of its message with the words
    Joke>> text             in the thread where she was last
    Joke~ text              to the bot, in private
    Joke*(words) text       her message with those words now has this text
    Joke!(words)            she deletes her message with those words
    Joke+                   she comes into the room
    (text)                  something to know, outside the chat

`{2027-02-24}` anywhere in a text is that day as people write it: 24 February.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from babel.dates import format_date

from doetank_bot.domain.group import Language

_DEED = re.compile(
    r"(?P<name>[^\W\d_][\w.-]{0,30})(?P<how>>>|[:>~*!+])(?:\((?P<about>[^)]*)\))?\s*(?P<text>.*)", re.DOTALL
)
_DAY = re.compile(r"\{(\d{4}-\d\d-\d\d)\}")
_N_FIRST_LINES = 4


class How(StrEnum):
    """What someone does, by its sign in the script."""

    SAY = ":"
    UNDER_QUESTION = ">"
    FURTHER = ">>"
    IN_PRIVATE = "~"
    EDIT = "*"
    DELETE = "!"
    COME_IN = "+"


@dataclass(frozen=True, slots=True)
class Moment:
    """The time that comes, local."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Aside:
    """Something to know, outside the chat."""

    text: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What someone does; `about` are words of the message that it is about (or its number, where those show)."""

    who: str
    how: How
    text: str = ""
    about: str = ""

    @property
    def number(self) -> int | None:
        """The number of the message that it is about."""
        return int(self.about) if re.fullmatch(r"[0-9]{1,6}", self.about) else None


Line = Moment | Aside | Deed


@dataclass(frozen=True, slots=True)
class Script:
    """A whole play. `begin` is local; the first of `inside` is the coach, who makes the room named `room`."""

    begin: datetime
    room: str
    inside: tuple[str, ...]
    outside: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Everyone in it."""
        return (*self.inside, *self.outside)

    def later(self, days: int, language: Language) -> "Script":
        """Return the same play `days` later, with the days in its texts written out in `language`."""
        by = timedelta(days=days)
        lines = tuple(_later(line, by, language) for line in self.lines)
        return replace(self, begin=self.begin + by, lines=lines)


def read_script(text: str) -> Script:
    """Return the play that `text` is. Raises ValueError with the line that cannot be played."""
    written = [line for line in text.splitlines() if line.strip()]
    if len(written) < _N_FIRST_LINES:
        raise ValueError("a script begins with a time, a room, who is in it and who is not")
    begin, room, inside, outside, *rest = written
    names = (*inside.split(), *outside.split())
    return Script(
        begin=datetime.fromisoformat(begin),
        room=room,
        inside=tuple(inside.split()),
        outside=tuple(outside.split()),
        lines=tuple(_lines(rest, names)),
    )


def deed_in(line: str) -> Deed | None:
    """Return what someone does in `line`; None when it does not begin with a name and a sign."""
    found = _DEED.fullmatch(line)
    return Deed(found["name"], How(found["how"]), found["text"].strip(), found["about"] or "") if found else None


def _lines(written: list[str], names: tuple[str, ...]) -> Iterator[Line]:
    for line in written:
        if line.startswith("= "):
            yield Moment(datetime.fromisoformat(line[2:]))
        elif line.startswith("("):
            yield Aside(line.strip("()"))
        else:
            deed = deed_in(line)
            if deed is None or deed.who not in names:
                raise ValueError(f"nobody can do this: {line}")
            yield deed


def _later(line: Line, by: timedelta, language: Language) -> Line:
    def day(found: re.Match[str]) -> str:
        return format_date(date.fromisoformat(found[1]) + by, "d MMMM", locale=language[:2])

    if isinstance(line, Moment):
        return Moment(line.at + by)
    return replace(line, text=_DAY.sub(day, line.text))
