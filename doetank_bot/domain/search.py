"""The words of a text as they are searched for."""

import re
import unicodedata

_WORD = re.compile(r"\w{2,}")
_MAX_LENGTH = 40
_MAX_WORDS = 400


def words_of(text: str) -> tuple[str, ...]:
    """Return the different words of at least two letters or digits, in order, without case and accents.

    A word is cut at 40 characters; of a very long text the first 400 words count.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = (word[:_MAX_LENGTH] for word in _WORD.findall(bare.replace("_", " ")))
    return tuple(dict.fromkeys(found))[:_MAX_WORDS]
