"""The mask that takes personal data out of a text before anything is written to disk or log.

Works by Dutch notations and by the check digits of BSN and IBAN; it knows no names by heart. In doubt it masks:
a member can put back what was masked needlessly, nobody can take back what leaked. Sources: UAVG art. 46 (a BSN may
not be kept), research notes reliability.md (BSN rows) and domain.md (scenario 3).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from doetank_bot.domain.personal_data import names, notations, numbers
from doetank_bot.domain.personal_data.marks import FOUND, FOUND_PLACE, KEPT, PRIVATE_USE
from doetank_bot.domain.personal_data.numbers import is_bsn

__all__ = ["LABELS_EN", "LABELS_NL", "Kind", "Masked", "is_bsn", "mask"]


class Kind(StrEnum):
    """What sort of personal data was found."""

    PHONE = "phone"
    EMAIL = "email"
    BSN = "bsn"
    ADDRESS = "address"
    PLATE = "plate"
    IBAN = "iban"
    NAME = "name"


LABELS_EN: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.PHONE: "[phone]",
        Kind.EMAIL: "[e-mail]",
        Kind.BSN: "[BSN]",
        Kind.ADDRESS: "[address]",
        Kind.PLATE: "[licence plate]",
        Kind.IBAN: "[IBAN]",
        Kind.NAME: "[name]",
    }
)
LABELS_NL: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.PHONE: "[telefoon]",
        Kind.EMAIL: "[e-mail]",
        Kind.BSN: "[BSN]",
        Kind.ADDRESS: "[adres]",
        Kind.PLATE: "[kenteken]",
        Kind.IBAN: "[IBAN]",
        Kind.NAME: "[naam]",
    }
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and the kinds that were taken out, each once, in order of appearance."""

    text: str
    found: tuple[Kind, ...]


def mask(text: str, labels: Mapping[Kind, str] = LABELS_EN) -> Masked:
    """Return `text` with each piece of personal data replaced by the label of its kind; otherwise verbatim.

    Idempotent. Takes linear time. Dates, amounts, times, Matrix ids and numbers that fail the 11-test stay.
    """
    found: dict[Kind, None] = {}
    for _ in range(_MAX_ROUNDS):
        spans = _spans(text)
        if not spans:
            break
        freed = any(_touches_text(text, start, end) for start, end, _ in spans)
        text = _replaced(text, spans, labels)
        found.update((kind, None) for _, _, kind in spans)
        if not freed:
            break
    return Masked(text, tuple(found))


# What is taken out can free what stood against it (a number against a plate); a further round finds that.
_MAX_ROUNDS = 4

_Span = tuple[int, int, Kind]
_Finder = Callable[[str], Iterator[tuple[int, int]]]


@dataclass(slots=True)
class _Draft:
    """A copy of the text of the same length, in which what is judged is blotted out."""

    text: str
    spans: list[_Span] = field(default_factory=list)

    def find(self, kind: Kind, finder: _Finder, blot: str = FOUND) -> None:
        places = list(finder(self.text))
        self.spans.extend((start, end, kind) for start, end in places)
        self._blot(places, blot)

    def keep(self, finder: _Finder) -> None:
        self._blot(list(finder(self.text)), KEPT)

    def _blot(self, places: list[tuple[int, int]], blot: str) -> None:
        if places:
            self.text = _rewritten(self.text, ((start, end, blot * (end - start)) for start, end in places))


def _spans(text: str) -> list[_Span]:
    if "@" not in text and not any(char.isdecimal() for char in text):
        return []
    draft = _Draft(text if text.isascii() else text.translate(PRIVATE_USE))
    # The order matters: each rule sees only what the ones before it left.
    draft.find(Kind.EMAIL, notations.emails)
    draft.keep(notations.machine_addresses)
    draft.find(Kind.IBAN, numbers.ibans)
    draft.keep(notations.plain_figures)
    draft.find(Kind.PHONE, notations.phones)
    draft.find(Kind.PLATE, notations.plates, FOUND_PLACE)
    draft.find(Kind.BSN, numbers.bsns)
    draft.find(Kind.ADDRESS, notations.places, FOUND_PLACE)
    if draft.spans:
        for finder in (names.titled_names, names.names_before, names.names_after):
            draft.find(Kind.NAME, finder, KEPT)
    return sorted(draft.spans)


def _touches_text(text: str, start: int, end: int) -> bool:
    """Say whether more than one mark of punctuation ties this piece to its neighbours."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return _ties(before[::-1]) or _ties(after)


def _ties(nearby: str) -> bool:
    if nearby == "" or nearby[0].isspace():
        return False
    return nearby[0].isalnum() or nearby[0] in "_-" or not (nearby[1:] == "" or nearby[1].isspace())


def _replaced(text: str, spans: list[_Span], labels: Mapping[Kind, str]) -> str:
    return _rewritten(text, ((start, end, labels[kind]) for start, end, kind in spans))


def _rewritten(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, piece in pieces:
        parts += (text[done:start], piece)
        done = end
    return "".join((*parts, text[done:]))
