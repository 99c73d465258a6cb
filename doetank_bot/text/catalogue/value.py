"""What stands in a text where its placeholder was: words, a date or time in that language, or a node."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime

from doetank_bot.domain.document import Mention, Quote
from doetank_bot.domain.effect import Params
from doetank_bot.text.plain import isolated

Shown = str | Mention | Quote

_DAY = "EEEE d MMMM"
_MOMENT = "EEEE d MMMM, HH:mm"


def shown(value: Params, locale: Locale, timezone: str) -> Shown:
    """Return a value as it is shown: `maandag 8 februari`; an instant, in `timezone`, with `, 09:30` behind it.

    Right-to-left words are kept apart from our own around them. Raises ValueError for a naive datetime.
    """
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a naive datetime has no moment to show")
            return format_datetime(value, _MOMENT, tzinfo=ZoneInfo(timezone), locale=locale)
        case date():
            return format_date(value, _DAY, locale=locale)
        case int():
            return str(value)
        case str():
            return isolated(value)
        case _:
            return value
