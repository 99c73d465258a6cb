"""YAML in, a pydantic model out, or every problem at once with its line. For packs and settings."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from doetank_bot.domain.strict_yaml.explain import explain
from doetank_bot.domain.strict_yaml.problem import Invalid, Mistake, Problem, mistake, mistakes
from doetank_bot.domain.strict_yaml.tree import MAX_BYTES, Tree, read_tree

__all__ = [
    "MAX_BYTES",
    "Invalid",
    "Mistake",
    "Problem",
    "Tree",
    "explain",
    "mistake",
    "mistakes",
    "parse",
    "read_tree",
]

M = TypeVar("M", bound=BaseModel)
MoreChecks = Callable[[Mapping[str, Any]], Iterable[Mistake]]


def parse(text: str, name: str, model: type[M], more: MoreChecks | None = None) -> M:
    """Return `text` (one YAML document of the strict subset) as a `model`.

    `name` is the file as people know it. `more` finds mistakes between the parts of a document of which some
    other part is already wrong, so that nobody has to mend a file twice.
    Raises Invalid with all problems found; never anything else. Values are not repeated in messages.
    """
    tree = read_tree(text, name)
    try:
        found = model.model_validate(tree.data)
    except ValidationError as error:
        extra = tuple(more(tree.data)) if more else ()
        raise Invalid((*tree.problems, *explain(error, tree, model, extra))) from None
    if tree.problems:
        raise Invalid(tree.problems)
    return found
