"""The words that always work in a follow-up, in both languages and whatever is being asked."""

import re
from collections.abc import Mapping
from enum import StrEnum

from doetank_bot.text.words import WordTable

_LONGEST = 24
_AFTER_A_WHILE = re.compile(r"(\w+) \d{1,3} ?[a-z]{1,8}", re.IGNORECASE)
_AROUND = re.compile(r"\A[\W_]+|[\W_]+\Z")


class Control(StrEnum):
    """The meanings in the word table that steer a conversation."""

    SKIP = "skip"
    LATER = "later"
    BACK = "back"
    STOP = "stop"
    HELP = "help"


def meaning(text: str, words: WordTable) -> str | None:
    """Return the meaning of a message that is just one word (or fixed phrase) of the table, or None."""
    said = bare(text)
    return words.canonical(said) if len(said) <= _LONGEST else None


def picked(text: str, by_number: Mapping[str, str], words: WordTable) -> str | None:
    """Return the meaning that a message chooses: by number (`2`, `2)`, `2 with the coach`) or by its words; or None."""
    number, _, rest = bare(text).partition(" ")
    by_figure = by_number.get(bare(number))
    if by_figure is None:
        return meaning(text, words)
    return by_figure if not rest or meaning(rest, words) == by_figure else None


def bare(text: str) -> str:
    """Return a message without the signs around it: a full stop, quotes, a thumb."""
    return _AROUND.sub("", text)


def control(text: str, words: WordTable) -> Control | None:
    """Return what a message asks of the conversation itself, or None when it is an answer."""
    found = meaning(text, words)
    if found in set(Control):
        return Control(found)
    is_later = (match := _AFTER_A_WHILE.fullmatch(bare(text))) and meaning(match[1], words) == Control.LATER
    return Control.LATER if is_later else None
