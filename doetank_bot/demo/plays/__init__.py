"""The plays: what the people of a municipality that does not exist live through together, in each language."""

from importlib.resources import files

from doetank_bot.demo.script import Script, read_script
from doetank_bot.domain.group import Language


def load(language: Language) -> Script:
    """Return the play of a whole cycle, in the weeks it was written for."""
    return read_script((files(__package__) / f"cycle.{language}.chat").read_text("utf-8"))
