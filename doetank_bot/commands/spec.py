"""What a command is: data (words, typed parameters, who may), a look at what is kept, and a pure decision."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from doetank_bot.domain.day import Day
from doetank_bot.domain.effect import Outcome
from doetank_bot.domain.group import Language
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.ports import ChatPort, GroupViews, Views
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable


class Who(StrEnum):
    """Who may use a command; a moderator as the room's state says at that moment."""

    EVERYONE = "everyone"
    MEMBER = "member"
    MODERATOR = "moderator"


class Shape(StrEnum):
    """What a parameter takes. TEXT is all the rest, verbatim; TITLE one line of words, quoted or not."""

    TEXT = "text"
    TITLE = "title"
    WORD = "word"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `name` is a meaning in the word table. A keyword is typed as `name=value`, in any order."""

    name: str
    shape: Shape
    is_required: bool = False
    is_keyword: bool = False


Value = str | int | Day


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed, by parameter; what was not typed is None."""

    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return a TEXT, TITLE or WORD argument."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a NUMBER argument."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def day(self, name: str) -> Day | None:
        """Return a DAY argument."""
        value = self.values.get(name)
        return value if isinstance(value, Day) else None


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command. `found` are the kinds of personal data that the screen masked."""

    scene: Scene
    rules: Rules
    arguments: Arguments
    catalogue: Catalogue
    words: WordTable
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What a command may look at; `group` is None where the scene has none."""

    views: Views
    group: GroupViews | None
    chat: ChatPort


V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[V]):
    """A command.

    `name` is its path of meanings (`cycle.start`), `purpose` the key of the text that says what it does, `example` what
    to type after its words, per language. `needs_group`: it is about one group. `needs_room`: and everyone in it must
    see that it was done. `keeps`: it gives a member's words, which are kept however long the message waited.
    `who_with_text` is asked for when a TEXT argument is there; `purpose_without_text` is what it does for the others.
    `is_default`: the family's word alone means this. `shows_rights`: what it shows depends on whether the sender
    moderates. `is_undoable`: `!cycle undo` brings back how things stood before it.
    """

    name: str
    purpose: str
    load: Callable[[Call, Sources], Awaitable[V]]
    decide: Callable[[Call, V], Outcome]
    parameters: tuple[Parameter, ...] = ()
    who: Who = Who.EVERYONE
    who_with_text: Who | None = None
    purpose_without_text: str = ""
    needs_group: bool = True
    needs_room: bool = False
    keeps: bool = False
    is_default: bool = False
    shows_rights: bool = False
    is_undoable: bool = False
    example: Mapping[Language, str] = field(default_factory=dict)

    @property
    def path(self) -> tuple[str, ...]:
        """The meanings of its words, in order."""
        return tuple(self.name.split("."))

    def who_may(self, arguments: Arguments) -> Who:
        """Return who may use it with these arguments."""
        if self.who_with_text is not None and arguments.text("text"):
            return self.who_with_text
        return self.who


AnyCommand = Command[Any]
"""Any command, whatever it loads."""


async def nothing(_call: Call, _sources: Sources) -> None:
    """Load nothing: the scene says enough."""
