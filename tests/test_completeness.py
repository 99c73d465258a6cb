"""Nothing is missing and nothing is left over: texts, words and their documentation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import SAYS_JE

import doetank_bot
from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import example, usage
from doetank_bot.domain.document import Code, lines_of
from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.schedule import Run
from doetank_bot.simulate import Kind
from doetank_bot.text.catalogue import LANGUAGES, Catalogue
from doetank_bot.text.catalogue.markup import Template
from doetank_bot.text.plain import plain
from doetank_bot.text.plain_language import wording
from doetank_bot.text.words import WordTable

PACKAGE = Path(doetank_bot.__file__).parent
ROOT = PACKAGE.parent
AREAS = PACKAGE / "text" / "catalogue"
CATALOGUE = Catalogue.load()
WORDS = WordTable.load()
KEYS = sorted(CATALOGUE.keys("nl"))

KEY = re.compile(r"[a-z]+\.[a-z0-9_]+")
# Constants of that shape which are no texts: what a step runs (`digest.send`), and what a line of a simulation is.
NO_TEXTS = {run.value for run in Run} | {kind.value for kind in Kind}

SAYS_U = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)


def constants() -> Iterator[str]:
    """Every string in the code; of an f-string its fixed start, ending in `*`."""
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield fixed_start(node) + "*"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
                yield node.value


def fixed_start(node: ast.JoinedStr) -> str:
    first = node.values[0] if node.values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def called(name: str) -> Iterator[ast.Call]:
    """Every call of `name(...)` in the code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def first_string(call: ast.Call) -> str | None:
    values = [each.value for each in call.args if isinstance(each, ast.Constant)]
    return next((value for value in values if isinstance(value, str)), None)


CONSTANTS = set(constants())


def forms(key: str, language: str) -> Iterator[Template]:
    entry = CATALOGUE.entry(key, language)
    yield entry.other
    if entry.one:
        yield entry.one


def words(template: Template) -> str:
    """All words of a text, also what is to be typed."""
    return plain(template.filled(lambda name: name))


def typed_in(template: Template) -> list[str]:
    """What a text tells people to type."""
    document = template.filled(lambda name: name)
    lines = (line for block in document.blocks for line in lines_of(block))
    return [node.text for line in lines for node in line if isinstance(node, Code)]


def test_both_languages_hold_the_same_texts() -> None:
    assert CATALOGUE.keys("nl") == CATALOGUE.keys("en")


@pytest.mark.parametrize("key", KEYS)
def test_a_text_has_the_same_values_and_plural_in_both_languages(key: str) -> None:
    dutch, english = CATALOGUE.entry(key, "nl"), CATALOGUE.entry(key, "en")
    assert dutch.placeholders == english.placeholders
    assert (dutch.one is None) == (english.one is None)


@pytest.mark.parametrize("key", KEYS)
def test_a_text_with_je_has_one_with_u_and_no_other_text_has(key: str) -> None:
    assert (key in CATALOGUE.keys(FORMAL)) == any(SAYS_JE.search(words(form)) for form in forms(key, "nl"))


@pytest.mark.parametrize("key", sorted(CATALOGUE.keys(FORMAL)))
def test_a_text_with_u_stands_for_one_with_je_and_is_like_it_in_all_else(key: str) -> None:
    formal, dutch = CATALOGUE.entry(key, FORMAL), CATALOGUE.entry(key, "nl")
    assert formal != dutch
    assert formal.placeholders == dutch.placeholders
    assert (formal.one is None) == (dutch.one is None)
    for form, je in zip(forms(key, FORMAL), forms(key, "nl"), strict=True):
        assert not SAYS_JE.search(words(form))
        assert form.placeholders == je.placeholders
        assert typed_in(form) == typed_in(je), "what people type is the same words"


def test_both_languages_have_the_same_areas_and_each_is_in_the_documentation() -> None:
    names = {language: {path.name for path in (AREAS / language).glob("*.po")} for language in CATALOGUE.languages}
    assert names["nl"] == names["en"]
    documented = set(re.findall(r"^\| `(\w+\.po)`", (ROOT / "docs" / "texts.md").read_text("utf-8"), re.MULTILINE))
    assert names["nl"] == documented


def test_every_text_that_the_code_asks_for_is_there() -> None:
    prefixes = {key.split(".")[0] for key in KEYS}
    asked = {text for text in CONSTANTS if KEY.fullmatch(text) and text.split(".")[0] in prefixes}
    asked |= {key for name in ("Say", "UserError") for call in called(name) if (key := first_string(call))}
    assert asked - {command.name for command in COMMANDS} - NO_TEXTS - set(KEYS) == set()


def test_no_text_is_left_over() -> None:
    starts = tuple(text[:-1] for text in CONSTANTS if re.fullmatch(r"[a-z]+\.[a-z0-9_]*\*", text))
    assert {key for key in KEYS if key not in CONSTANTS and not key.startswith(starts)} == set()


@pytest.mark.parametrize("key", KEYS)
def test_a_dutch_text_says_je(key: str) -> None:
    assert not any(SAYS_U.search(wording(template)) for template in forms(key, "nl"))


def test_the_check_on_je_sees_u_as_a_word() -> None:
    assert SAYS_U.search("Wilt u dit?")
    assert not SAYS_U.search("Nu wil je dit, uur na uur.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_parameter_has_words_and_an_example(language: str) -> None:
    assert COMMANDS
    names = {part for command in COMMANDS for part in command.path}
    names |= {each.name for command in COMMANDS for each in command.parameters}
    assert all(WORDS.word(name, language) for name in names)
    unexplained = {command.name for command in COMMANDS if command.parameters and not command.example.get(language)}
    assert unexplained == set()


def test_a_group_that_is_spoken_to_with_u_sees_the_dutch_words_and_examples() -> None:
    for command in COMMANDS:
        assert example(command, WORDS, FORMAL, "!") == example(command, WORDS, "nl", "!")
        assert usage(command, WORDS, FORMAL, "!") == usage(command, WORDS, "nl", "!")
        assert not SAYS_JE.search(example(command, WORDS, FORMAL, "!"))


def test_every_meaning_in_the_word_table_is_known_to_the_code() -> None:
    named = {part for text in CONSTANTS for part in text.split(".")}
    assert {meaning for meaning in WORDS.meanings() if meaning not in named} == set()
