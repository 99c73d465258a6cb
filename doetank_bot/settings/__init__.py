"""What the operator sets: environment variables over the configuration file; secrets in files of their own."""

from doetank_bot.settings.load import config_file, folder_of, load_settings, read_text, settings_in
from doetank_bot.settings.model import (
    Bot,
    ConfigError,
    Database,
    Health,
    Holidays,
    Log,
    Matrix,
    Secret,
    SecretKind,
    Settings,
    read_secret,
)
from doetank_bot.settings.packs import advice_on, load_packs, read_pack, read_packs
from doetank_bot.settings.school import read_school

__all__ = [
    "Bot",
    "ConfigError",
    "Database",
    "Health",
    "Holidays",
    "Log",
    "Matrix",
    "Secret",
    "SecretKind",
    "Settings",
    "advice_on",
    "config_file",
    "folder_of",
    "load_packs",
    "load_settings",
    "read_pack",
    "read_packs",
    "read_school",
    "read_secret",
    "read_text",
    "settings_in",
]
