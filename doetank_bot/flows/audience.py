"""Who may see a card, as people type it: `groep`, `iedereen anoniem`, or a number where choices were shown. Pure."""

from dataclasses import dataclass

from doetank_bot.domain.contribution import Audience
from doetank_bot.flows.control import bare
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
    said = bare(text).split()
    by_number = _BY_NUMBER.get(bare(said[0])) if said else None
    named = said[1:] if by_number else said
    # The longest name first: `the sponsor too`, and what is left may only be `anonymous`.
    for cut in range(len(named), -1, -1):
        head, tail = " ".join(named[:cut]), " ".join(named[cut:])
        meant = words.canonical(head) if head else by_number
        audience = _AUDIENCES.get(meant) if meant and by_number in {None, meant} else None
        if audience is not None and (not tail or words.canonical(tail) == "anonymous"):
            return Shared(audience, bool(tail))
    return None
