"""What is said of a card by its number: how far it is (`!experiment 12 running`), who takes it up (`owner Bas`). Pure.

Status words (meanings of the word table): planned, running, finished, stopped, solved, open.
"""

import re
from dataclasses import dataclass

from doetank_bot.domain.progress import OWNER, STATUS, Progress
from doetank_bot.text.words import WordTable

_TYPED = re.compile(r"\s*#?(?P<number>\d{1,9})(?:\s+(?P<word>\S+)(?:\s+(?P<rest>\S.*?))?)?\s*", re.ASCII | re.DOTALL)
_PUNCTUATION = ".,;:!?…"


@dataclass(frozen=True, slots=True)
class Said:
    """A card's number, and what was said of it: a field and what is kept in it. No field: show the card.

    `slip` is the one word after the number when it says nothing of a card: a typing error, or words to keep.
    """

    number: int
    field: str | None = None
    text: str = ""
    slip: str = ""


def said_of_card(text: str, words: WordTable) -> Said | None:
    """Read what a member typed after `!experiment` and the like; None when it is no number, but words to keep."""
    typed = _TYPED.fullmatch(text)
    if typed is None:
        return None
    number, word, rest = int(typed["number"]), typed["word"], typed["rest"]
    if word is None:
        return Said(number)
    meaning = words.canonical(word.rstrip(_PUNCTUATION).removesuffix(":"))
    if meaning in set(Progress) and rest is None:
        return Said(number, STATUS, meaning)
    if rest is None:
        return Said(number, slip=word)
    return Said(number, OWNER, rest) if meaning == OWNER else None
