"""What text may be stored and shown: cleaning, clipping, excerpts and display names.

Pure functions over `str`. Sources: research note reliability.md, facts 11 and A5 (a lone surrogate makes a homeserver
answer 500 for ever; bidirectional overrides, tag characters and floods of combining marks deceive readers).
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice, takewhile

MAX_BYTES = 16384
"""The most UTF-8 bytes of one message that are kept: half of what a room takes with its formatted copy."""

MAX_NAME_GRAPHEMES = 40
MAX_NAME_BYTES = 1024
MAX_STACKED_MARKS = 4
# Burmese and Tibetan syllables carry up to seven marks that take their own place instead of piling up.
MAX_MARKS = 8
# An endless chain of joined emoji is "one" grapheme; past this many code points it may be cut anywhere.
MAX_GRAPHEME_LENGTH = 64

_CONTINUATION_BYTES = range(0x80, 0xC0)
# The combining class of the sign that silences a vowel in Indic scripts; a joiner after it chooses the form.
_VIRAMA = 9
_ZWJ = "\u200d"
_JOINERS = "\u200c\u200d"
_ELLIPSIS = "…"

_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FORBIDDEN = re.compile(
    # The flags of England, Scotland and Wales are the only tag sequences in general use.
    "(\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f)"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_JOINER_RUN = re.compile(f"[{_JOINERS}]+")
# No combining mark and no joiner lies below U+0300, so plain Latin text is never looked at one character at a time.
_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]+")
# Letters and symbols that Unicode draws as nothing: Hangul fillers and the empty Braille cell.
_DRAWN_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def clean(text: str) -> str:
    """Return `text` fit to store and show: NFC, no control or direction characters, at most four piled-up marks.

    Line breaks of every kind become a line feed; what UTF-8 or XML cannot hold becomes U+FFFD. Joiners stay where they
    join letters or emoji. Everything else is verbatim. Idempotent. Rules: research note reliability.md A5.
    """
    text = _UNWRITABLE.sub("\ufffd", _LINE_BREAK.sub("\n", text))
    text = _FORBIDDEN.sub(lambda match: match[1] or "", text)
    # Capped before NFC too: normalising a long run of marks takes quadratic time.
    text = _cap_marks(unicodedata.normalize("NFC", _cap_marks(text)))
    return _JOINER_RUN.sub(_kept_joiner, text)


def clip(text: str, limit_bytes: int) -> tuple[str, bool]:
    """Return the longest start of `text` within `limit_bytes` bytes of UTF-8, and whether anything was cut off.

    Never cuts between a letter and its marks or inside a joined emoji or flag (approximation of UAX #29).
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= limit_bytes:
        return text, False
    end = max(limit_bytes, 0)
    while end and data[end] in _CONTINUATION_BYTES:
        end -= 1
    return text[: _boundary_before(text, len(data[:end].decode("utf-8", "surrogatepass")))], True


def excerpt(text: str, length: int = 160) -> str:
    """Return `text` on one line, at most `length` characters, cut at a word with '…' where it was longer.

    A word that fills more than half of the room is cut inside.
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    if length < 1:
        return ""
    cut = line.rfind(" ", 0, length)
    if cut < length // 2:
        cut = _boundary_before(line, length - 1)
    return line[:cut].rstrip(" ,;:-–—") + _ELLIPSIS


def is_blank(text: str) -> bool:
    """Say whether `text` shows nothing: only spaces, line breaks, zero-width characters or marks without a letter."""
    return not any(_is_visible(char) for char in text)


def name(display_name: str | None, fallback: str) -> str:
    """Return a display name fit to show: cleaned, one line, at most 40 graphemes; `fallback` where it is blank."""
    shown, _ = clip(" ".join(clean(display_name or "").split()), MAX_NAME_BYTES)
    if is_blank(shown):
        return fallback
    graphemes = list(islice(_graphemes(shown), MAX_NAME_GRAPHEMES + 1))
    if len(graphemes) <= MAX_NAME_GRAPHEMES:
        return shown
    return "".join(graphemes[: MAX_NAME_GRAPHEMES - 1]).rstrip() + _ELLIPSIS


def _cap_marks(text: str) -> str:
    return _BEYOND_LATIN.sub(lambda match: _capped(match[0]), text)


def _capped(run: str) -> str:
    kept: list[str] = []
    marks = stacked = 0
    for char in run:
        if unicodedata.category(char)[0] == "M":
            marks += 1
            stacked += unicodedata.combining(char) != 0
            if marks > MAX_MARKS or (stacked > MAX_STACKED_MARKS and unicodedata.combining(char)):
                continue
        elif char not in _JOINERS:
            marks = stacked = 0
        kept.append(char)
    return "".join(kept)


def _kept_joiner(match: re.Match[str]) -> str:
    before = match.string[max(match.start() - 1, 0) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    joins = _is_joinable(before) and (_is_joinable(after) or unicodedata.combining(before) == _VIRAMA)
    return match[0][0] if joins else ""


def _is_joinable(char: str) -> bool:
    return char != "" and unicodedata.category(char)[0] in "LMS"


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] != "Z" and category not in {"Cc", "Cf", "Mn", "Me"} and char not in _DRAWN_EMPTY


def _boundary_before(text: str, index: int) -> int:
    for candidate in range(index, max(index - MAX_GRAPHEME_LENGTH, 0), -1):
        if _is_boundary(text, candidate):
            return candidate
    return index if index > MAX_GRAPHEME_LENGTH else 0


def _is_boundary(text: str, index: int) -> bool:
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if before == _ZWJ or _extends(after) or before + after == "\r\n":
        return False
    if _is_regional(before) and _is_regional(after):
        return sum(1 for _ in takewhile(_is_regional, reversed(text[:index]))) % 2 == 0
    return True


def _extends(char: str) -> bool:
    skin_tone_or_tag = "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"
    return char in _JOINERS or skin_tone_or_tag or unicodedata.category(char)[0] == "M"


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _graphemes(text: str) -> Iterator[str]:
    start = 0
    for index in range(1, len(text) + 1):
        if _is_boundary(text, index):
            yield text[start:index]
            start = index
