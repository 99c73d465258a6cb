"""The words that always work in a follow-up, in both languages and whatever is being asked."""

import re
from enum import StrEnum

from doetank_bot.text.words import WordTable

_LONGEST = 24
_AFTER_A_WHILE = re.compile(r"(\w+) \d{1,3} ?[a-z]{1,8}", re.IGNORECASE)
_AROUND = " \n\t.,;:!?…*`\"'“”‘’"


class Control(StrEnum):
    """The meanings in the word table that steer a conversation."""

    SKIP = "skip"
    LATER = "later"
    BACK = "back"
    STOP = "stop"
    HELP = "help"


def meaning(text: str, words: WordTable) -> str | None:
    """Return the meaning of a message that is just one word (or fixed phrase) of the table, or None."""
    bare = text.strip(_AROUND)
    return words.canonical(bare) if len(bare) <= _LONGEST else None


def control(text: str, words: WordTable) -> Control | None:
    """Return what a message asks of the conversation itself, or None when it is an answer."""
    found = meaning(text, words)
    if found in set(Control):
        return Control(found)
    is_later = (match := _AFTER_A_WHILE.fullmatch(text.strip(_AROUND))) and meaning(match[1], words) == Control.LATER
    return Control.LATER if is_later else None
