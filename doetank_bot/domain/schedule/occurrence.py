"""What a plan is made of: dated steps, and steps that could not find a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doetank_bot.domain.pack import Late


class Run(StrEnum):
    """What a step does; the values `digest.*` are those of the pack key `run`.

    `series`: the next question of a series, in its thread. `plan`: an if-then plan is repeated to its author at its
    cue. `look`: the look-date of an experiment. `later`: what a member put off comes back. `ask`: the sponsor gets
    an ask. `meeting`: the group meets soon. `nudge`: the one private reminder of a prompt.
    """

    PROMPT = "prompt"
    DRAFT = "digest.draft"
    DIGEST = "digest.send"
    RESUME = "resume"
    SERIES = "series"
    PLAN = "plan"
    LOOK = "look"
    LATER = "later"
    ASK = "ask"
    MEETING = "meeting"
    NUDGE = "nudge"


REMINDERS = frozenset(Run) - {Run.PROMPT, Run.DRAFT, Run.DIGEST, Run.RESUME}
"""What is set on the way (`SetTimer`), not planned from the pack: a new plan of the cycle leaves it alone."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated step. `key` (`w<week>.<step id>`) is unique in its cycle, and the same when the plan is made again.

    `planned_local` is the naive local time it is meant for, `due_at` the same instant in UTC. `prompts` are
    the ids to choose from; with `requires_action` and no plan or check-in, `otherwise` is asked instead. A reminder
    says what it is about: contribution `number`, for `member` (id) alone, or under `post` (an outbox id). Of a step
    of the pack `post` is the message that could not be sent in time: that alone is made again.
    """

    key: str
    week: int
    phase: str
    run: Run
    planned_local: datetime
    due_at: datetime
    late: Late = Late.NEXT_WINDOW
    prompts: tuple[str, ...] = ()
    requires_action: bool = False
    otherwise: str | None = None
    number: int | None = None
    member: int | None = None
    post: int | None = None


class DropReason(StrEnum):
    """Why a step of the pack is not in the plan.

    `no_day`: it falls on a day off and the next step is due before another day comes; `skipped`: outside the
    sending window, and the pack says `late: skip`; `absorbed`: the next digest comes no later; `phase_over`:
    its phase is too short for it; `week_full`: the pack's limit of prompts in that week is reached.
    """

    NO_DAY = "no_day"
    SKIPPED = "skipped"
    ABSORBED = "absorbed"
    PHASE_OVER = "phase_over"
    WEEK_FULL = "week_full"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A step that will not happen; `planned_local` is when the pack wanted it (naive local time)."""

    key: str
    planned_local: datetime
    reason: DropReason
    run: Run = Run.PROMPT


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a cycle will do, in order of time, and what it will not do, in the order it was wanted."""

    occurrences: tuple[Occurrence, ...]
    dropped: tuple[Dropped, ...] = ()


def choose(occurrence: Occurrence, asked: Sequence[str], has_action: bool) -> str | None:  # noqa: FBT001 - one fact
    """Return the id of the prompt to ask: in turn, so the one that was asked longest ago, pack order breaking ties.

    `asked` is what this cycle asked so far, oldest first; `has_action` whether the group has a plan or check-in. None
    when there is nothing to ask: an action is required, there is none, and the pack names no `otherwise`.
    """
    if occurrence.requires_action and not has_action:
        return occurrence.otherwise
    last = {prompt: position for position, prompt in enumerate(asked)}
    return min(occurrence.prompts, key=lambda prompt: last.get(prompt, -1), default=None)
