"""Patterns of personal data without a check digit, and of the figures and addresses that look like it."""

import re
from collections.abc import Iterator

from doetank_bot.domain.personal_data.marks import BLANK, CAPITAL, DASH, NOT_AFTER_WORD, PARTICLE, SHORT_WORD

_GAP = f"[{BLANK}{DASH}./()]{{0,3}}"

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_PHONE = re.compile(
    rf"(?=[(+0]){NOT_AFTER_WORD}(?<!\d[-.,:])(?:"
    rf"\(?(?:\+|00){_GAP}31{_GAP}0?{_GAP}[1-9](?:{_GAP}\d){{8}}"
    rf"|\(?0\)?(?:6{_GAP}\d|[1-57-9]\d)(?:{_GAP}\d){{7}}"
    rf"|\+[1-9](?:{_GAP}\d){{6,14}}"
    r")(?!\d)"
)

_MONTH_NAME = re.compile("jan|feb|mrt|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec", re.IGNORECASE)
_PLATE = re.compile(
    r"(?=[\dA-Za-z])(?<![\w-])(?:"
    + "|".join(
        sidecode.replace("-", "[-\u2010\u2011\u2013]").replace("9", r"\d").replace("X", "[A-Za-z]")
        for sidecode in (
            "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9",
            "9-XXX-99", "XX-999-X", "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
        )
    )
    + r")(?![\w-])"
)  # fmt: skip
_LETTERS = re.compile("[A-Za-z]+")

_NUMBER = r"\d{1,5}(?:[ -]?[A-Za-z]\b|-\d{1,4})?(?![\d:])"
_POSTCODE = r"[1-9]\d{3}[ \u00a0]?[A-Za-z]{2}"
_STREET = (
    rf"(?:{CAPITAL}[\w'.’-]{{1,30}}(?:[ ](?:{PARTICLE}|{CAPITAL}[\w'.’-]{{1,30}})){{0,3}}"
    r"|\w{2,25}(?:straat|weg|laan|plein|gracht|kade|dijk|singel|steeg|dreef|pad|hof))"
)
_ADDRESS = re.compile(
    rf"(?=\w)(?<!\w)(?:(?:{_STREET}[ ])?{_NUMBER}[\s,]{{1,3}}({_POSTCODE})(?!\w)"
    rf"|({_POSTCODE})(?:[ ,]{{1,3}}(?:nr|no|nummer|huisnummer)\.?)?[ ,]{{1,3}}{_NUMBER}(?!\w))"
)

_MACHINE = re.compile(
    r"https?://[^\s<>()\[\]\"']+"
    r"|(?<![^\s(])([@#!$][^\s:@(]{1,255}:(?:localhost|(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?::\d{1,5})?(?!\w))",
    re.IGNORECASE,
)
_URL_PIECE = re.compile(r"[^/=&?#:]+")
_URL_NUMBER = re.compile(rf"\+?[\d{DASH}.]+")
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_CLOCK = r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_NOT_DATA = re.compile(
    rf"(?=[\dv])(?<![\w.-])(?:{_DAY}([-./]){_MONTH}\1{_YEAR}(?!\d|[-./]\d)"
    rf"|{_DAY} {_MONTH} {_YEAR}(?!\d| \d\d(?![\d:.]))"
    rf"|{_YEAR}([-./]){_MONTH}\2{_DAY}(?!\d|[-./]\d)"
    rf"|(?<!\d[ –])(?<!\d [-.–] ){_YEAR}[ ]?[-–/][ ]?{_YEAR}(?![ ]?[-–./]?[ ]?\d)"
    rf"|{_CLOCK}[ ]?(?:[-–]|tot|to|until)[ ]?{_CLOCK}(?![\d.-])"
    rf"|{_CLOCK}[ ]?(?:uur|u|h|am|pm)\b"
    r"|\d{1,3}(?:\.\d{3})+,\d\d?(?!\d)"
    r"|\d[\d.]*+(?:,[\d-]{1,2})?[ ]?(?:euro|eur|€)(?![ ]?\d)"
    r"|v(?:ersie|ersion)?\.?[ ]?\d+(?:\.\d+)+)"
    r"|(?:€|\beuro?)[ ]?\d[\d.]*+(?:,[\d-]{1,2})?",
    re.IGNORECASE,
)
_BSN_WORD = re.compile(r"(?<!\[)(?:bsn|burgerservicenummer|sofinummer)[^\d\[]{0,20}\Z", re.IGNORECASE)
_COMPACT_POSTCODE = 6


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds an e-mail address."""
    return (match.span() for match in _EMAIL.finditer(text))


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds a Dutch phone number, or a foreign one that begins with a plus sign."""
    return (_without_lone_bracket(match) for match in _PHONE.finditer(text))


def _without_lone_bracket(match: re.Match[str]) -> tuple[int, int]:
    """Return the span; a bracket that opens before the number and closes after it belongs to the sentence."""
    start, end = match.span()
    is_lone = match[0].startswith("(") and ")" not in match[0]
    return start + is_lone, end


def plates(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds a Dutch number plate, written with dashes, of one of the RDW's 14 series."""
    return (match.span() for match in _PLATE.finditer(text) if _is_plate(match))


def places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where `text` holds a postcode with a house number after it, or before it with its street."""
    return (match.span() for match in _ADDRESS.finditer(text) if _is_address(match))


def machine_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield Matrix ids, and the parts of web addresses that are not a number on their own."""
    for match in _MACHINE.finditer(text):
        if match[1]:
            yield match.span(1)
        else:
            pieces = _URL_PIECE.finditer(text, *match.span())
            yield from (piece.span() for piece in pieces if not _URL_NUMBER.fullmatch(piece[0]))


def plain_figures(text: str) -> Iterator[tuple[int, int]]:
    """Yield dates, times, amounts, years and versions, but not what is announced as a BSN."""
    for match in _NOT_DATA.finditer(text):
        if not _BSN_WORD.search(text, max(match.start() - 40, 0), match.start()):
            yield match.span()


def _is_plate(match: re.Match[str]) -> bool:
    letters = _LETTERS.findall(match[0])
    return not any(_MONTH_NAME.fullmatch(word) or (word.islower() and SHORT_WORD.fullmatch(word)) for word in letters)


def _is_address(match: re.Match[str]) -> bool:
    postcode = match[1] or match[2]
    letters = postcode[-2:]
    return len(postcode) == _COMPACT_POSTCODE or letters.isupper() or not SHORT_WORD.fullmatch(letters)
