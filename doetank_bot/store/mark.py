"""Small files beside the database that say what an operator did with it.

`<database>.restoring`: a restore is under way, or was broken off: nothing may use the database.
`<database>.restored`: the database is of an earlier moment; `run` first remembers what was said since.
`<database>.backup.json`: the last backup that was found to be whole.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from doetank_bot.private_file import sync_folder, write_private


class RestoreBrokenOff(Exception):
    """A restore was killed midway: the database and the login may be of two different moments."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The database is as it was at `at`; outbox rows after `last_post` were made since it was put back."""

    at: datetime
    last_post: int


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that was found to be whole: the UTC instant it is of, and its file."""

    at: datetime
    path: Path


def beside(database: Path, ending: str) -> Path:
    """Return the file `<database>.<ending>`."""
    return database.with_name(f"{database.name}.{ending}")


def check_whole(database: Path) -> None:
    """Raise RestoreBrokenOff while a restore is not finished."""
    if beside(database, "restoring").exists():
        raise RestoreBrokenOff(str(database))


def restored(database: Path) -> Restored | None:
    """Return what was put back and not caught up with yet."""
    path = beside(database, "restored")
    if not path.exists():
        return None
    kept = read(path)
    return Restored(datetime.fromisoformat(kept["at"]), int(kept["last_post"]))


def set_restored(database: Path, mark: Restored) -> None:
    """Say that the database was put back."""
    write(beside(database, "restored"), {**asdict(mark), "at": mark.at.isoformat()})


def caught_up(database: Path) -> None:
    """Say that everything since is remembered."""
    beside(database, "restored").unlink(missing_ok=True)
    sync_folder(database.parent)


def last_backup(database: Path) -> LastBackup | None:
    """Return the last backup; None before the first. Raises OSError, and ValueError for a file that tells none."""
    path = beside(database, "backup.json")
    if not path.exists():
        return None
    try:
        kept = read(path)
        at = datetime.fromisoformat(kept["at"])
        if at.tzinfo is None:
            raise ValueError("no zone")
        return LastBackup(at, Path(kept["path"]))
    except (KeyError, TypeError, RecursionError) as trouble:
        raise ValueError("not what a backup leaves") from trouble


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON as `write_private` does. Raises OSError."""
    write_private(path, json.dumps(content))


def read(path: Path) -> Mapping[str, Any]:
    """Return what `write` wrote. Raises OSError."""
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return found
