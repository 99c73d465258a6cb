"""Numbers with a check digit: the Dutch citizen number (BSN) and the IBAN; each function yields (start, end)."""

import re
from collections.abc import Iterator
from itertools import accumulate

from doetank_bot.domain.personal_data.marks import BLANK, DASH, NOT_AFTER_WORD

BSN_LENGTH = 9

_DIGIT_CHAIN = re.compile(rf"\d+(?:[{BLANK}{DASH}.]{{1,3}}\d+)*")
_DIGITS = re.compile(r"\d+")
_CENTS = re.compile(r",\d\d?(?!\d)")

# Only capitals may stand apart from their check digits: "is 12", "de 12" are words and a number.
_IBAN_START = re.compile(
    rf"{NOT_AFTER_WORD}(?=((?:[A-Z]{{2}}[{BLANK}.-]?|[A-Za-z]{{2}})[0-9]{{2}}(?:[{BLANK}.-]?[A-Za-z0-9]){{11,30}}))"
)
_IBAN_FILLING = re.compile(f"[{BLANK}.-]+")
# Lengths per country: the IBAN registry (ISO 13616).
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC",
        32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_DIGITS = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=10)}


def is_bsn(digits: str) -> bool:
    """Say whether 8 or 9 digits pass the 11-test of the Dutch citizen number; 8 digits lack the leading zero."""
    if len(digits) not in (BSN_LENGTH, BSN_LENGTH - 1) or not digits.isdecimal():
        return False
    return _passes_eleven_test([int(digit) for digit in digits])


def bsns(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds a BSN, in one piece or in groups of digits with blanks, dots or dashes between."""
    for chain in _DIGIT_CHAIN.finditer(text):
        if chain.end() - chain.start() >= BSN_LENGTH - 1:
            yield from _bsns_in(chain)


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds an IBAN of its country's length whose check digits are right."""
    done = 0
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[1][:2].upper())
        if length is None or match.start() < done:
            continue
        end = match.start() + _iban_size(match[1], length)
        if end > match.start() and not text[end : end + 1].isalnum():
            done = end
            yield match.start(), end


def _bsns_in(chain: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield each run of whole groups of digits that together are a BSN, the longer reading first."""
    text = chain.string
    groups = [group.span() for group in _DIGITS.finditer(text, *chain.span())]
    digits = [int(char) for char in chain[0] if char.isdecimal()]
    bounds = list(accumulate((end - start for start, end in groups), initial=0))
    last_bound = len(digits) if _may_end(text, chain.end()) else len(digits) - 1
    ends = {bound: end for bound, (_, end) in zip(bounds[1:], groups, strict=True) if bound <= last_bound}
    done = 0 if _may_start(text, chain.start()) else 1
    for first, (start, _) in zip(bounds, groups, strict=False):
        if first < done:
            continue
        for last in (first + BSN_LENGTH, first + BSN_LENGTH - 1):
            if last in ends and _passes_eleven_test(digits[first:last]):
                done = last
                yield start, ends[last]
                break


def _may_start(text: str, index: int) -> bool:
    return not text[max(index - 1, 0) : index].isalpha() or text[max(index - 3, 0) : index].lower() == "bsn"


def _may_end(text: str, index: int) -> bool:
    return not text[index : index + 1].isalpha() and not _CENTS.match(text, index)


def _passes_eleven_test(digits: list[int]) -> bool:
    a, b, c, d, e, f, g, h, i = digits if len(digits) == BSN_LENGTH else [0, *digits]
    return (9 * a + 8 * b + 7 * c + 6 * d + 5 * e + 4 * f + 3 * g + 2 * h - i) % 11 == 0 and any(digits)


def _iban_size(candidate: str, length: int) -> int:
    """Return how many characters of `candidate` are a valid IBAN of `length` signs (mod 97, ISO 7064), else 0."""
    signs = _IBAN_FILLING.sub("", candidate)[:length].upper()
    if len(signs) < length or int((signs[4:] + signs[:4]).translate(_IBAN_DIGITS)) % 97 != 1:
        return 0
    size = seen = 0
    while seen < length:
        seen += candidate[size].isalnum()
        size += 1
    return size
