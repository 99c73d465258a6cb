"""Who can read and change the files: secrets and members' words are for the bot's own user alone."""

import stat
from collections.abc import Iterator
from pathlib import Path

from doetank_bot.app import database_file
from doetank_bot.chat.matrix import SESSION_FILE
from doetank_bot.check.finding import About, Finding, bad, good
from doetank_bot.settings import Settings
from doetank_bot.store import mark

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def findings(settings: Settings, config: Path | None) -> Iterator[Finding]:
    """Yield every file and folder that others can get at, and how many they cannot.

    The configuration holds no secret, so others may read it; who writes it chooses where the bot logs in.
    """
    closed = [(path, _OTHERS) for path in _with_secrets_or_words(settings)]
    modes = [_mode(path, forbidden) for path, forbidden in (*closed, *([(config, _OTHERS_WRITE)] if config else []))]
    yield from (one for one in modes if isinstance(one, Finding))
    n_closed = sum(one is True for one in modes)
    yield good(About.FILES, f"{n_closed} with secrets, words or settings are closed to others")


def _mode(path: Path, forbidden: int) -> Finding | bool:
    """Return what is wrong with a file or folder; whether it is there when nothing is."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return bad(About.FILES, f"{path.parent} is no folder. Move it away")
    except OSError as trouble:
        return bad(About.FILES, f"{path}: {trouble.strerror}. Run check as the bot's own user")
    if not mode & forbidden:
        return True
    shown = stat.filemode(mode)
    if forbidden is _OTHERS_WRITE:
        return bad(About.FILES, f"others can change {path} ({shown}). Close it: chmod go-w {path}")
    right = "700" if stat.S_ISDIR(mode) else "600"
    return bad(About.FILES, f"others can get at {path} ({shown}). Close it: chmod {right} {path}")


def _with_secrets_or_words(settings: Settings) -> Iterator[Path]:
    matrix, database = settings.matrix, database_file(settings)
    yield from (path for path in (matrix.password_file, matrix.access_token_file) if path)
    yield matrix.store_dir
    yield matrix.store_dir / SESSION_FILE
    yield from sorted(path for path in matrix.store_dir.glob("*") if path.name != SESSION_FILE)
    yield from (database.with_name(database.name + end) for end in ("", "-wal", "-shm"))
    yield from sorted(database.parent.glob(f"{database.name}.*.bak"))
    yield mark.beside(database, "backup.json")
    yield from _copies(database)


def _copies(database: Path) -> Iterator[Path]:
    try:
        last = mark.last_backup(database)
    except (ValueError, OSError):
        # What is wrong with it is told with the backup.
        return
    if last:
        yield last.path
