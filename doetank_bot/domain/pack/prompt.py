"""What a pack asks: prompts, and forms of follow-up questions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.pack.wording import STRICT, Ask, Placeholder, PromptId, Slug, Title
from doetank_bot.domain.strict_yaml import Mistake, mistakes

# One digit is enough to choose by.
_FEWEST, _MOST = 2, 9


class PromptKind(StrEnum):
    """Something to do, or something to think about."""

    DO = "do"
    THINK = "think"


class AskedOf(StrEnum):
    """Each member is asked for an answer, or the group for one answer together."""

    EACH = "each"
    GROUP = "group"


class AnswerType(StrEnum):
    """What a follow-up question takes for an answer.

    `check` (did the teller read it back?) and `audience` (who may see it?) bring their own choices: until both are
    answered the card stays a draft.
    """

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    CHECK = "check"
    AUDIENCE = "audience"


class Prompt(BaseModel):
    """One message that asks one thing. An answer becomes a contribution of kind `becomes`.

    `asked_of` is the key `for` in the file. `form` names the follow-up questions after a first answer, `then` the
    prompt that follows in the same thread the next working day. A private one (`private` in the file) is asked of each
    member apart, and the answer is for their own eyes. With `choices` it is answered by number or word.
    """

    model_config = STRICT

    kind: PromptKind
    becomes: ContributionKind
    asked_of: AskedOf = Field(default=AskedOf.EACH, alias="for")
    form: str | None = None
    then: PromptId | None = None
    is_private: bool = Field(default=False, alias="private")
    choices: dict[Slug, Title] | None = None
    ask: Ask

    @property
    def is_about_experiment(self) -> bool:
        """Whether it names the experiment under way: answers belong to that one."""
        return f"{{{{{Placeholder.EXPERIMENT}}}}}" in self.ask.nl

    @model_validator(mode="after")
    def _choices_are_few(self) -> Self:
        found = [] if self.choices is None else _wrong_choices(self.choices)
        if found:
            raise mistakes("choices", found)
        return self


class FormField(BaseModel):
    """One follow-up question; its answer is a contribution of its own, `part_of` the first, in this `field`.

    `choices` maps what is stored to what people see.
    """

    model_config = STRICT

    field: Slug
    type: AnswerType = AnswerType.TEXT
    optional: bool = False
    ask: Ask
    choices: dict[Slug, Title] | None = None

    @model_validator(mode="after")
    def _choices_go_with_the_type(self) -> Self:
        found = _choice_mistakes(self)
        if found:
            raise mistakes("choices", found)
        return self


Form = Annotated[tuple[FormField, ...], Field(min_length=1, max_length=12)]


def _choice_mistakes(one: FormField) -> list[Mistake]:
    choices = one.choices
    if one.type is not AnswerType.CHOICE:
        remedy = "Write `type: choice`, or remove the choices"
        return [] if choices is None else [Mistake(("choices",), "go only with type choice", remedy)]
    return _wrong_choices(choices)


def _wrong_choices(choices: Mapping[str, Title] | None) -> list[Mistake]:
    if choices is None or not _FEWEST <= len(choices) <= _MOST:
        return [Mistake(("choices",), "must be 2 to 9 for this type", "Write `name: {nl: …, en: …}` for each")]
    words = [[choice[language].casefold() for choice in choices.values()] for language in ("nl", "en")]
    if any(len(set(same)) < len(same) for same in words):
        return [Mistake(("choices",), "has the same words twice", "Give each choice its own words")]
    return []
