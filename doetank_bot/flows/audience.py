"""Who may see a card, as people type it: `groep`, `iedereen anoniem`, or a number where choices were shown. Pure."""

from dataclasses import dataclass

from doetank_bot.domain.contribution import Audience
from doetank_bot.text.words import WordTable

_BY_NUMBER = {"1": "group", "2": "sponsor", "3": "public", "4": "nobody"}
_AUDIENCES = {
    "group": Audience.GROUP,
    "sponsor": Audience.SPONSOR,
    "public": Audience.PUBLIC,
    "nobody": Audience.PRIVATE,
}
RANK = {audience: rank for rank, audience in enumerate(Audience)}
"""How wide an audience is."""


@dataclass(frozen=True, slots=True)
class Shared:
    """With whom something is shared; `is_unnamed`: without the author's name."""

    audience: Audience
    is_unnamed: bool = False


def parse_audience(text: str, words: WordTable) -> Shared | None:
    """Return what was chosen, or None."""
    first, _, rest = " ".join(text.casefold().strip(" .!").split()).partition(" ")
    meaning = _BY_NUMBER.get(first) or words.canonical(first)
    audience = _AUDIENCES.get(meaning) if meaning else None
    if audience is None or (rest and words.canonical(rest) != "anonymous"):
        return None
    return Shared(audience, bool(rest))
