"""What the docs say of commands is what the table says."""

from pathlib import Path

import pytest

from doetank_bot.commands.reference import pages, with_reference
from doetank_bot.commands.table import COMMANDS

DOCS = Path(__file__).parent.parent / "docs"
MADE = {path.name: text for path, text in pages(DOCS)}


@pytest.mark.parametrize("name", ["commands.md", "coach.nl.md", "coach.en.md"])
def test_what_a_page_says_of_commands_is_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == MADE[name], "make docs"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="substring"):
        with_reference("# For the coach\n", "| `!help` |\n")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_coach_starts_with_one_page(language: str) -> None:
    start = (DOCS / f"coach.{language}.md").read_text("utf-8").split("\n---\n")[0]
    assert len(start.splitlines()) <= 66
    assert len(start.split()) <= 700


def test_every_command_has_a_name_of_its_own_and_one_default_a_family() -> None:
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
    defaults = [command.path[0] for command in COMMANDS if command.is_default]
    assert len(set(defaults)) == len(defaults)
