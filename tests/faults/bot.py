"""What a life of our bot is: `doetank-bot run` from its configuration file on."""

from pathlib import Path

from doetank_bot.cli.operating import run


def life(*_: str) -> None:
    """Run the bot of the current folder until it is killed; who it is stands in its configuration."""
    run(Path("doetank.yaml"))
