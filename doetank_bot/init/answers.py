"""What `init` asks, as values; and how they stand in a configuration file. Pure."""

import glob
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from doetank_bot.settings import Settings

_SQLITE = "sqlite+aiosqlite:///"

Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything asked for, complete; paths are absolute.

    `allow_invites_from` is None for everyone on the bot's own server.
    """

    homeserver: str
    user_id: str
    language: str
    timezone: str
    region: str | None
    allow_invites_from: tuple[str, ...] | None
    store_dir: Path
    database: Path
    password_file: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what a configuration answers."""
        matrix, bot = settings.matrix, settings.bot
        own = ("*:" + glob.escape(matrix.user_id.partition(":")[2]),)
        return cls(
            homeserver=matrix.homeserver,
            user_id=matrix.user_id,
            language=bot.language,
            timezone=bot.timezone,
            region=bot.region,
            allow_invites_from=None if matrix.allow_invites_from == own else matrix.allow_invites_from,
            store_dir=matrix.store_dir,
            database=Path(settings.database.url.removeprefix(_SQLITE).partition("?")[0]),
            password_file=matrix.password_file,
        )

    def values(self, base: Path) -> dict[str, Value]:
        """Return the settings by their key, paths relative to `base` where they are below it.

        None is a setting that is left out.
        """
        return {
            "matrix.homeserver": self.homeserver,
            "matrix.user_id": self.user_id,
            "matrix.password_file": _below(base, self.password_file) if self.password_file else None,
            "matrix.store_dir": _below(base, self.store_dir),
            "matrix.allow_invites_from": self.allow_invites_from,
            "database.url": _SQLITE + _below(base, self.database),
            "bot.language": self.language,
            "bot.timezone": self.timezone,
            "bot.region": self.region,
        }

    def lines(self) -> list[str]:
        """Return a line for each answer that is not left out."""
        pairs = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [f"{name}: {_shown(value)}" for name, value in pairs if value is not None]

    def changes_from(self, other: Self) -> list[str]:
        """Return a line for each answer that differs from that of `other`, with both."""
        pairs = [(field.name, getattr(other, field.name), getattr(self, field.name)) for field in fields(self)]
        return [f"{name}: {_shown(old)} becomes {_shown(new)}" for name, old, new in pairs if old != new]


def localpart(user_id: str) -> str:
    """Return the first part of a Matrix id: `doetank` of `@doetank:example.org`."""
    return user_id.removeprefix("@").partition(":")[0]


def _shown(value: object) -> str:
    if value is None or value == ():
        return "nothing" if value is None else "nobody"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _below(base: Path, file: Path) -> str:
    return str(file.relative_to(base)) if file.is_relative_to(base) else str(file)
