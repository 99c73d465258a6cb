"""All texts of the bot in Dutch and English: `.po` files by area, read once at start (docs/texts.md).

The folder of Dutch with u holds only the texts that differ; the rest is the Dutch text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Self

from babel import Locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from doetank_bot.domain.document import Document, Line
from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import FORMAL, Language, language_of
from doetank_bot.text.catalogue.markup import Template, parse
from doetank_bot.text.catalogue.value import Shown, shown
from doetank_bot.text.plain import plain

LANGUAGES: tuple[Language, ...] = ("nl", "en")

_KEY_LINE = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: `one` for exactly one `{n}`, `other` for the rest and for texts without a plural."""

    other: Template
    one: Template | None = None

    @property
    def placeholders(self) -> frozenset[str]:
        """The names between braces, of both forms together."""
        return self.other.placeholders | (self.one.placeholders if self.one else frozenset())


class Catalogue:
    """Texts by key and language. Nothing inside a value is ever read as markup or as a placeholder."""

    def __init__(self, entries: Mapping[Language, Mapping[str, Entry]]) -> None:
        """Keep compiled texts; `load` makes them from the files."""
        self._entries = entries
        self._locales = {language: Locale.parse(language_of(language)) for language in entries}

    @classmethod
    def load(cls, folder: Traversable | None = None) -> Self:
        """Read `<language>/<area>.po` (default: those that come with the bot).

        Raises ValueError, with file and key, for a key that stands twice, an empty text or unclosed markup.
        """
        folder = folder or files(__package__)
        return cls({language: _read_language(folder / language) for language in (*LANGUAGES, FORMAL)})

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages there are, each form of address as one, the default first."""
        return tuple(self._entries)

    def keys(self, language: Language) -> frozenset[str]:
        """Return the keys that a language has of its own: all, or in a form of address those that differ."""
        return frozenset(self._entries[language])

    def entry(self, key: str, language: Language) -> Entry:
        """Return the compiled text. Raises KeyError naming key and language."""
        for own in (language, language_of(language)):
            if key in self._entries.get(own, {}):
                return self._entries[own][key]
        raise KeyError(f"no text {key!r} in {language!r}")

    def document(
        self, key: str, params: Mapping[str, Params], language: Language, timezone: str = "Europe/Amsterdam"
    ) -> Document:
        """Return the text as a tree. Instants are shown in `timezone` (IANA name).

        Raises KeyError for an unknown key, language or placeholder, ValueError for a naive datetime.
        """
        entry = self.entry(key, language)
        locale = self._locales[language]
        template = entry.other
        if entry.one and locale.plural_form(_count(key, params)) == "one":
            template = entry.one
        missing = template.placeholders - params.keys()
        if missing:
            raise KeyError(f"text {key!r} in {language!r} needs {', '.join(sorted(missing))}")

        def value(name: str) -> Shown:
            return shown(params[name], locale, timezone)

        return template.filled(value)

    def line(
        self, key: str, params: Mapping[str, Params], language: Language, timezone: str = "Europe/Amsterdam"
    ) -> Line:
        """Return a text of one line, to stand inside a tree.

        Raises as `document`, and ValueError when the text has more lines.
        """
        document = self.document(key, params, language, timezone)
        match document.blocks:
            case [block] if block.node == "paragraph" and len(block.lines) == 1:
                return block.lines[0]
        raise ValueError(f"text {key!r} in {language!r} is more than one line")

    def plain(
        self, key: str, params: Mapping[str, Params], language: Language, timezone: str = "Europe/Amsterdam"
    ) -> str:
        """Return the text without any markup. Raises as `document`."""
        return plain(self.document(key, params, language, timezone))


def _count(key: str, params: Mapping[str, Params]) -> int:
    count = params.get("n")
    if not isinstance(count, int):
        raise KeyError(f"text {key!r} has a plural and needs the number n")
    return count


def _read_language(folder: Traversable) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".po"):
            _read_area(file, folder.name, entries)
    return entries


def _read_area(file: Traversable, language: Language, entries: dict[str, Entry]) -> None:
    data = file.read_bytes()
    where = f"{language}/{file.name}"
    keys = _KEY_LINE.findall(data.decode("utf-8"))
    twice = {key for key in keys if keys.count(key) > 1 or key in entries}
    if twice:
        raise ValueError(f"{where}: more than once: {', '.join(sorted(twice))}")
    for message in read_po(BytesIO(data), locale=language_of(language), abort_invalid=True):
        if message.id:
            key, entry = _compiled(message, where)
            entries[key] = entry


def _compiled(message: Message, where: str) -> tuple[str, Entry]:
    key = message.id if isinstance(message.id, str) else message.id[0]
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if not forms or not all(forms) or message.fuzzy:
        raise ValueError(f"{where}: {key}: not translated")
    try:
        templates = [parse(form) for form in forms]
    except ValueError as error:
        raise ValueError(f"{where}: {key}: {error}") from None
    return key, Entry(other=templates[-1], one=templates[0] if len(templates) > 1 else None)
