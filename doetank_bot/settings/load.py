"""Reading the settings: the YAML file, and over it the environment.

Not pydantic-settings' own environment source: it skips variables it does not know, and names none in its errors.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from doetank_bot.domain.strict_yaml import MAX_BYTES, Invalid, Mistake, Problem, Tree, explain, read_tree
from doetank_bot.domain.strict_yaml.explain import known_paths, nearest
from doetank_bot.domain.strict_yaml.problem import Loc
from doetank_bot.domain.strict_yaml.tree import dotted
from doetank_bot.settings.model import Settings, secret_mistakes

_PREFIX: Final = "DOETANK_"
_CONFIG: Final = "DOETANK_CONFIG"
# Kubernetes sets these by itself for a service called doetank or doetank-something.
_KUBERNETES: Final = re.compile(
    r"DOETANK_(?:[A-Z0-9]+_)*?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9]+)*|PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?)?)"
)
_DEFAULT: Final = Path("doetank.yaml")


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the file at `path`, else of `$DOETANK_CONFIG`, else of `./doetank.yaml`.

    A variable like `DOETANK_MATRIX__USER_ID` wins over the file; an empty one counts as not set; lists are
    written with commas or as JSON. Without a file the environment alone will do, unless a file was asked for.
    Raises Invalid with every problem, of the file and of the environment.
    """
    variables = {name: value for name, value in environ.items() if _is_ours(name) and value}
    file = config_file(path, environ)
    if path is None and not environ.get(_CONFIG) and variables and not file.exists():
        tree = Tree(str(file), {}, {})
    else:
        tree = read_tree(read_text(file), str(file))
    return _validated(tree, variables, folder_of(file))


def config_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return which file the settings are read from: `path`, else `$DOETANK_CONFIG`, else `./doetank.yaml`."""
    return path or Path(environ.get(_CONFIG) or _DEFAULT)


def settings_in(text: str, file: Path) -> Settings:
    """Return the settings that `text` would give as the content of `file`. Raises Invalid with every problem."""
    return _validated(read_tree(text, str(file)), {}, folder_of(file))


def folder_of(file: Path) -> Path:
    """Return the folder from which relative paths in a configuration file start, links followed. Raises Invalid."""
    try:
        return file.resolve().parent
    except (RuntimeError, OSError):
        problem = Problem(str(file), 0, "", "is a link that leads back to itself", "Let it lead to a real file")
        raise Invalid([problem]) from None


def read_text(path: Path) -> str:
    """Return what is in a file that people write. Raises Invalid when it cannot be read as UTF-8."""
    try:
        with path.open("rb") as file:
            # one byte more than is allowed, so that the reader can see that it is too large
            return file.read(MAX_BYTES + 1).decode("utf-8-sig", "strict" if _fits(path) else "replace")
    except FileNotFoundError:
        problem = Problem(str(path), 0, "", "is not there", "Check the name, or make it with `doetank-bot init`")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = Problem(str(path), line, "", "is not UTF-8", "Save the file as UTF-8")
    except IsADirectoryError:
        problem = Problem(str(path), 0, "", "is a folder", f"Name the file in it, like {path / _DEFAULT}")
    except OSError as error:
        problem = Problem(str(path), 0, "", f"cannot be read ({error.strerror})", "Let the bot's user read it")
    raise Invalid([problem])


def _fits(path: Path) -> bool:
    return path.stat().st_size <= MAX_BYTES


def _is_ours(name: str) -> bool:
    return name.startswith(_PREFIX) and name != _CONFIG and not _KUBERNETES.fullmatch(name)


def _validated(tree: Tree, variables: Mapping[str, str], base: Path) -> Settings:
    known = known_paths(Settings)
    problems = [*tree.problems]
    set_by: dict[Loc, str] = {}
    for name, value in variables.items():
        loc = tuple(name.removeprefix(_PREFIX).lower().split("__"))
        if loc in known:
            set_by[loc] = name
            _put(tree.data, loc, _listed(value) if known[loc] else value)
        else:
            problems.append(_unknown_variable(name, list(known)))
    try:
        settings = Settings.model_validate(tree.data, context={"base": base})
    except ValidationError as error:
        raise Invalid([*problems, *_placed(error, tree, set_by)]) from None
    if problems:
        raise Invalid(problems)
    return settings


def _put(data: dict[str, Any], loc: Loc, value: Any) -> None:
    """Set a value deep in `data`; a section that is no mapping stays, for the model to refuse."""
    for part in loc[:-1]:
        if data.get(str(part)) is None:
            data[str(part)] = {}
        inner = data[str(part)]
        if not isinstance(inner, dict):
            return
        data = inner
    data[str(loc[-1])] = value


def _listed(value: str) -> Any:
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _placed(error: ValidationError, tree: Tree, set_by: Mapping[Loc, str]) -> Iterator[Problem]:
    """Yield the problems; one about a value from the environment names the variable instead of a line."""
    by_key = {dotted(loc): name for loc, name in set_by.items()}
    for problem in explain(error, tree, Settings, _secret_mistakes(tree.data)):
        name = by_key.get(problem.key.partition("[")[0])
        yield Problem("environment", 0, name, problem.message, problem.remedy) if name else problem


def _secret_mistakes(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what the model does not come to when another setting is wrong; the same problem twice is told once."""
    matrix = data.get("matrix") or {}
    if isinstance(matrix, dict):
        for one in secret_mistakes(matrix.get("password_file"), matrix.get("access_token_file")):
            yield replace(one, loc=("matrix", *one.loc))


def _unknown_variable(name: str, known: list[Loc]) -> Problem:
    names = [_PREFIX + "__".join(str(part) for part in loc).upper() for loc in known]
    remedy = nearest(name, names) or "See doetank.example.yaml for the settings there are"
    return Problem("environment", 0, name, "is not a known setting", remedy)
