"""Reading the school holidays, at start: one small file, so without async."""

from pathlib import Path

from doetank_bot.domain.school import School, parse_school
from doetank_bot.domain.strict_yaml import Invalid, Problem
from doetank_bot.settings.load import read_text


def read_school(path: Path) -> School:
    """Return the school holidays in a file. Raises Invalid with every problem in it."""
    if not path.is_file():
        remedy = "Check `bot.breaks_file`, or leave it out for the school holidays that come with the bot"
        raise Invalid([Problem(str(path), 0, "", "is not a file", remedy)])
    return parse_school(read_text(path), str(path))
