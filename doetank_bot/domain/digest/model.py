"""What a digest holds. Wording is the text layer's."""

from dataclasses import dataclass
from datetime import date

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.pack import Phase

EXCERPT = 160
"""Characters of a quote that are shown; the rest is behind its link."""
MAX_WORDS = 350
"""The whole message, our own words included (design.md section 3): readable in two minutes."""


@dataclass(frozen=True, slots=True)
class QuestionNow:
    """The group's question; `version` counts from 1, `is_changed` since the digest before (False in the first)."""

    current: Contribution
    version: int
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ExperimentNow:
    """One experiment: its title and what members answered about it; `so_far` is oldest first.

    `n_more` observations are left out (older ones).
    """

    title: Contribution
    expectation: Contribution | None = None
    look_on: Contribution | None = None
    so_far: tuple[Contribution, ...] = ()
    n_more: int = 0


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next and on which local date: `what` is `do`, `think`, `prompt` (either) or `digest.send`."""

    what: str
    on: date


@dataclass(frozen=True, slots=True)
class Digest:
    """One weekly digest. Every contribution in it is active and for the group; empty sections are empty or None.

    `number` counts the cycle's digests from 1; `on` is the local date it is made, `title` the cycle's, shortened.
    `said` is what members did and saw since the digest before, by number, and `n_more_said` how many did not fit;
    `n_more_experiments` likewise. `checked_by` is the name of who read it first, or None.
    """

    number: int
    title: str
    on: date
    week: int
    n_weeks: int
    phase: Phase
    question: QuestionNow | None = None
    experiments: tuple[ExperimentNow, ...] = ()
    n_more_experiments: int = 0
    said: tuple[Contribution, ...] = ()
    n_more_said: int = 0
    next: tuple[NextStep, ...] = ()
    checked_by: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the group's own stands in it but an unchanged question."""
        is_new_question = self.question is not None and self.question.is_changed
        return not (self.experiments or self.said or is_new_question)
