"""When a cycle does what: the dated plan of a pack in a group's own time zone. Pure; the preview and the timers use the same plan."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Late(StrEnum):
    """What becomes of a step that could not go out in time (pack key `late`)."""

    NEXT_WINDOW = "next_window"
    SKIP = "skip"
    SEND = "send"


class Run(StrEnum):
    """What a step does; the values `digest.*` are the pack key `run`."""

    PROMPT = "prompt"
    DRAFT = "digest.draft"
    DIGEST = "digest.send"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated step. `key` (`w<week>.<step id>`) is unique in its cycle and stays the same when the plan is made again.

    `planned_local` is the naive local time it is meant for, `due_at` the same instant in UTC. `prompts` are the ids to
    choose from; with `requires_action` and no plan or check-in in the group, `otherwise` is asked instead.
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


class DropReason(StrEnum):
    """Why a step of the pack is not in the plan."""

    DAY_OFF = "day_off"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A step that falls on a day off (named `day`, empty for a weekend) and has no other day before the next step."""

    key: str
    planned_local: datetime
    reason: DropReason
    day: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a cycle will do, in order of time, and what it will not do."""

    occurrences: tuple[Occurrence, ...]
    dropped: tuple[Dropped, ...] = ()
