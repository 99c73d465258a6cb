"""A lint for plain language (B1): what is hard to read in a text, and what to write instead.

It sees what can be counted: long sentences, hard words (jargon.yaml), two questions in one message. Passive sentences
it leaves alone: the halves of one stand far apart in Dutch, "het wordt later" is none, and a false alarm costs trust.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Self

from pydantic import RootModel

from doetank_bot.domain.document import Code, lines_of
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.strict_yaml import parse
from doetank_bot.domain.strict_yaml.problem import Loc
from doetank_bot.text.catalogue.markup import Template

MAX_SENTENCE = 25
MAX_AVERAGE = 15
"""Words: in one sentence, and in the sentences of a text on average."""
_SHOWN = 60

_END = re.compile(r"(?<=[.!?:;…])\s+|(?<=[.!?:;…][\"”’»)])\s+|\s+·\s+|\n+")
_WORD = re.compile(r"\w")
_QUESTION = re.compile(r"\?+(?!\w)")
_PLACEHOLDER = re.compile(r"\{\{\w+\}\}")
_VERB = re.compile(r"(\w{3,})eren")
_LANGUAGE = re.compile(r"nl|en|nl[_@]\w+")
_DUTCH_ENDINGS = r"(?:e|en|n|s|'s)?"
_DUTCH_VERB = r"(?:eren|eer|eert|eerde|eerden|eerd|ering|eringen|erend|erende)"
_DIAERESIS = {"e": "[eë]", "i": "[iï]"}
"""How a verb may begin after `ge`: geëvalueerd, geïmplementeerd."""
_ENGLISH_ENDINGS = r"(?:s|es|d|ed|ing)?"


class Fault(StrEnum):
    """What makes a text hard to read."""

    SENTENCE = "long sentence"
    AVERAGE = "long sentences"
    JARGON = "hard word"
    QUESTIONS = "more than one question"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the words it is about, and what to do, or for a hard word what to write instead."""

    fault: Fault
    words: str
    remedy: str

    @property
    def what(self) -> str:
        """The fault and where it stands."""
        return f"{self.fault}: “{excerpt(self.words, _SHOWN)}”"

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.what}. {self.remedy}"


class _File(RootModel[dict[str, dict[str, str]]]):
    pass


class Jargon:
    """Hard words by language. Every language that begins with `nl` is Dutch, any other is English."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        """Compile `words`: language, word (its other forms behind ` / `), what to write instead."""
        self.words = words
        self._patterns = {
            language: [(_pattern(forms, language), instead) for forms, instead in of_language.items()]
            for language, of_language in words.items()
        }

    @classmethod
    def load(cls) -> Self:
        """Read the list that comes with the bot."""
        text = (files(__package__) / "jargon.yaml").read_text("utf-8")
        return cls(parse(text, "jargon.yaml", _File).root)

    def found(self, text: str, language: Language) -> Iterator[Finding]:
        """Yield the hard words in a text, each place apart."""
        for pattern, instead in self._patterns["nl" if language.startswith("nl") else "en"]:
            for match in pattern.finditer(text):
                yield Finding(Fault.JARGON, match[0], f"Write “{instead}”")


def findings(text: str, language: Language, jargon: Jargon) -> tuple[Finding, ...]:
    """Return what is hard to read in one message; a placeholder counts as a word. Nothing for an empty text."""
    read = _PLACEHOLDER.sub("x", text)
    return (*_long(read), *_questions(read), *jargon.found(read, language))


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text, as a reader takes them: a colon and a line break end one too."""
    return tuple(part for part in _END.split(text) if _WORD.search(part))


def wording(template: Template) -> str:
    """Return a catalogue text as people read it: something to type counts as one word, a value as one."""
    lines = (line for block in template.filled(lambda name: name).blocks for line in lines_of(block))
    return "\n".join(
        "".join("code" if isinstance(node, Code) else getattr(node, "text", "x") for node in line) for line in lines
    )


def texts_in(data: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Language, str]]:
    """Yield every text in what was read from a pack or a toolkit, with its place and language: `ask: {nl: …, en: …}`.

    `nl_…` stands for another way to say it in Dutch.
    """
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        if isinstance(value, str) and isinstance(key, str) and _LANGUAGE.fullmatch(key):
            yield (*loc, key), key, value
        else:
            yield from texts_in(value, (*loc, key))


def _long(text: str) -> Iterator[Finding]:
    lengths = [(one, len([word for word in one.split() if _WORD.search(word)])) for one in sentences(text)]
    for sentence, n_words in lengths:
        if n_words > MAX_SENTENCE:
            remedy = f"It has {n_words} words: make it {MAX_SENTENCE} at most, or split it"
            yield Finding(Fault.SENTENCE, sentence, remedy)
    average = sum(n_words for _, n_words in lengths) / max(len(lengths), 1)
    if average > MAX_AVERAGE:
        remedy = f"A sentence has {average:.1f} words on average: make it {MAX_AVERAGE} at most"
        yield Finding(Fault.AVERAGE, text, remedy)


def _questions(text: str) -> Iterator[Finding]:
    asked = [one for one in sentences(text) if _QUESTION.search(one)]
    if len(_QUESTION.findall(text)) > 1:
        yield Finding(Fault.QUESTIONS, asked[-1] if asked else text, "Ask one thing in a message")


def _pattern(forms: str, language: Language) -> re.Pattern[str]:
    either = "|".join(_form(form.strip(), language) for form in forms.split(" / "))
    return re.compile(rf"(?<![\w])(?:{either})(?!\w)", re.IGNORECASE)


def _form(form: str, language: Language) -> str:
    verb = _VERB.fullmatch(form)
    if language == "nl" and verb:
        first, rest = verb[1][0], verb[1][1:]
        return f"(?:ge)?{_DIAERESIS.get(first, first)}{rest}{_DUTCH_VERB}"
    if " " in form or "." in form:
        return re.escape(form).removesuffix(r"\.") + r"\.?"
    if language == "nl":
        return re.escape(form) + _DUTCH_ENDINGS
    if form.endswith("e"):
        return re.escape(form.removesuffix("e")) + "(?:e|es|ed|ing|ation)"
    return re.escape(form) + _ENGLISH_ENDINGS
