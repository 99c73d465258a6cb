"""The configuration file: what is in it now, and what `init` makes of it. Whole or not at all, for its owner only."""

from pathlib import Path

from doetank_bot.complaint import Complaint, Exit
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.init.answers import Answers
from doetank_bot.init.lines import with_settings
from doetank_bot.private_file import write_private
from doetank_bot.resources import example_config
from doetank_bot.settings import Settings, folder_of, load_settings, read_text, settings_in


def existing(file: Path) -> Settings | None:
    """Return the settings in `file` alone, or None when it is not there. Raises Invalid with all that is wrong."""
    return load_settings(file, {}) if file.exists() else None


def write(file: Path, answers: Answers) -> bool:
    """Let `file` say what was answered, and all else as before; return whether that changed anything.

    Raises Complaint when the file is shaped so that it cannot be changed line by line, and OSError.
    """
    if file.exists() and Answers.of(load_settings(file, {})) == answers:
        return False
    before = read_text(file if file.exists() else example_config())
    text = with_settings(before, answers.values(folder_of(file)))
    _verify(text, file, answers)
    write_private(file, text)
    return True


def _verify(text: str, file: Path, answers: Answers) -> None:
    try:
        is_so = Answers.of(settings_in(text, file)) == answers
    except Invalid:
        is_so = False
    if not is_so:
        remedy = "Change it by hand, or move it away and run `doetank-bot init` again"
        raise Complaint(Exit.CONFIG, f"{file}: its lines are not shaped so that init can change them. {remedy}")
