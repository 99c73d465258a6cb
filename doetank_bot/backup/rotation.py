"""Keeping the newest sets of a folder. Only files are removed that say themselves that they are sets of this bot."""

import re
from pathlib import Path

from doetank_bot.backup.archive import UnusableSet, read_manifest
from doetank_bot.backup.place import Place

_NAME = re.compile(r"doetank-\d{8}T\d{6}Z\.tar")


def rotate(place: Place, folder: Path, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest `keep` sets that `backup` named itself; return what was removed. Raises OSError."""
    sets = sorted((path for path in folder.iterdir() if _is_ours(place, path)), key=lambda path: path.name)
    surplus = sets[: max(len(sets) - keep, 0)]
    for path in surplus:
        path.unlink()
    return tuple(surplus)


def _is_ours(place: Place, path: Path) -> bool:
    if not _NAME.fullmatch(path.name) or path.is_symlink() or not path.is_file():
        return False
    try:
        return read_manifest(path).account == place.account
    except UnusableSet:
        return False
