"""From a damaged database to a running bot: the newest set that is as it was made, and what to type."""

import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from doetank_bot.backup.archive import Manifest, UnusableSet, read_manifest, verify
from doetank_bot.backup.place import Place, place_of
from doetank_bot.settings import ConfigError, Settings
from doetank_bot.store import mark


def way_back(settings: Settings, config: Path) -> str:
    """Return one line for the operator: which backup is the newest good one, and the command that puts it back."""
    try:
        found = _newest_good(place_of(settings))
    except ConfigError:
        # Of a bot that stands like this no backup is made.
        found = None
    if found is None:
        return "No good backup is known. Stop the bot, and put one back with `doetank-bot restore PATH --yes`"
    path, at = found
    command = f"doetank-bot restore {shlex.quote(str(path))} --yes --config {shlex.quote(str(config.absolute()))}"
    return f"The newest good backup is of {at:%Y-%m-%d %H:%M} UTC. Stop the bot, run `{command}`, and start it again"


def _newest_good(place: Place) -> tuple[Path, datetime] | None:
    ours = [(path, found.at) for path, found in _sets(place) if found.account == place.account]
    newest_first = sorted(ours, key=lambda one: one[1], reverse=True)
    return next(((path, at) for path, at in newest_first if _is_good(path)), None)


def _sets(place: Place) -> Iterator[tuple[Path, Manifest]]:
    """Yield the last set that was made, and what else is in its folder."""
    try:
        last = mark.last_backup(place.database)
        paths = {last.path, *last.path.parent.glob("*.tar")} if last else set[Path]()
    except (OSError, ValueError):
        return
    for path in paths:
        try:
            yield path, read_manifest(path)
        except (OSError, UnusableSet):
            continue


def _is_good(path: Path) -> bool:
    try:
        verify(path)
    except (OSError, UnusableSet):
        return False
    return True
