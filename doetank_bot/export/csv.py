"""The contributions as CSV, a row each, for who counts and sorts them. Excel and LibreOffice open it by double click.

RFC 4180: every cell between quotes, rows end in CR LF. Two things are for Excel: the byte order mark, without which it
takes the letters for Windows-1252, and the separator, which is that of the group's country: a semicolon in Dutch (there
the comma is in numbers). A first line `sep=;` would do that too, but then Excel ignores the mark.

No cell is ever a formula (CWE-1236; OWASP, "CSV Injection").
"""

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from types import MappingProxyType

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.group import Language, language_of
from doetank_bot.domain.schedule import to_local
from doetank_bot.export.dossier import Dossier

BYTE_ORDER_MARK = "\ufeff"
SEPARATORS: Mapping[Language, str] = MappingProxyType({"nl": ";", "en": ","})
COLUMNS = (
    "cycle",
    "pack",
    "week",
    "id",
    "kind",
    "text",
    "author",
    "audience",
    "status",
    "part_of",
    "field",
    "created_at",
)
"""Named as in the JSON; `created_at` is local time, as spreadsheets read it, and `week` the week of the cycle."""

_DANGEROUS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_FORMULA = re.compile(
    rf"(^[\t\r\n]|^\s*[{_DANGEROUS}]"
    # LibreOffice 7.4, told of another separator, reads a line inside a cell as a row: seen to make a formula of it.
    rf"|(?<=[\r\n])[^\S\r\n]*[{_DANGEROUS}]|(?<=[;,\t|])[{_DANGEROUS}])"
)


def as_csv(dossier: Dossier) -> str:
    """Return the table: a row for each contribution that stands (`Dossier.standing`), by number."""
    file = StringIO()
    separator = SEPARATORS[language_of(dossier.group.language)]
    writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(dossier))
    return BYTE_ORDER_MARK + file.getvalue()


def harmless(text: str) -> str:
    """Return `text` with a ' before whatever a spreadsheet could take for the beginning of a formula."""
    return _FORMULA.sub(r"'\1", text)


def _rows(dossier: Dossier) -> Iterator[list[str]]:
    cycles = {cycle.id: cycle for cycle in dossier.cycles}
    for one in dossier.standing():
        cycle = cycles.get(one.cycle) if one.cycle is not None else None
        yield [harmless(str(cell)) for cell in _cells(one, cycle, dossier.group.timezone)]


def _cells(one: Contribution, cycle: Cycle | None, timezone: str) -> tuple[object, ...]:
    local = to_local(one.created_at, timezone) if one.created_at else None
    return (
        cycle.title if cycle else "",
        cycle.pack if cycle else "",
        cycle.week_on(local.date()) if cycle and local else "",
        one.number,
        one.kind.value,
        one.text,
        one.author_name,
        one.audience.value,
        one.status.value,
        one.part_of or "",
        one.field or "",
        f"{local:%Y-%m-%d %H:%M:%S}" if local else "",
    )
