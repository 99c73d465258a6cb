"""Names of people, told only by what stands beside them: a phone number, a title."""

import re
from bisect import bisect
from collections.abc import Iterator

from doetank_bot.domain.personal_data.marks import CAPITAL, FOUND, FOUND_PLACE, PARTICLE

_NO_NAME = (
    r"(?:aan|adres|address|app|bank|bel|bellen|beste|brief|bsn|burgerservicenummer|call|contact|dag|dank|dat|dit|de|die|een|"
    r"e-?mail|en|for|groet|groeten|haar|hallo|hello|het|hi|hij|hoi|iban|ik|in|is|je|jij|kenteken|mail|mailadres|mijn|mob|"
    r"mobiel|mobile|my|naam|name|nummer|number|of|ons|op|or|our|phone|plate|postcode|rekening|rekeningnummer|sms|sofinummer|"
    r"stuur|tel|telefoon|telefoonnummer|text|the|this|to|u|uw|van|via|vraag|wij|we|whatsapp|woont|your|zij|zijn)\b"
)
_WORD = rf"(?={CAPITAL})(?!(?i:{_NO_NAME})){CAPITAL}(?:[\w'’-]++|\.(?:[ ]?{CAPITAL}\.){{0,4}})"
_NAME = rf"{_WORD}(?:[ ](?:{PARTICLE}[ ]){{0,3}}{_WORD}){{0,3}}"
_LINK_WORD = (
    r"(?i:adres|address|at|belt|bereikbaar|bsn|burgerservicenummer|e-?mail|e-?mailadres|even|has|heeft|iban|is|kenteken|mail|"
    r"mijn|mob|mobiel|mobile|nr|number|nummer|on|onder|op|phone|rekening|s|sofinummer|te|tel|telefoon|telefoonnummer|via|"
    r"woont|lives|zijn|haar|his|her|number's)"
)
_LINK = "[ ,:;(\u00a0'’=\u2013-]{0,3}\n?[ ]{0,2}"
_NAME_BEFORE = re.compile(
    rf"(?={CAPITAL})(?<!\w)({_NAME})(?={_LINK}(?:{_LINK_WORD}\b\.?{_LINK}){{0,3}}[{FOUND}{FOUND_PLACE}])"
)
_OF = r"(?i:van|of|from|t\.?n\.?v\.?|op naam van|ten name van|is van|belongs to|hoort bij|staat op naam van)"
_NAME_AFTER = re.compile(
    rf"(?:(?<={FOUND})[ ,:(/\u00a0\u2013-]{{1,3}}|(?<=[{FOUND}{FOUND_PLACE}])[ ,:(]{{1,3}}{_OF}[ ])({_NAME})"
)
_NO_SURNAME = (
    r"(?:aan|als|and|bel|belde|belt|bij|die|die|een|en|er|from|gaf|had|has|heeft|het|hier|in|is|kan|kon|kwam|met|mijn|moet|"
    r"naar|niet|of|om|on|ook|op|over|said|says|te|tel|tot|uit|vertelde|vertelt|via|voor|vraagt|vroeg|was|who|wil|wilde|"
    r"with|woont|zegt|zei|zijn|zonder)\b"
)
_TITLED_NAME = re.compile(
    r"(?=[dmjDMJ])(?<!\w)(?i:mevrouw|mevr|meneer|de heer|dhr|mw|mvr|mrs|mr|ms|miss|juffrouw)\b\.?[ \u00a0]{1,2}"
    rf"((?:{PARTICLE}[ ]){{0,3}}{_NAME}"
    rf"|(?:{PARTICLE}[ ]){{1,3}}[^\W\d_]{{2,30}}+|(?!(?i:{_NO_SURNAME}))[^\W\d_]{{2,30}}+)"
)
_ANY_FOUND = re.compile(f"[{FOUND}{FOUND_PLACE}]+")
_CLAUSE_END = re.compile(rf"[!?;\n]|\.\s+(?={CAPITAL})")


def titled_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield each name after a title (mevrouw, dhr, Mr) in a clause that holds something found before."""
    titled = list(_TITLED_NAME.finditer(text))
    if not titled:
        return
    ends = [match.start() for match in _CLAUSE_END.finditer(text)]
    holding = {bisect(ends, match.start()) for match in _ANY_FOUND.finditer(text)}
    for match in titled:
        clauses = range(bisect(ends, match.start()), bisect(ends, match.end()) + 1)
        if not holding.isdisjoint(clauses):
            yield match.span(1)


def names_before(text: str) -> Iterator[tuple[int, int]]:
    """Yield each name that leads up to something found: "Jan heeft nummer …"."""
    return (match.span(1) for match in _NAME_BEFORE.finditer(text))


def names_after(text: str) -> Iterator[tuple[int, int]]:
    """Yield each name that follows something found: "… t.n.v. J. Jansen"."""
    return (match.span(1) for match in _NAME_AFTER.finditer(text))
