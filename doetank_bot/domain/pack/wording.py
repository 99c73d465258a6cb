"""The words in a pack: names, languages side by side, placeholders that are replaced, never formatted."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.strict_yaml import mistake
from doetank_bot.domain.strict_yaml.explain import nearest

STRICT: Final = ConfigDict(
    frozen=True, extra="forbid", hide_input_in_errors=True, serialize_by_alias=True, validate_default=True
)
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PROMPT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_PLACEHOLDER = re.compile(r"\{\{([^{}]{0,40})\}\}")


class Placeholder(StrEnum):
    """What `{{name}}` may stand for: the group's question, the cycle's title, this week, all weeks, phase, experiment.

    The experiment is the one under way. With none, or more than one, it stands for nothing and takes the space before
    it along: write "the experiment {{experiment}}". An answer to a prompt that names it belongs to that experiment.
    """

    QUESTION = "question"
    TITLE = "title"
    WEEK = "week"
    WEEKS = "weeks"
    PHASE = "phase"
    EXPERIMENT = "experiment"


def fill(text: str, values: Mapping[Placeholder, str]) -> str:
    """Return `text` with each `{{name}}` replaced once by its value; a name without one stays.

    What is filled in is never read again, so a member's words cannot bring a placeholder of their own (A15).
    """
    by_name = {str(name): value for name, value in values.items()}
    for name in (name for name, value in by_name.items() if not value):
        text = text.replace(f" {{{{{name}}}}}", "")
    return _PLACEHOLDER.sub(lambda match: by_name.get(match[1], match[0]), text)


def slug(text: str) -> str:
    """Return a name of small letters, digits and underscores, at most 40. Raises a mistake otherwise."""
    if _SLUG.fullmatch(text):
        return text
    raise mistake("is no good name", "Use at most 40 small letters, digits and _, starting with a letter")


def prompt_id(text: str) -> str:
    """Return the name of a prompt, like `V2a`. Raises a mistake otherwise."""
    if _PROMPT_ID.fullmatch(text):
        return text
    raise mistake("is no good name for a prompt", "Use at most 20 letters, digits and _, starting with a letter")


def _not_blank(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise mistake("is empty", "Write the text in this language too")
    return stripped


def _without_placeholders(text: str) -> str:
    if "{{" in text or "}}" in text:
        raise mistake("cannot have a placeholder here", "Use placeholders only in `ask`")
    return text


def _known_placeholders(text: str) -> str:
    rest = _PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise mistake("has a broken placeholder", "Write it as {{question}}")
    for name in _PLACEHOLDER.findall(text):
        if name not in set(Placeholder):
            known = ", ".join(Placeholder)
            raise mistake("has an unknown placeholder", nearest(name, list(Placeholder)) or f"Known are: {known}")
    return text


Slug = Annotated[str, AfterValidator(slug)]
PromptId = Annotated[str, AfterValidator(prompt_id)]
_Short = Annotated[str, Field(max_length=80), AfterValidator(_not_blank), AfterValidator(_without_placeholders)]
_Ask = Annotated[str, Field(max_length=700), AfterValidator(_not_blank), AfterValidator(_known_placeholders)]


class Localized(BaseModel):
    """One text in both languages."""

    model_config = STRICT

    nl: str
    en: str

    def get(self, language: str) -> str:
        """Return the text in `language`; Dutch for a language that packs do not have."""
        return self.en if language == "en" else self.nl

    def __getitem__(self, language: str) -> str:
        """Return the text in `nl` or `en`. Raises KeyError for another language."""
        return {"nl": self.nl, "en": self.en}[language]


class Title(Localized):
    """A short text without placeholders."""

    nl: _Short
    en: _Short


class Ask(Localized):
    """A question or an assignment, at most 700 characters, in which placeholders may stand.

    `nl_u` is the Dutch of groups that are spoken to with u; without it they get `nl`.
    """

    nl: _Ask
    nl_u: _Ask | None = None
    en: _Ask

    def get(self, language: str) -> str:
        """Return the text in `language`; Dutch with u where that was asked and is there."""
        return self.nl_u if language == FORMAL and self.nl_u else super().get(language)
