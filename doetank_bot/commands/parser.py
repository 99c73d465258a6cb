"""From typed text to a command with its arguments. Pure; words of both languages, any case, any number of spaces."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from doetank_bot.commands.progress import said_of_card
from doetank_bot.commands.spec import AnyCommand, Arguments, Parameter, Shape, Value
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.hygiene import excerpt, is_blank
from doetank_bot.text.words import WordTable

Table = Sequence[AnyCommand]

MAX_TITLE = 80
_MAX_ARGUMENTS = 1000  # characters; what is longer is no list of arguments
_SHOWN = 40  # characters of a wrong word that are said back
_LIKENESS = 0.7
_PUNCTUATION = ".,;:!?…"

_FIRST_WORD = re.compile(r"\s*(\S+)")
_TOKEN = re.compile(
    r"(?:(?P<name>[^\W\d_]{1,20})=)?"
    r"(?:\"(?P<plain>[^\"]*)\"|“(?P<curly>[^“”\"]*)[”\"]|„(?P<low>[^„“”\"]*)[”“\"]"
    r"|‘(?P<single>[^‘’]*)’(?!\w)|'(?P<straight>[^']*)'(?!\w)|(?P<bare>\S+|(?<==)))"
)
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII)
_QUOTES = "\"“”„‘’'"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command with arguments that fit it."""

    command: AnyCommand
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Unknown:
    """No command. `word` is what was typed, cut short; `nearest` what was perhaps meant."""

    word: str
    nearest: AnyCommand | None = None


@dataclass(frozen=True, slots=True)
class BadUse:
    """A command with arguments that do not fit; `key` says what is wrong. `family`: only a family's word was typed."""

    command: AnyCommand
    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    family: tuple[AnyCommand, ...] = ()


def after_prefix(text: str, prefix: str) -> str | None:
    """Return what follows the prefix, or None where it does not begin with it."""
    text = text.lstrip()
    return text[len(prefix) :] if text.startswith(prefix) else None


def parse(text: str, words: WordTable, table: Table) -> Parsed | Unknown | BadUse:
    """Read a command from `text` (without prefix; cleaned, personal data masked)."""
    typed, rest = _first_word(text)
    meaning = words.canonical(typed)
    family = tuple(command for command in table if command.path[0] == meaning)
    if not family:
        return Unknown(excerpt(typed, _SHOWN), _meant(typed, rest, words, table))
    if len(family[0].path) == 1:
        return _with_arguments(family[0], rest, words)
    return _in_family(family, typed, rest, words)


def own_words(text: str, prefix: str, words: WordTable, table: Table, *, is_bare: bool = False) -> str:
    """Return the member's own words in a message: the TEXT of a command, or all of it when it is none.

    Of what is said of a card by its number it is what follows that: the status's meaning, the owner. This is what an
    edit of a kept message puts in its place; the command itself never runs again. `is_bare`: it was
    given by a command that needed no prefix (in private).
    """
    typed = after_prefix(text, prefix)
    if typed is None and is_bare:
        typed = text
    if typed is None:
        return text
    match parse(typed, words, table):
        case Parsed(command, arguments) if command.keeps:
            kept = arguments.text("text") or ""
            said = said_of_card(kept, words)
            return said.text if said is not None and said.field is not None else kept
        case BadUse(command) if command.keeps:
            return ""
        case _:
            return text


def _in_family(family: tuple[AnyCommand, ...], typed: str, rest: str, words: WordTable) -> Parsed | Unknown | BadUse:
    second, after = _first_word(rest)
    if not second:
        default = next((command for command in family if command.is_default), None)
        return _with_arguments(default, "", words) if default else BadUse(family[0], "error.which", family=family)
    meaning = words.canonical(second)
    for command in family:
        if command.path[1] == meaning:
            return _with_arguments(command, after, words)
    near = _nearest(second, {word: one for one in family for word in _words_of(one.path[1], words)})
    return Unknown(excerpt(f"{typed} {second}", _SHOWN), near)


def _first_word(text: str) -> tuple[str, str]:
    match = _FIRST_WORD.match(text)
    if match is None or is_blank(text[:_MAX_ARGUMENTS]):
        return "", ""
    word = match[1][:_MAX_ARGUMENTS]
    return word.rstrip(_PUNCTUATION) or word, text[match.end() :]


def _meant(typed: str, rest: str, words: WordTable, table: Table) -> AnyCommand | None:
    """Return what was perhaps meant by an unknown first word; the word after it tells which of a family."""
    meaning = words.canonical(typed)
    for command in table:
        if meaning is not None and command.path[-1] == meaning:
            return command
    heads: dict[str, AnyCommand] = {}
    for command in table:
        for word in _words_of(command.path[0], words):
            if command.is_default or word not in heads:
                heads[word] = command
    near = _nearest(typed, heads)
    return _of_family(near, rest, words, table) if near is not None else None


def _of_family(near: AnyCommand, rest: str, words: WordTable, table: Table) -> AnyCommand:
    family = [command for command in table if command.path[0] == near.path[0] and len(command.path) > 1]
    seconds = {word: command for command in family for word in _words_of(command.path[1], words)}
    return _nearest(_first_word(rest)[0], seconds) or near


def _nearest(typed: str, candidates: Mapping[str, AnyCommand]) -> AnyCommand | None:
    close = get_close_matches(typed[:_SHOWN].casefold(), candidates, n=1, cutoff=_LIKENESS)
    return candidates[close[0]] if close else None


def _words_of(meaning: str, words: WordTable) -> tuple[str, ...]:
    return (*words.words(meaning, "nl"), *words.words(meaning, "en"))


def _with_arguments(command: AnyCommand, rest: str, words: WordTable) -> Parsed | BadUse:
    values: dict[str, Value] = {}
    try:
        values.update(_values(command, rest, words))
    except _DoesNotFitError as error:
        return BadUse(command, error.key, error.params)
    for parameter in command.parameters:
        if parameter.is_required and parameter.name not in values:
            return BadUse(command, "error.missing")
    return Parsed(command, Arguments(values))


class _DoesNotFitError(Exception):
    def __init__(self, key: str, **params: str) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


def _values(command: AnyCommand, rest: str, words: WordTable) -> Iterator[tuple[str, Value]]:
    first, free = _positional(command)
    if first is not None and not is_blank(rest):
        head = _TOKEN.match(rest := rest.lstrip())
        typed = next(_tokens(head[0]))[1] if head else ""
        if first.shape is Shape.NUMBER and not _NUMBER.fullmatch(typed := typed.lstrip("#")):
            raise _DoesNotFitError("error.missing")
        yield first.name, _value(first, typed)
        rest = rest[head.end() :] if head else ""
    if free is None or free.shape is not Shape.TEXT:
        yield from _listed(command, free, rest, words)
    elif not is_blank(rest):
        yield free.name, rest.strip()


def _listed(command: AnyCommand, free: Parameter | None, rest: str, words: WordTable) -> Iterator[tuple[str, Value]]:
    if len(rest) > _MAX_ARGUMENTS:
        raise _DoesNotFitError("error.too_long")
    named = {each.name: each for each in command.parameters}
    loose: list[str] = []
    for name, value in _tokens(rest):
        if name is None:
            loose.append(value)
            continue
        if is_blank(value):
            raise _DoesNotFitError("error.missing")
        parameter = named.get(words.canonical(name) or "")
        if parameter is None:
            raise _DoesNotFitError("error.no_such_option", word=excerpt(name, _SHOWN))
        yield parameter.name, _value(parameter, value)
    yield from _loose_value(free, loose, words)


def _positional(command: AnyCommand) -> tuple[Parameter | None, Parameter | None]:
    """Return the parameter that takes what is typed first, and the one that takes the rest; often only the latter."""
    positional = [each for each in command.parameters if not each.is_keyword]
    return (positional[0], positional[1]) if len(positional) > 1 else (None, positional[0] if positional else None)


def _loose_value(free: Parameter | None, loose: list[str], words: WordTable) -> Iterator[tuple[str, Value]]:
    if free is not None and loose and words.canonical(loose[0]) == free.name:
        loose = loose[1:]
    text = " ".join(loose)
    if is_blank(text):
        return
    if free is None:
        raise _DoesNotFitError("error.too_much", word=excerpt(text, _SHOWN))
    yield free.name, _value(free, text)


def _tokens(text: str) -> Iterator[tuple[str | None, str]]:
    for match in _TOKEN.finditer(text):
        quoted = (match[name] for name in ("plain", "curly", "low", "single", "straight", "bare"))
        yield match["name"], next(value for value in quoted if value is not None)


def _value(parameter: Parameter, text: str) -> Value:
    wrong = {"word": excerpt(text, _SHOWN)}
    match parameter.shape:
        case Shape.NUMBER:
            if not _NUMBER.fullmatch(text):
                raise _DoesNotFitError("error.no_number", **wrong)
            return int(text)
        case Shape.DAY:
            day = parse_day(text)
            if day is None:
                raise _DoesNotFitError("error.no_date", **wrong)
            return day
        case Shape.WORD:
            if not _WORD.fullmatch(text):
                raise _DoesNotFitError("error.no_word", **wrong)
            return text
        case Shape.TITLE | Shape.TEXT:
            return _title(text)


def _title(text: str) -> str:
    title = " ".join(text.strip(_QUOTES).split())
    if not any(char.isalpha() for char in title):
        raise _DoesNotFitError("error.no_title", word=excerpt(title, _SHOWN))
    if len(title) > MAX_TITLE:
        raise _DoesNotFitError("error.title_too_long", most=str(MAX_TITLE))
    return title
