"""The fixed words of an export for people: from the area `export` of the catalogue, in the group's language."""

from datetime import date

from babel.dates import format_date

from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import Group, Language, language_of
from doetank_bot.domain.progress import Progress
from doetank_bot.text.catalogue import Catalogue

_DAY = "d MMMM y"


class Phrases:
    """What is said in one export; `language` has the group's form of address, `code` is its language alone (BCP 47)."""

    def __init__(self, catalogue: Catalogue, group: Group) -> None:
        """Keep where the words come from and for whom they are."""
        self.language: Language = group.speech
        self.code: Language = language_of(group.language)
        self._catalogue = catalogue

    def phrase(self, name: str, **params: Params) -> str:
        """Return the phrase `export.<name>`, without markup. Raises as `Catalogue.plain`."""
        return self._catalogue.plain(f"export.{name}", params, self.language)

    def status(self, status: Progress) -> str:
        """Return how far a card is, in a word."""
        return self._catalogue.plain(f"status.{status}", {}, self.language)

    def day(self, day: date) -> str:
        """Return a date with its year: 8 februari 2027. A document outlives the year it was made in."""
        return format_date(day, _DAY, locale=self.code)
