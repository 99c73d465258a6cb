"""What an answer to a field of a form means: the name of a choice, or a day; and how it is kept. Pure."""

from datetime import date, timedelta

from babel.dates import format_date

from doetank_bot.domain.day import parse_day
from doetank_bot.domain.group import Language, language_of
from doetank_bot.domain.pack import AnswerType, FormField
from doetank_bot.flows.control import bare
from doetank_bot.flows.cue import day_in
from doetank_bot.flows.form import chosen

_BEFORE_A_DAY = frozenset({"op", "on"})
_TODAY = frozenset({"vandaag", "today"})
_WEEK = timedelta(weeks=1)
_WRITTEN = "d MMMM y"


def value_of(field: FormField, text: str, today: date) -> str | date | None:
    """Return the name of the choice, or the day, that `text` is; None for words, and for what does not fit."""
    if field.type is AnswerType.DATE:
        return day_of(text, today)
    return chosen(field.choices, text) if field.choices else None


def stored(field: FormField | None, text: str, today: date, language: Language) -> str:
    """Return the words verbatim; a choice by its name in the pack, because a number alone says nothing later.

    A day that only means something today (`vrijdag`) is kept as its date, the way people write one in `language`.
    """
    value = None if field is None else value_of(field, text, today)
    if isinstance(value, date):
        return text if parse_day(text) else format_date(value, _WRITTEN, locale=language_of(language))
    return value or text


def day_of(text: str, today: date) -> date | None:
    """Return the day that is all of `text`, seen from `today`: a date, a weekday that comes, `morgen`; or None."""
    said = bare(text)
    day = parse_day(said)
    if day is not None:
        return day.on(today)
    words = [word for word in said.casefold().split() if word not in _BEFORE_A_DAY]
    named = day_in(words[0], today) if len(words) == 1 else None
    return named + _WEEK if named == today and words[0] not in _TODAY else named
