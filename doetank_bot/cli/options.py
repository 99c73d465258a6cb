"""What several commands take, and what they do with it."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from doetank_bot.observe import configure_logs
from doetank_bot.settings import Settings, load_settings

ConfigFile = Annotated[
    Path | None,
    # Not looked at by typer: what is wrong with the file is told in our own words.
    typer.Option(
        "--config", readable=False, help="The configuration file. Left out: $DOETANK_CONFIG, else ./doetank.yaml."
    ),
]


class Spoken(StrEnum):
    """A language of people and texts."""

    NL = "nl"
    EN = "en"


def settings_at(config: Path | None) -> Settings:
    """Return the settings, and let logs be as they say. Raises Invalid."""
    settings = load_settings(config, os.environ)
    configure_logs(settings.log.level, settings.log.format)
    return settings
