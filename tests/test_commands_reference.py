"""docs/commands.md says what the table says."""

from pathlib import Path

from cast import CATALOGUE, WORDS

from doetank_bot.commands.reference import reference
from doetank_bot.commands.table import COMMANDS

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"


def test_the_page_on_commands_is_current() -> None:
    assert PAGE.read_text("utf-8") == reference(CATALOGUE, WORDS)


def test_every_command_has_a_name_of_its_own_and_one_default_a_family() -> None:
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
    defaults = [command.path[0] for command in COMMANDS if command.is_default]
    assert len(set(defaults)) == len(defaults)
