"""A date in a file that people write by hand."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator

from doetank_bot.domain.strict_yaml.problem import mistake

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _iso_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise mistake("is not a date", "Write it as year-month-day, like 2027-05-05")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
