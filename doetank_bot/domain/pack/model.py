"""The pack as a whole."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from doetank_bot.domain.pack.check import (
    check_form,
    check_moments,
    check_phases,
    check_references,
    check_series,
    check_weeks,
    salvage,
)
from doetank_bot.domain.pack.phase import Phase, Step
from doetank_bot.domain.pack.prompt import Form, Prompt
from doetank_bot.domain.pack.wording import STRICT, PromptId, Slug, Title
from doetank_bot.domain.strict_yaml import Invalid, Mistake, Problem, mistakes, parse, read_tree
from doetank_bot.domain.strict_yaml.problem import Loc


class PackWeeks(BaseModel):
    """How many weeks a cycle with this pack may take, and takes when nobody says."""

    model_config = STRICT

    min: int = Field(ge=1, le=52)
    default: int = Field(ge=1, le=52)
    max: int = Field(ge=1, le=52)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.min <= self.default <= self.max:
            found = Mistake(("default",), "is not between `min` and `max`", "Put the three in order")
            raise mistakes("weeks", [found])
        return self


class Limits(BaseModel):
    """How much a pack may ask of people."""

    model_config = STRICT

    prompts_per_week: int = Field(default=2, ge=1, le=20)


Moment = Annotated[tuple[PromptId, ...], Field(max_length=8)]


class Pack(BaseModel):
    """An approach: what is asked, when, and what becomes of the answers.

    A `sensitive` pack handles what may hurt people when it leaves the group. Prompts for fixed moments: `kickoff` (of
    the coach, in the thread of the start), `personal` (of each member in private, with the first prompt), `review` (the
    first one of the group's look back on an experiment), `checkin` (in private, when the cue of a plan has come). Forms
    for what members give by command stand under the kind of it: `story`, `experiment`, `barrier`, `ask`, `lesson`,
    `decision`.
    """

    model_config = STRICT

    schema_version: Literal["pack/1"] = Field(alias="schema")
    name: Slug
    title: Title
    sensitive: bool = False
    weeks: PackWeeks
    limits: Limits = Limits()
    prompts: Annotated[dict[PromptId, Prompt], Field(min_length=1, max_length=200)]
    forms: Annotated[dict[Slug, Form], Field(max_length=50)] = {}
    kickoff: Moment = ()
    personal: Moment = ()
    review: PromptId | None = None
    checkin: PromptId | None = None
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=20)]

    def prompt(self, prompt_id: str) -> Prompt:
        """Return the prompt of that name. Raises KeyError."""
        return self.prompts[prompt_id]

    def form(self, name: str) -> Form:
        """Return the follow-up questions of that form, in order. Raises KeyError."""
        return self.forms[name]

    def choice(self, form: str, field: str, name: str) -> Title | None:
        """Return the words for a choice that was kept by its name; None when the form has no such choice."""
        return self.choices(form, field).get(name)

    def choices(self, form: str, field: str) -> Mapping[str, Title]:
        """Return the words for each choice of a form's field, by the name it is kept by."""
        asked = next((one for one in self.forms.get(form, ()) if one.field == field), None)
        return (asked.choices or {}) if asked is not None else {}

    def phase(self, name: str) -> Phase:
        """Return the phase of that name. Raises KeyError."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def step(self, phase: str, step_id: str) -> Step:
        """Return one step of a phase. Raises KeyError."""
        for step in self.phase(phase).steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        found = list(self._mistakes())
        if found:
            raise mistakes("pack", found)
        return self

    def _mistakes(self) -> Iterator[Mistake]:
        phases = dict(enumerate(self.phases))
        forms = {name: prompt.form for name, prompt in self.prompts.items()}
        steps = (
            (("phases", index, "steps", number), step)
            for index, phase in phases.items()
            for number, step in enumerate(phase.steps)
        )
        yield from check_references(forms, self.forms.keys(), steps)
        yield from check_moments(self._moments(), self.prompts.keys())
        yield from check_series({name: prompt.then for name, prompt in self.prompts.items()})
        yield from check_phases(phases, self.limits.prompts_per_week)
        yield from check_weeks(self.weeks.min, self.weeks.default, self.weeks.max, self.phases)
        for name, form in self.forms.items():
            yield from check_form(name, form)

    def _moments(self) -> Iterator[tuple[Loc, str]]:
        for key, names in (("kickoff", self.kickoff), ("personal", self.personal)):
            yield from (((key, place), name) for place, name in enumerate(names))
        for key, one in (("review", self.review), ("checkin", self.checkin)):
            if one is not None:
                yield (key,), one


def parse_pack(text: str, file: str) -> Pack:
    """Return the pack that `text` holds. `file` is its path or name; its stem must be the pack's name.

    Raises Invalid with every problem.
    """
    stem = PurePath(file).stem

    def more(data: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from _name_mistakes(data.get("name"), stem)
        yield from salvage(data)

    pack = parse(text, file, Pack, more)
    for one in _name_mistakes(pack.name, stem):
        line = read_tree(text, file).line(one.loc)
        raise Invalid([Problem(file, line, "name", one.message, one.remedy)])
    return pack


def _name_mistakes(name: object, stem: str) -> Iterator[Mistake]:
    if isinstance(name, str) and name != stem:
        remedy = f"Write `name: {stem[:40]}`, or rename the file"
        yield Mistake(("name",), "is not the name of the file", remedy)
