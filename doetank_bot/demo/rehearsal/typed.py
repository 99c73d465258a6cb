"""What is typed in a rehearsal, read. Pure.

The signs are those of a script (`demo/script.py`). Brackets right behind a sign name a message: by some of its words,
or by the number that stands behind it on the screen (`joke*(7) …`; `#7` is what the bot calls a contribution).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.rehearsal.texts import HOW_DELETE, HOW_ORDER, NO_TEXT, STRANGER
from doetank_bot.demo.script import Aside, Deed, How, deed_in
from doetank_bot.domain.hygiene import excerpt

_ORDER = re.compile(r"/\s*(?P<word>\+|\w*)\s*(?P<rest>.*)", re.DOTALL)
_SHOWN = 40  # characters of what could not be read


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
class Bare:
    """Words without a name before them."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """Something asked of the rehearsal: to move the clock, to help, to end."""

    word: Word
    rest: str = ""


Typed = Deed | Bare | Aside | Order


def read(line: str, names: Collection[str]) -> Typed:
    """Return what `line` (not empty) says; `names`, in small letters, are those who are known.

    Words that only look like a name and a sign (`Leuk!`) are bare. Raises Slip for a line that could be misread.
    """
    line = line.strip()
    if line.startswith(("/", "= ")):
        return _order(line)
    if line.startswith("(") and line.endswith(")"):
        return Aside(line.strip("()"))
    deed = deed_in(line)
    if deed is None:
        return Bare(line)
    return _known(deed, line) if deed.who.casefold() in names else _unknown(deed, line)


def _order(line: str) -> Order:
    if line.startswith("= "):
        return Order(Word.TO, line[2:].strip())
    found = _ORDER.fullmatch(line)
    word = _WORDS.get(found["word"].casefold()) if found else None
    if found is None or word is None or (found["rest"] and word not in {Word.TO, Word.AFTER}):
        raise Slip(HOW_ORDER, typed=excerpt(line, _SHOWN))
    return Order(word, found["rest"].strip())


def _known(deed: Deed, line: str) -> Deed | Bare:
    if deed.how is How.COME_IN:
        return deed if not deed.text and not deed.about else Bare(line)
    if deed.how is How.DELETE:
        if deed.text:
            raise Slip(HOW_DELETE, name=deed.who)
        return deed
    if not deed.text:
        raise Slip(NO_TEXT, name=deed.who, sign=deed.how)
    return deed


def _unknown(deed: Deed, line: str) -> Deed | Bare:
    is_joining = deed.how is How.COME_IN and not deed.text and not deed.about
    if is_joining or deed.how in {How.COME_IN, How.EDIT, How.DELETE}:
        return deed if is_joining else Bare(line)
    raise Slip(STRANGER, name=deed.who)
