"""What a member's words go through before anything is done with them: cleaned, cut, and personal data masked."""

from dataclasses import dataclass

from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import MAX_BYTES, clean, clip
from doetank_bot.domain.personal_data import LABELS_EN, LABELS_NL, Kind, mask


@dataclass(frozen=True, slots=True)
class Washed:
    """Text that may be stored.

    `found` are the kinds of personal data that were masked; `is_cut` says whether the end was left out.
    """

    text: str
    found: tuple[Kind, ...] = ()
    is_cut: bool = False


def wash(text: str, language: Language | None, limit_bytes: int = MAX_BYTES) -> Washed:
    """Return `text` cleaned, within `limit_bytes` of UTF-8, with labels (Dutch unless `en`) where data was masked."""
    kept, is_cut = clip(clean(text), limit_bytes)
    masked = mask(kept, LABELS_EN if language == "en" else LABELS_NL)
    return Washed(masked.text, tuple(masked.found), is_cut)
