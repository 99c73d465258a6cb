"""Who plays: the people of a municipality that does not exist. Their words stand in the script, in both languages."""

from dataclasses import dataclass

from doetank_bot.domain.group import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Dutch and in English."""

    nl: str
    en: str

    def get(self, language: Language) -> str:
        """Return it in `language`."""
        return self.en if language == "en" else self.nl


@dataclass(frozen=True, slots=True)
class Role:
    """One of the people: the account, the name others see, and who that is."""

    login: str
    name: str
    is_who: Words


MAAIKE = Role("maaike", "Maaike", Words("coach", "coach"))
FATIMA = Role("fatima", "Fatima", Words("consulent Wmo", "social care adviser"))
BAS = Role("bas", "Bas", Words("vergunningen", "permits desk"))
JOKE = Role("joke", "Joke", Words("inwoner, mantelzorger", "resident, cares for her mother"))

CAST = (MAAIKE, FATIMA, BAS, JOKE)
BOT = "Doebot"
PLACE = Words("gemeente Lindewaard", "municipality of Lindewaard")
TITLE = Words("Parkeren zonder papierwinkel", "Parking without paperwork")
