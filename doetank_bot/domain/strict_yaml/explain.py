"""Pydantic's errors in plain words, each at its line."""

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from doetank_bot.domain.strict_yaml.problem import Loc, Mistake, Problem
from doetank_bot.domain.strict_yaml.tree import Tree, dotted

_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "string_type": ("must be text", "Put it in quotes"),
    "int_type": ("must be a whole number", "Write a number without quotes or a point"),
    "int_parsing": ("must be a whole number", "Write only digits"),
    "int_from_float": ("must be a whole number", "Leave out the part behind the point"),
    "bool_type": ("must be true or false", "Write true or false, without quotes"),
    "bool_parsing": ("must be true or false", "Write true or false, without quotes"),
    "model_type": ("must have keys of its own", "Put them on the next lines, indented by two spaces"),
    "dict_type": ("must have keys of its own", "Put them on the next lines, indented by two spaces"),
    "tuple_type": ("must be a list", "Write [one, two], or one per line behind a dash"),
    "list_type": ("must be a list", "Write [one, two], or one per line behind a dash"),
    "path_type": ("must be a path", "Write a file or folder name"),
}
_LIMITS: Final[dict[str, str]] = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "too_short": "needs at least {min_length}",
    "too_long": "has room for at most {max_length}",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "has room for at most {max_length} characters",
}


def explain(
    error: ValidationError, tree: Tree, model: type[BaseModel], more: Iterable[Mistake] = ()
) -> Iterator[Problem]:
    """Yield a problem for each error and each mistake in `more`. No value of the file is repeated."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_is_below(other, detail) for other in details):
            continue  # there are enough, but not all of them are sound
        loc = tuple(part for part in detail["loc"] if part != "[key]")
        message, remedy = _words(detail, loc, model)
        yield Problem(tree.file, tree.line(loc), dotted(loc), message, remedy)
    for one in more:
        yield Problem(tree.file, tree.line(one.loc), dotted(one.loc), one.message, one.remedy)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean x?` for the known word that looks most like `word`, or an empty string."""
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"Did you mean `{by_lower[found[0]]}`?" if found else ""


def known_paths(model: type[BaseModel], above: Loc = ()) -> dict[Loc, bool]:
    """Return the path of every value a `model` can hold, and whether it is a list."""
    paths: dict[Loc, bool] = {}
    for name, field in model.model_fields.items():
        loc = (*above, field.alias or name)
        annotation = _without_none(field.annotation)
        if _is_model(annotation):
            paths |= known_paths(annotation, loc)
        else:
            paths[loc] = get_origin(annotation) in {list, tuple}
    return paths


def _is_below(one: ErrorDetails, other: ErrorDetails) -> bool:
    depth = len(other["loc"])
    return len(one["loc"]) > depth and one["loc"][:depth] == other["loc"]


def _words(detail: ErrorDetails, loc: Loc, model: type[BaseModel]) -> tuple[str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "mistake":
        return str(context["message"]), str(context["remedy"])
    if kind == "missing":
        return "is missing", f"Add a line `{loc[-1]}: …`"
    if kind == "extra_forbidden":
        known = _keys_at(model, loc[:-1])
        return "is not a known key", nearest(str(loc[-1]), known) or f"Known here: {', '.join(known)}"
    if value is None:
        return "is empty", "Fill it in, or remove the line"
    if kind in {"enum", "literal_error"}:
        return _choice(value, str(context["expected"]))
    return _limit(kind, context, detail["msg"])


def _choice(value: object, expected: str) -> tuple[str, str]:
    known = [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",")]
    hint = nearest(value, known) if isinstance(value, str) else ""
    if len(known) == 1:
        return f"must be {known[0]}", f"Write {known[0]}"
    return f"must be one of: {', '.join(known)}", hint or "Choose one of these words"


def _limit(kind: str, context: Mapping[str, Any], message: str) -> tuple[str, str]:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context), "Change it"
    return message.replace("Input should be", "must be"), "Compare it with the example in the documentation"


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    annotation: Any = model
    for part in loc:
        annotation = _below(annotation, part)
    annotation = _without_none(annotation)
    if not _is_model(annotation):
        return []
    return [field.alias or name for name, field in annotation.model_fields.items()]


def _below(annotation: Any, part: str | int) -> Any:
    annotation = _without_none(annotation)
    if _is_model(annotation):
        fields = annotation.model_fields.items()
        return next((field.annotation for name, field in fields if part in {field.alias, name}), None)
    arguments = get_args(annotation)
    if not arguments:
        return None
    return arguments[1] if get_origin(annotation) is dict else arguments[0]


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
