"""Who plays: the people of a municipality that does not exist. What they do and say stands in plays/."""

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
    """One of the people: the name others see, and who that is."""

    name: str
    is_who: Words

    @property
    def login(self) -> str:
        """The account's name."""
        return self.name.lower()


CAST = (
    Role("Maaike", Words("coach", "coach")),
    Role("Fatima", Words("consulent Wmo", "social care adviser")),
    Role("Bas", Words("vergunningen", "permits desk")),
    Role("Nadia", Words("beleid", "policy")),
    Role("Joke", Words("inwoner, mantelzorger", "resident, cares for her mother")),
    Role("Ahmed", Words("inwoner, mantelzorger", "resident, cares for his father")),
    Role("Erik", Words("opdrachtgever, niet in de groep", "sponsor, not in the group")),
)
BOT = "Doebot"
PLACE = Words("gemeente Lindewaard", "municipality of Lindewaard")
