"""When a pack does what: phases, their weeks, and the steps in each week."""

import re
from datetime import time, timedelta
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, model_validator

from doetank_bot.domain.pack.wording import STRICT, PromptId, Slug, Title
from doetank_bot.domain.strict_yaml import Mistake, mistake, mistakes

_WEEK_TIME = re.compile(r"([a-z]{3}) ([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DURATION = re.compile(
    r"P(?:(?P<days>[0-9]{1,3})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,3})H)?(?:(?P<minutes>[0-9]{1,4})M)?)?",
    re.ASCII,
)


class Weekday(IntEnum):
    """Days as `date.weekday()` counts them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


class Run(StrEnum):
    """What a step may do besides asking."""

    DRAFT = "digest.draft"
    SEND = "digest.send"


class Requires(StrEnum):
    """`action`: the group has a plan or a check-in, so that there is something to think back on."""

    ACTION = "action"


class Late(StrEnum):
    """What to do with a step outside the sending window: at its next opening, not at all, or at once."""

    NEXT_WINDOW = "next_window"
    SKIP = "skip"
    SEND = "send"


class WeekTime(BaseModel):
    """A moment in each week, on the group's own clock; `mon 09:30` in the file."""

    model_config = STRICT

    weekday: Weekday
    at: time

    def __str__(self) -> str:
        """Return it as it stands in a pack."""
        return f"{self.weekday.name.lower()} {self.at:%H:%M}"


def _week_time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = _WEEK_TIME.fullmatch(value.strip().lower())
    if match is None or match[1].upper() not in Weekday.__members__:
        raise mistake("is not a day and a time", "Write it like `mon 09:30` (mon, tue, wed, thu, fri, sat, sun)")
    return WeekTime(weekday=Weekday[match[1].upper()], at=time(int(match[2]), int(match[3])))


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    parts = {name: int(number) for name, number in match.groupdict().items() if number} if match else {}
    if not parts:
        raise mistake("is not a duration", "Write it like PT20M (minutes), PT2H (hours) or P3D (days)")
    return timedelta(**parts)


def _as_duration(value: timedelta) -> str:
    minutes, seconds = divmod(value.seconds, 60)
    return f"P{value.days}DT{minutes}M" if not seconds else f"P{value.days}DT{minutes}M{seconds}S"


On = Annotated[WeekTime, BeforeValidator(_week_time), PlainSerializer(str)]
_After = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(_as_duration)]


class Step(BaseModel):
    """One thing at one moment: `on` in each week of the phase, or once, `after` the phase began.

    It asks one of `pick` (in turn, never last week's) or it does `run`. When `requires` is not met, the
    step asks `otherwise`, or nothing where that is absent.
    """

    model_config = STRICT

    id: Slug
    on: On | None = None
    after: _After | None = None
    pick: Annotated[tuple[PromptId, ...], Field(max_length=20)] = ()
    run: Run | None = None
    requires: Requires | None = None
    otherwise: PromptId | None = None
    late: Late = Late.NEXT_WINDOW

    @property
    def asks(self) -> bool:
        """Whether this step sends a prompt."""
        return bool(self.pick)

    @model_validator(mode="after")
    def _one_moment_one_act(self) -> Self:
        found = [Mistake((key,), message, remedy) for key, message, remedy, wrong in _step_rules(self) if wrong]
        if found:
            raise mistakes("step", found)
        return self


def _step_rules(step: Step) -> list[tuple[str, str, str, bool]]:
    keep_one, both = "Keep one of the two", "stands beside"
    no_moment, no_act = not step.on and step.after is None, not step.pick and not step.run
    loose = step.otherwise is not None and step.requires is None
    return [
        ("on", "or `after` is missing", "Write `on: mon 09:30` or `after: PT20M`", no_moment),
        ("after", f"{both} `on`", keep_one, step.on is not None and step.after is not None),
        ("after", "must not be zero", "Write at least PT1M", step.after == timedelta()),
        ("pick", "or `run` is missing", "Write `pick: [a prompt]` or `run: digest.send`", no_act),
        ("run", f"{both} `pick`", keep_one, bool(step.pick) and step.run is not None),
        ("requires", "goes only with `pick`", "Remove it", step.requires is not None and not step.pick),
        ("otherwise", "goes only with `requires`", "Add `requires: action`, or remove it", loose),
        ("pick", "names a prompt twice", "Name each prompt once", len(set(step.pick)) < len(step.pick)),
    ]


class PhaseWeeks(BaseModel):
    """How many weeks a phase takes; with `min: 0` the shortest cycle leaves it out.

    `stretch` is its share of the weeks beyond the default.
    """

    model_config = STRICT

    min: int = Field(ge=0, le=52)
    default: int = Field(ge=0, le=52)
    stretch: int = Field(default=0, ge=0, le=100)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.default < self.min:
            raise mistakes("weeks", [Mistake(("default",), "is less than `min`", "Make it at least as many weeks")])
        return self


class Phase(BaseModel):
    """A part of the cycle, with the steps of each of its weeks."""

    model_config = STRICT

    name: Slug
    title: Title
    weeks: PhaseWeeks
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=40)]
