"""Where what belongs to one bot stands: its database and the folder of its login."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doetank_bot.app import database_file
from doetank_bot.domain.strict_yaml import Problem
from doetank_bot.settings import ConfigError, Settings


@dataclass(frozen=True, slots=True)
class Place:
    """Whose it is, and where."""

    account: str
    url: str
    database: Path
    store: Path

    def in_store(self) -> Iterator[Path]:
        """Yield the files of the login, links and sockets left out."""
        for path in sorted(self.store.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def place_of(settings: Settings) -> Place:
    """Return where the configured bot keeps its things. Raises ConfigError when the login has no folder of its own."""
    database, store = database_file(settings).absolute(), settings.matrix.store_dir.absolute()
    if database.is_relative_to(store):
        remedy = "Give the login a folder of its own, like matrix-store, and move session.json there"
        raise ConfigError(Problem("", 0, "matrix.store_dir", "also holds the database", remedy))
    return Place(settings.matrix.user_id, settings.database.url, database, store)
