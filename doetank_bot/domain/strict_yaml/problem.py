"""What can be wrong in a file that people write by hand: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1; it is 0 where there is none (an environment variable).

    `key` is the dotted path in the file, or the environment variable; empty for the file as a whole.
    """

    file: str
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Return `file:line: key: message. remedy`, without the parts that are not there."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = ": ".join(part for part in (place, self.key) if part)
        return f"{where}: {self.message}. {self.remedy}".rstrip()


class Invalid(Exception):
    """A file (or the environment) cannot be used; `problems` is never empty and in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep each problem once, sorted by file and line."""
        unique = dict.fromkeys(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(unique, key=lambda one: (one.file, one.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem whose file and line are not known yet: `loc` is the path from the model that noticed it."""

    loc: Loc
    message: str
    remedy: str


def mistake(message: str, remedy: str) -> PydanticCustomError:
    """Return the error a validator raises for the value it was given; the remedy travels along."""
    return PydanticCustomError("mistake", "{message}", {"message": message, "remedy": remedy})


def mistakes(title: str, found: Iterable[Mistake]) -> ValidationError:
    """Return one error for several mistakes, each at its own place below the model that raises it."""
    details = [InitErrorDetails(type=mistake(one.message, one.remedy), loc=one.loc, input=None) for one in found]
    return ValidationError.from_exception_data(title, details, hide_input=True)
