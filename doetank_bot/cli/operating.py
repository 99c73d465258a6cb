"""What keeps a bot going: run, check and status."""

import asyncio
import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from doetank_bot import check as checks
from doetank_bot import status as states
from doetank_bot.app import SystemClock, database_file, serve, stop_on_signals
from doetank_bot.backup.way_back import way_back
from doetank_bot.cli.options import ConfigFile, settings_at
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.observe import notify_systemd
from doetank_bot.settings import Settings, config_file
from doetank_bot.store.migration import Unreadable


def run(config: ConfigFile = None) -> None:
    """Run the bot until it is stopped."""
    with complaints():
        settings = settings_at(config)
        file = config_file(config, os.environ)
        # What is loaded by now never goes: to look through it for garbage would hold up the event loop for 100 ms.
        gc.freeze()
        try:
            asyncio.run(_serve(settings, file))
        except Unreadable as trouble:
            raise Complaint(Exit.DATA, _way_back(settings, file, str(trouble))) from None


def check(config: ConfigFile = None) -> None:
    """Look whether the bot can run here; each finding is one line with its remedy."""
    with complaints():
        settings = settings_at(config)
        raise typer.Exit(asyncio.run(check_all(settings, config_file(config, os.environ))))


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    config: ConfigFile = None,
) -> None:
    """Say how the bot is doing, running or not; ends with 0 when it runs and all is well, with 1 when not."""
    with complaints():
        settings = settings_at(config)
        found = asyncio.run(states.read(settings, SystemClock().now()))
        facts = tuple(states.facts(found, settings.matrix.homeserver))
        if as_json:
            typer.echo(json.dumps(states.as_json(found, settings.matrix.homeserver), indent=2))
        else:
            typer.echo("\n".join(map(str, facts)))
        raise typer.Exit(int(any(fact.is_trouble for fact in facts)))


async def _serve(settings: Settings, config: Path) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)

    def rests(damage: str) -> None:
        sys.stderr.write(f"{_way_back(settings, config, damage)}\n")
        # It is up, and starting it again would not help.
        notify_systemd("READY=1")

    await serve(settings, clock=SystemClock(), on_ready=_say_ready, on_damage=rests, stop=stop)
    notify_systemd("STOPPING=1")


def _way_back(settings: Settings, config: Path, damage: str) -> str:
    return f"{database_file(settings)} is damaged ({damage}). {way_back(settings, config)}"


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    notify_systemd("READY=1")


async def check_all(settings: Settings, config: Path) -> int:
    """Print each finding as it comes; return the exit code of the worst."""
    code = 0
    async for finding in checks.findings(settings, config=config):
        typer.echo(str(finding))
        code = max(code, finding.weight.exit_code)
    return code
