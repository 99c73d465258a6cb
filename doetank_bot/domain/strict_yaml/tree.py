"""The strict subset of YAML, read event by event: no recursion, no construction, a line for every value.

Refused, each with its line: anchors, aliases, tags, duplicate keys, more than one document, nesting over
20, files over 256 KiB (reliability.md A14). Plain words follow the YAML 1.2 core schema: only `true` and
`false` are booleans, so `on:` and `no` are text, and `09:30` is not a number of seconds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from doetank_bot.domain.strict_yaml.problem import Invalid, Loc, Problem

MAX_BYTES: Final = 256 * 1024
_MAX_DEPTH: Final = 20
# Enough to mend a file by; a hostile one must not fill the screen.
_MAX_PROBLEMS: Final = 50
# libyaml reads ten times as fast as the pure loader, which is there for systems without it.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: Final[dict[str, bool | None]] = {
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tree:
    """A document as plain values. `lines` has the line of each path; `problems` did not stop the reading."""

    file: str
    data: dict[str, Any]
    lines: dict[Loc, int]
    problems: tuple[Problem, ...] = ()

    def line(self, loc: Loc) -> int:
        """Return the line of `loc`, or of the nearest part of the document around it; 0 without a file."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1 if self.lines else 0)


def read_tree(text: str, file: str) -> Tree:
    """Return the one mapping that `text` holds. Raises Invalid when it cannot be read as that."""
    _refuse_what_is_no_text(text, file)
    reader = _Reader(file)
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise Invalid((*reader.problems, *_syntax(error, text, file))) from None
    except yaml.YAMLError:
        remedy = "Type the line again, without copying it from somewhere else"
        raise Invalid([Problem(file, _odd_line(text), "", "has a character that cannot be seen", remedy)]) from None
    return reader.tree()


def _refuse_what_is_no_text(text: str, file: str) -> None:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Invalid([Problem(file, 1, "", "is larger than 256 KiB", "Split it, or remove what is not used")])
    for number, line in enumerate(text.split("\n"), 1):
        if any("\ud800" <= character <= "\udfff" for character in line):
            raise Invalid([Problem(file, number, "", "has half a character", "Save the file as UTF-8")])


def _odd_line(text: str) -> int:
    allowed = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    odd = allowed.search(text)
    return text.count("\n", 0, odd.start()) + 1 if odd else 1


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Iterator[Problem]:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    lines = text.split("\n")[: line + 1]
    tabbed = [number for number, one in enumerate(lines, 1) if "\t" in one[: len(one) - len(one.lstrip())]]
    if tabbed:
        for number in tabbed[:_MAX_PROBLEMS]:
            yield Problem(file, number, "", "starts with a tab", "Use spaces to indent")
        return
    remedy = "Check the indent and the quotes, here and a line above. A text with `: ` in it needs quotes"
    yield Problem(file, line, "", f"is not correct YAML: {error.problem or 'it stops too early'}", remedy)


@dataclass(slots=True)
class _Frame:
    """A mapping or a list that is being read."""

    value: dict[str, Any] | list[Any]
    loc: Loc
    key: str | None = None
    is_refused: bool = False


@dataclass(slots=True)
class _Reader:
    """Builds the values from the parser's events, with a stack of its own."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    _stack: list[_Frame] = field(default_factory=list)
    _lines: dict[Loc, int] = field(default_factory=dict)
    _root: Any = None
    _documents: int = 0
    _must_stop: bool = False

    def take(self, event: yaml.Event) -> None:
        """Take the next event. Raises Invalid when there is no use in reading on."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self._begin_document(line)
            case yaml.AliasEvent():
                self._refuse(line, "uses an alias (*)", "Write the value out", stop=True)
                self._place(None, line)
            case yaml.ScalarEvent():
                self._check_node(event, line)
                self._scalar(event, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check_node(event, line)
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._stack.pop()

    def tree(self) -> Tree:
        """Return what was read. Raises Invalid when that is no mapping, or was refused."""
        if self._must_stop:
            raise Invalid(self.problems)
        if self._root is None:
            raise Invalid([Problem(self.file, 1, "", "is empty", "Start from the example in the documentation")])
        if not isinstance(self._root, dict):
            raise Invalid([Problem(self.file, 1, "", "must be lines of `key: value`", "See the documentation")])
        return Tree(self.file, self._root, self._lines, tuple(self.problems))

    def _begin_document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(line, "begins a second document", "Keep one, without lines of only `---`", stop=True)
            raise Invalid(self.problems)

    def _check_node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._refuse(line, "uses an anchor (&)", "Leave it out; write values where they are used", stop=True)
        if getattr(event, "tag", None) is not None:
            self._refuse(line, "uses a tag (!)", "Leave it out. A text with ! in front needs quotes", stop=True)

    def _open(self, value: dict[str, Any] | list[Any], line: int) -> None:
        if len(self._stack) >= _MAX_DEPTH:
            self._refuse(line, "is nested more than 20 deep", "Make it flatter", stop=True)
            raise Invalid(self.problems)
        if self._stack and self._awaits_key(self._stack[-1]):
            self._refuse(line, "has a list or mapping as a key", "Use a plain word before the colon", stop=True)
            raise Invalid(self.problems)
        frame = _Frame(value, self._next_loc())
        self._place(value, line)
        self._stack.append(frame)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._stack and self._awaits_key(self._stack[-1]):
            self._begin_key(self._stack[-1], event.value, line)
            return
        self._place(_resolve(event.value) if event.implicit[0] else event.value, line)

    def _begin_key(self, frame: _Frame, key: str, line: int) -> None:
        frame.key = key
        loc = (*frame.loc, key)
        frame.is_refused = key in frame.value
        if frame.is_refused:
            message = f"is there twice (first on line {self._lines[loc]})"
            self._refuse(line, message, "Keep one of the two", loc=loc)
        else:
            self._lines.setdefault(loc, line)

    def _place(self, value: Any, line: int) -> None:
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            self._lines.setdefault((*frame.loc, len(frame.value)), line)
            frame.value.append(value)
            return
        if frame.key is None:  # an alias as a key: already refused
            frame.key = ""
            return
        if not frame.is_refused:
            frame.value[frame.key] = value
        frame.key = None

    def _next_loc(self) -> Loc:
        if not self._stack:
            return ()
        frame = self._stack[-1]
        return (*frame.loc, len(frame.value) if isinstance(frame.value, list) else frame.key or "")

    def _awaits_key(self, frame: _Frame) -> bool:
        return isinstance(frame.value, dict) and frame.key is None

    def _refuse(self, line: int, message: str, remedy: str, *, loc: Loc | None = None, stop: bool = False) -> None:
        key = dotted(self._next_loc() if loc is None else loc)
        self.problems.append(Problem(self.file, line, key, message, remedy))
        self._must_stop = self._must_stop or stop
        if len(self.problems) >= _MAX_PROBLEMS:
            raise Invalid(self.problems)


def dotted(loc: Loc) -> str:
    """Return a path as people write it: `phases[1].steps[0].pick`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.removeprefix(".")


def _resolve(word: str) -> str | int | float | bool | None:
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word
