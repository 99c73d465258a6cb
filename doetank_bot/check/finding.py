"""What a look at the installation comes to, a line at a time."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from doetank_bot.domain.hygiene import clean


class Weight(Enum):
    """How bad a finding is: the word that a line begins with, and the exit code it asks for. The highest code counts.

    A NOTE is worth reading and stops nothing; BROKEN is what `run` would refuse to start with.
    """

    GOOD = ("ok", 0)
    NOTE = ("note", 0)
    BAD = ("wrong", 1)
    BROKEN = ("wrong", 78)

    @property
    def word(self) -> str:
        """What the line begins with."""
        return self.value[0]

    @property
    def exit_code(self) -> int:
        """What `check` ends with when nothing is worse."""
        return self.value[1]


class About(StrEnum):
    """What is looked at, in the order of looking; docs/operator.md tells of each what it can say."""

    FILES = "files"
    DATABASE = "database"
    DISK = "disk"
    BACKUP = "backup"
    MESSAGES = "messages"
    PACKS = "packs"
    TEXTS = "texts"
    HOLIDAYS = "holidays"
    HOMESERVER = "homeserver"
    CLOCK = "clock"
    LOGIN = "login"
    DEVICE = "device"
    ENCRYPTION = "encryption"
    LIMITS = "limits"
    ROOMS = "rooms"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it."""

    weight: Weight
    about: About
    text: str

    def __str__(self) -> str:
        """Return the line: one, whatever a homeserver or the name of a room holds."""
        return f"{self.weight.word:<5}  {self.about}: {' '.join(clean(self.text).split())}"


def good(about: About, text: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Weight.GOOD, about, text)


def note(about: About, text: str) -> Finding:
    """Return that something is worth knowing."""
    return Finding(Weight.NOTE, about, text)


def bad(about: About, text: str) -> Finding:
    """Return that something is wrong."""
    return Finding(Weight.BAD, about, text)


def broken(about: About, text: str) -> Finding:
    """Return that something keeps `run` from starting, until somebody changes it."""
    return Finding(Weight.BROKEN, about, text)
