"""What keeps a bot safe from loss: backup and restore."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from doetank_bot.app import SystemClock
from doetank_bot.backup.archive import UnusableSet
from doetank_bot.backup.make import make
from doetank_bot.backup.place import place_of
from doetank_bot.backup.restore import WouldReplace
from doetank_bot.backup.restore import restore as put_back
from doetank_bot.backup.rotation import rotate
from doetank_bot.cli.options import ConfigFile, settings_at
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.store.migration import SchemaTooNew, Unreadable


def backup(
    path: Annotated[Path, typer.Argument(help="A new file, or a folder: then the name is the time.")],
    keep: Annotated[int | None, typer.Option(min=1, help="In a folder: remove all but so many of the newest.")] = None,
    config: ConfigFile = None,
) -> None:
    """Keep the database and the login as one file, found whole before it counts; works beside a running bot."""
    with complaints():
        place = place_of(settings_at(config))
        if keep is not None and not path.is_dir():
            raise Complaint(Exit.WRONG, f"{path} is no folder: --keep is about the backups in one")
        made = make(place, path, SystemClock().now())
        for left in made.swept:
            typer.echo(f"removed {left}, which a backup that was killed had left")
        typer.echo(f"kept {made.path}: {made.bytes / 1024**2:.1f} MB, schema {made.schema}, read back and found whole")
        for old in rotate(place, path, keep) if keep else ():
            typer.echo(f"removed {old}")


def restore(
    path: Annotated[Path, typer.Argument(help="A file that `backup` made.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the database that is there.")] = False,  # noqa: FBT002 - typer's way
    config: ConfigFile = None,
) -> None:
    """Put a backup back, once all of it was found whole; the bot must be stopped."""
    with complaints(), _told(path):
        place = place_of(settings_at(config))
        done = put_back(place, path, SystemClock().now(), may_replace=yes)
        typer.echo(f"put back {path}: the bot as it was at {done.manifest.at:%Y-%m-%d %H:%M} UTC")
        for kept in done.replaced:
            typer.echo(f"what was there is now {kept}. It holds members' words: remove it when all is well")
        typer.echo("At its next start the bot first reads again what was said since; see docs/upgrade.md")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of which file it is that it cannot be used; without this the line would be about the database."""
    try:
        yield
    except (UnusableSet, Unreadable) as trouble:
        raise Complaint(Exit.DATA, f"{path} cannot be restored: {trouble}. Nothing was changed; use another") from None
    except SchemaTooNew as trouble:
        remedy = "Install the version of the bot that made it, or a later one"
        raise Complaint(Exit.DATA, f"{path} cannot be restored: {trouble}. {remedy}") from None
    except WouldReplace as there:
        line = f"{there} would be replaced. Say so with --yes; it is then kept beside the new one"
        raise Complaint(Exit.WRONG, line) from None
