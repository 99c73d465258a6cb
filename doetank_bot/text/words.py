"""The words people may type, Dutch and English, as one table (words.yaml): both languages work everywhere."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel

from doetank_bot.domain.group import Language
from doetank_bot.domain.strict_yaml import parse

LANGUAGE_NAMES: Mapping[str, Language] = {
    "nl": "nl",
    "nederlands": "nl",
    "dutch": "nl",
    "en": "en",
    "engels": "en",
    "english": "en",
}
"""What people may type for a language. Not in the table: `en` is an everyday Dutch word as well."""


class Words(BaseModel):
    """One meaning; the first word of a language is the one that is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nl: Annotated[tuple[str, ...], Field(min_length=1)]
    en: Annotated[tuple[str, ...], Field(min_length=1)]

    def of(self, language: Language) -> tuple[str, ...]:
        """Return the words of a language; the Dutch ones whatever the form of address."""
        return self.en if language == "en" else self.nl


class _File(RootModel[dict[str, Words]]):
    pass


class WordTable:
    """Looks words up, whatever their case, spacing or language."""

    def __init__(self, table: Mapping[str, Words]) -> None:
        """Index the table. Raises ValueError when one word has two meanings."""
        self._table = table
        self._canonical: dict[str, str] = {}
        for canonical, words in table.items():
            for word in (*words.nl, *words.en):
                known = self._canonical.setdefault(_normal(word), canonical)
                if known != canonical:
                    raise ValueError(f"{word!r} means both {known!r} and {canonical!r}")

    @classmethod
    def load(cls) -> Self:
        """Read the table that comes with the bot."""
        text = (files(__package__) / "words.yaml").read_text("utf-8")
        return cls(parse(text, "words.yaml", _File).root)

    def canonical(self, word: str) -> str | None:
        """Return the meaning of a word, or None when it has none."""
        return self._canonical.get(_normal(word))

    def word(self, canonical: str, language: Language) -> str:
        """Return the word to show for a meaning. Raises KeyError when there is no such meaning."""
        return self._table[canonical].of(language)[0]

    def words(self, canonical: str, language: Language) -> tuple[str, ...]:
        """Return all words of a language for a meaning, the shown one first. Raises KeyError as `word`."""
        return self._table[canonical].of(language)

    def meanings(self) -> tuple[str, ...]:
        """Return all meanings, in the order of the table."""
        return tuple(self._table)

    def all_words(self) -> tuple[str, ...]:
        """Return every word that means something, normalised, in the order of the table."""
        return tuple(self._canonical)


def _normal(word: str) -> str:
    return " ".join(word.casefold().split())
