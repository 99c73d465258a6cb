"""Where the data files that come with the bot are: the same from a wheel and an editable install."""

from pathlib import Path


def packs_dir() -> Path:
    """The folder with the packs that come with the bot (`*.yaml`)."""
    return _config_dir() / "packs"


def breaks_file() -> Path:
    """The school holidays that come with the bot."""
    return _config_dir() / "breaks" / "nl.yaml"


def toolkit_dir() -> Path:
    """The folder with the toolkit cards that come with the bot (`*.yaml`)."""
    return _config_dir() / "toolkit"


def example_config() -> Path:
    """The commented example configuration, as `doetank-bot init` copies it."""
    return _config_dir() / "doetank.example.yaml"


def avatar_file() -> Path:
    """The picture that tells people in a room that the bot is a program (PNG)."""
    return _config_dir() / "avatar" / "programma.png"


def _config_dir() -> Path:
    package = Path(__file__).resolve().parent
    installed = package / "config"
    return installed if installed.is_dir() else package.parent / "config"
