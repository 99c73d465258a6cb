"""Settings put into the text of a configuration file, line by line: comments and all else stay as they are. Pure."""

import json
import re
from collections.abc import Mapping

from doetank_bot.init.answers import Value

_PLAIN = re.compile(
    r"(?!(?:true|false|null)$)[a-z][\w.+-]*(?:/[\w.+-]+)*(?:://[\w.:/+-]*\w)?", re.ASCII | re.IGNORECASE
)


def with_settings(text: str, settings: Mapping[str, Value]) -> str:
    """Return `text` with each setting (`section.key`) on its line; one that is None becomes a comment.

    A line that stands commented out is used; else a line is put under the head of the section, which is made when
    it is not there. A value over several lines, or a section within braces, is not understood: read the text back.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    for name, value in settings.items():
        section, _, key = name.partition(".")
        _set(lines, section, key, value)
    return "\n".join(lines) + "\n"


def _set(lines: list[str], section: str, key: str, value: Value) -> None:
    start = _head(lines, section)
    if start is None:
        if value is None:
            return
        lines += ["", f"{section}:"]
        start = len(lines) - 1
    inside = range(start + 1, _end(lines, start))
    indent = next((found[1] for n in inside if (found := re.match(r"( +)[\w\"']", lines[n]))), "  ")
    active = _line_of(lines, inside, rf" +{key}\s*:")
    if value is None:
        if active is not None:
            lines[active] = f"{indent}# {lines[active].lstrip()}"
        return
    place = active if active is not None else _line_of(lines, inside, rf" *# ?{key}:")
    line = f"{indent}{key}: {_written(value)}"
    if place is None:
        lines.insert(start + 1, line)
    else:
        lines[place] = line


def _head(lines: list[str], section: str) -> int | None:
    return _line_of(lines, range(len(lines)), rf"{section}\s*:\s*(#.*)?$")


def _end(lines: list[str], start: int) -> int:
    """Return where the next section begins, or the text ends."""
    following = _line_of(lines, range(start + 1, len(lines)), r"[^\s#]")
    return len(lines) if following is None else following


def _line_of(lines: list[str], among: range, pattern: str) -> int | None:
    return next((n for n in among if re.match(pattern, lines[n])), None)


def _written(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    # A JSON string is a YAML string too, as long as its letters are not written as pairs of escapes.
    return json.dumps(value, ensure_ascii=False)
