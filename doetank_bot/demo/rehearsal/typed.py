"""What is typed in a rehearsal, read. Pure.

The signs are those of the scripts in tests/golden. Brackets right behind a sign name a message: by some of its words,
or by the number that stands behind it on the screen (`joke*(7) …`; `#7` is what the bot calls a contribution).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.rehearsal.texts import HOW_DELETE, HOW_ORDER, NO_TEXT, STRANGER
from doetank_bot.domain.hygiene import excerpt

_LINE = re.compile(
    r"(?P<name>[^\W\d_][\w.-]{0,30})(?P<how>>>|[:>~*!+])(?:\((?P<about>[^)]*)\))?\s*(?P<text>.*)", re.DOTALL
)
_ORDER = re.compile(r"/\s*(?P<word>\+|\w*)\s*(?P<rest>.*)", re.DOTALL)
_SHOWN = 40  # characters of what could not be read


class How(StrEnum):
    """The sign behind a name: where it is said, or what is done."""

    ROOM = ":"
    THREAD = ">"
    FURTHER = ">>"
    PRIVATE = "~"
    EDIT = "*"
    DELETE = "!"
    JOIN = "+"


class Word(StrEnum):
    """What can be asked of the rehearsal itself."""

    NEXT = "next"
    TO = "to"
    AFTER = "+"
    WHO = "who"
    HELP = "help"
    QUIT = "quit"


_WORDS = {
    **{word.value: word for word in Word},
    "verder": Word.NEXT,
    "naar": Word.TO,
    "wie": Word.WHO,
    "hulp": Word.HELP,
    "stop": Word.QUIT,
}


@dataclass(frozen=True, slots=True)
class Act:
    """Someone, by the name that was typed, does something. `about` names a message; empty when none was named."""

    name: str
    how: How
    text: str = ""
    about: str = ""

    @property
    def number(self) -> int | None:
        """The number of the message that it is about."""
        return int(self.about) if re.fullmatch(r"[0-9]{1,6}", self.about) else None


@dataclass(frozen=True, slots=True)
class Bare:
    """Words without a name before them."""

    text: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Something to know, outside the chat."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """Something asked of the rehearsal: to move the clock, to help, to end."""

    word: Word
    rest: str = ""


Typed = Act | Bare | Aside | Order


def read(line: str, names: Collection[str]) -> Typed:
    """Return what `line` (not empty) says; `names`, in small letters, are those who are known.

    Words that only look like a name and a sign (`Leuk!`) are bare. Raises Slip for a line that could be misread.
    """
    line = line.strip()
    if line.startswith(("/", "= ")):
        return _order(line)
    if line.startswith("(") and line.endswith(")"):
        return Aside(line.strip("()"))
    found = _LINE.fullmatch(line)
    if found is None:
        return Bare(line)
    act = Act(found["name"], How(found["how"]), found["text"].strip(), found["about"] or "")
    return _known(act, line) if act.name.casefold() in names else _unknown(act, line)


def _order(line: str) -> Order:
    if line.startswith("= "):
        return Order(Word.TO, line[2:].strip())
    found = _ORDER.fullmatch(line)
    word = _WORDS.get(found["word"].casefold()) if found else None
    if found is None or word is None or (found["rest"] and word not in {Word.TO, Word.AFTER}):
        raise Slip(HOW_ORDER, typed=excerpt(line, _SHOWN))
    return Order(word, found["rest"].strip())


def _known(act: Act, line: str) -> Act | Bare:
    if act.how is How.JOIN:
        return act if not act.text and not act.about else Bare(line)
    if act.how is How.DELETE:
        if act.text:
            raise Slip(HOW_DELETE, name=act.name)
        return act
    if not act.text:
        raise Slip(NO_TEXT, name=act.name, sign=act.how)
    return act


def _unknown(act: Act, line: str) -> Act | Bare:
    is_joining = act.how is How.JOIN and not act.text and not act.about
    if is_joining or act.how in {How.JOIN, How.EDIT, How.DELETE}:
        return act if is_joining else Bare(line)
    raise Slip(STRANGER, name=act.name)
