"""What must be right between the parts of a pack. Works on whatever parts are sound by themselves."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from doetank_bot.domain.pack.phase import Phase, Step
from doetank_bot.domain.pack.prompt import FormField
from doetank_bot.domain.strict_yaml import Mistake
from doetank_bot.domain.strict_yaml.explain import nearest
from doetank_bot.domain.strict_yaml.problem import Loc

M = TypeVar("M", bound=BaseModel)
K = TypeVar("K")

_WEEK_DAYS = 7


def check_references(
    prompts: Mapping[str, str | None], forms: Collection[str], steps: Iterable[tuple[Loc, Step]]
) -> Iterator[Mistake]:
    """Yield each name that leads nowhere. `prompts` maps a prompt to its form; steps come with their place."""
    for name, form in prompts.items():
        if form is not None and form not in forms:
            yield _unknown(("prompts", name, "form"), "form", form, forms)
    for loc, step in steps:
        for place, picked in enumerate(step.pick):
            if picked not in prompts:
                yield _unknown((*loc, "pick", place), "prompt", picked, prompts)
        if step.otherwise is not None and step.otherwise not in prompts:
            yield _unknown((*loc, "otherwise"), "prompt", step.otherwise, prompts)


def check_moments(moments: Iterable[tuple[Loc, str]], prompts: Collection[str]) -> Iterator[Mistake]:
    """Yield each fixed moment (`kickoff`, `review` …), with its place, that names a prompt that is not there."""
    yield from (_unknown(loc, "prompt", name, prompts) for loc, name in moments if name not in prompts)


def check_series(then: Mapping[str, str | None]) -> Iterator[Mistake]:
    """Yield each prompt whose `then` leads nowhere, or round in a circle."""
    for name, following in then.items():
        if following is None:
            continue
        if following not in then:
            yield _unknown(("prompts", name, "then"), "prompt", following, then)
        elif name in _series(following, then):
            yield Mistake(("prompts", name, "then"), "comes back to this prompt", "Let a series have an end")


def _series(first: str, then: Mapping[str, str | None]) -> list[str]:
    series = [first]
    while (following := then.get(series[-1])) is not None and following not in series:
        series.append(following)
    return series


def check_phases(phases: Mapping[int, Phase], limit: int | None) -> Iterator[Mistake]:
    """Yield steps and phases that share a name, and phases that ask more than `limit` prompts in a week."""
    seen: dict[str, int] = {}
    for index, phase in phases.items():
        if seen.setdefault(phase.name, index) != index:
            yield Mistake(("phases", index, "name"), "is the name of another phase", "Give it its own name")
        ids: set[str] = set()
        for number, step in enumerate(phase.steps):
            if step.id in ids:
                place = ("phases", index, "steps", number, "id")
                yield Mistake(place, "is the id of another step in this phase", "Give it its own id")
            ids.add(step.id)
        asked = prompts_in_the_fullest_week(phase)
        if limit is not None and asked > limit:
            remedy = f"Remove steps, or write `prompts_per_week: {asked}` under `limits`"
            yield Mistake(("phases", index, "steps"), f"asks {asked} prompts in a week; the limit is {limit}", remedy)


def check_form(name: str, form: Collection[FormField]) -> Iterator[Mistake]:
    """Yield the fields of a form that share a name."""
    seen: set[str] = set()
    for index, one in enumerate(form):
        if one.field in seen:
            yield Mistake(("forms", name, index, "field"), "is there twice in this form", "Give it its own name")
        seen.add(one.field)


def check_weeks(least: int, default: int, most: int, phases: Collection[Phase]) -> Iterator[Mistake]:
    """Yield why the weeks of the phases cannot make up the weeks of the pack."""
    shortest = sum(phase.weeks.min for phase in phases)
    usual = sum(phase.weeks.default for phase in phases)
    if shortest > least:
        remedy = f"Make `min` at least {shortest}, or let a phase be left out with `min: 0`"
        yield Mistake(("weeks", "min"), f"is less than the phases together need ({shortest})", remedy)
    if usual != default:
        yield Mistake(("weeks", "default"), f"is not what the phases make together ({usual})", f"Write {usual}")
    if most > default and not any(phase.weeks.stretch for phase in phases):
        remedy = "Give the phase that may last longer `stretch: 1`"
        yield Mistake(("weeks", "max"), "is more than the default, but no phase stretches", remedy)


def prompts_in_the_fullest_week(phase: Phase) -> int:
    """Return the most prompts this phase sends in one of its weeks."""
    weekly = sum(1 for step in phase.steps if step.asks and step.on is not None)
    once = Counter(_week_of(step) for step in phase.steps if step.asks and step.after is not None)
    return weekly + max(once.values(), default=0)


def salvage(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield the mistakes between the sound parts of a pack file that is wrong somewhere else."""
    prompts = {name: _form_of(prompt) for name, prompt in _mapping(data, "prompts").items()}
    raw_phases = list(enumerate(_list(data, "phases")))
    raw_steps = [
        (("phases", index, "steps", number), step)
        for index, phase in raw_phases
        for number, step in enumerate(_list(phase, "steps"))
    ]
    yield from check_references(prompts, _mapping(data, "forms").keys(), _sound(Step, raw_steps))
    limit = _mapping(data, "limits").get("prompts_per_week", 2)
    yield from check_phases(dict(_sound(Phase, raw_phases)), limit if isinstance(limit, int) else None)


def _sound(model: type[M], raw: Iterable[tuple[K, object]]) -> Iterator[tuple[K, M]]:
    for place, value in raw:
        try:
            yield place, model.model_validate(value)
        except ValidationError:
            continue


def _list(data: object, key: str) -> list[Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, list) else []


def _mapping(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _form_of(prompt: object) -> str | None:
    form = prompt.get("form") if isinstance(prompt, dict) else None
    return form if isinstance(form, str) else None


def _week_of(step: Step) -> int:
    return step.after.days // _WEEK_DAYS if step.after is not None else 0


def _unknown(loc: tuple[str | int, ...], what: str, name: str, known: Collection[str]) -> Mistake:
    remedy = nearest(name, known) or f"Add it under `{what}s`, or name one that is there"
    return Mistake(loc, f"names a {what} that is not in this pack: {name[:40]}", remedy)
