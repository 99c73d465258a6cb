"""What a digest holds. Wording is the text layer's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.pack import Phase
from doetank_bot.domain.pack.wording import Title

EXCERPT = 160
"""Characters of a quote that are shown; the rest is behind its link."""
MAX_WORDS = 350
CORRECTION = "correction"
"""The field in which it is kept what someone says is wrong: it stands in no digest."""
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

    `n_more` observations are left out (older ones); `status` is what was last said of how far it is.
    """

    title: Contribution
    expectation: Contribution | None = None
    look_on: Contribution | None = None
    so_far: tuple[Contribution, ...] = ()
    n_more: int = 0
    status: Contribution | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer that was kept by its name in a list of the pack, with the words for each name."""

    answer: Contribution
    choices: Mapping[str, Title]


@dataclass(frozen=True, slots=True)
class LessonNow:
    """What the group thinks it learns: by what it saw that, and how sure it is."""

    lesson: Contribution
    evidence: Contribution | None = None
    sure: Chosen | None = None


@dataclass(frozen=True, slots=True)
class BarrierNow:
    """Where the group is stuck: who takes it up (None: nobody yet) and for how many days it has been open.

    `solved` is what ended it (None: it is open).
    """

    barrier: Contribution
    owner: Contribution | None = None
    n_days: int = 0
    solved: Contribution | None = None


@dataclass(frozen=True, slots=True)
class AskNow:
    """What was asked or offered: of whom, before when, and what became of it: an answer, or a status that ended it."""

    ask: Contribution
    to: Chosen | None = None
    by: Contribution | None = None
    answer: Contribution | None = None
    ended: Contribution | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.answer is None and self.ended is None


class MinuteKind(StrEnum):
    """What a line of "in one minute" is about."""

    LOOK = "look"
    ASK = "ask"
    BARRIER = "barrier"


@dataclass(frozen=True, slots=True)
class MinuteLine:
    """One of the first lines: an experiment that is looked at, an open ask, a barrier without an owner.

    `on` is the day that was said with it, in its member's words.
    """

    kind: MinuteKind
    card: Contribution
    on: Contribution | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next and on which local date.

    `what` is `do`, `think`, `prompt` (either), `digest.send`, `meeting` (`at` a local time) or `holiday.` with the name
    of a day off; or words to show.
    """

    what: str
    on: date
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """How one digest goes out.

    `week` is the week it closes, when that is not the one of today: a digest can move past a weekend. `checked_by` is
    the name of who read it first, or None. It has at most `max_words` (350: design.md section 3).
    """

    week: int | None = None
    checked_by: str | None = None
    max_words: int = MAX_WORDS


USUAL = Edition()


@dataclass(frozen=True, slots=True)
class Digest:
    """One weekly digest. Every contribution in it is active and for the group; empty sections are empty or None.

    `number` counts the cycle's digests from 1; `on` is the local date it is made, `title` the cycle's, shortened.
    `said` is what members did and saw since the digest before, by number, and `n_more_said` how many did not fit;
    `n_more_experiments` likewise. `checked_by` is the name of who read it first, or None. `own_minute` is what the
    coach wrote for the first lines, in the place of `minute`, cut at `own_limit` characters. `n_more_cards` counts
    lessons, barriers, decisions and asks that did not fit. `n_sealed` messages were written and cannot be read yet.
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
    minute: tuple[MinuteLine, ...] = ()
    own_minute: Contribution | None = None
    own_limit: int = 360
    story: Contribution | None = None
    lessons: tuple[LessonNow, ...] = ()
    barriers: tuple[BarrierNow, ...] = ()
    decisions: tuple[Contribution, ...] = ()
    asks: tuple[AskNow, ...] = ()
    n_more_cards: int = 0
    n_sealed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the group's own stands in it but an unchanged question."""
        is_new_question = self.question is not None and self.question.is_changed
        cards = (self.story, self.lessons, self.decisions, self.own_minute)
        return not (self.experiments or self.said or self.barriers or self.asks or any(cards) or is_new_question)
