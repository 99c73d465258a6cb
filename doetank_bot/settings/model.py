"""The settings, exactly the keys of design.md section 5. Paths are absolute once they are here."""

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from doetank_bot.domain.strict_yaml import Mistake, Problem, mistakes
from doetank_bot.domain.strict_yaml.day import IsoDate
from doetank_bot.settings.kinds import (
    ConfigPath,
    DatabaseUrl,
    Homeserver,
    Listen,
    Prefix,
    TimeZoneName,
    UserId,
)

_STRICT: Final = ConfigDict(
    frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True, regex_engine="python-re"
)
_LONGEST_SECRET: Final = 8192


class ConfigError(Exception):
    """Something that the configuration points to cannot be used; `problem` says what to do."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(str(problem))
        self.problem = problem


class SecretKind(StrEnum):
    """How the bot proves to the homeserver who it is."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password
    ACCESS_TOKEN = "access_token"  # noqa: S105 - as above


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or a token, which prints as stars."""

    kind: SecretKind
    value: SecretStr


def secret_mistakes(password_file: object, access_token_file: object) -> Iterator[Mistake]:
    """Yield what is wrong, seen from the section `matrix`, when both are given."""
    if password_file and access_token_file:
        yield Mistake(("access_token_file",), "stands beside `password_file`", "Keep one of the two")


class Matrix(BaseModel):
    """The account on the homeserver. Without a `device_id` the bot keeps the one it logs in with in `store_dir`.

    Without a file with a secret it lives on the login that `doetank-bot init` left in `store_dir`.
    """

    model_config = _STRICT

    homeserver: Homeserver
    user_id: UserId
    device_id: str | None = Field(default=None, min_length=1, max_length=255)
    password_file: ConfigPath | None = None
    access_token_file: ConfigPath | None = None
    store_dir: ConfigPath = Path("matrix-store")
    allow_invites_from: tuple[str, ...] = ()

    def allows_invite_from(self, user_id: str) -> bool:
        """Return whether `user_id` may invite the bot: one of the patterns (`*`, `?`, `[…]`) covers all of it."""
        return any(fnmatchcase(user_id, pattern) for pattern in self.allow_invites_from)

    @model_validator(mode="before")
    @classmethod
    def _own_server_unless_said(cls, data: Any) -> Any:
        user_id = data.get("user_id") if isinstance(data, dict) else None
        if not isinstance(user_id, str) or ":" not in user_id or "allow_invites_from" in data:
            return data
        return {**data, "allow_invites_from": ["*:" + glob.escape(user_id.partition(":")[2])]}

    @model_validator(mode="after")
    def _no_two_secrets(self) -> Self:
        found = list(secret_mistakes(self.password_file, self.access_token_file))
        if found:
            raise mistakes("matrix", found)
        return self


class Database(BaseModel):
    """Where everything is kept."""

    model_config = _STRICT

    url: DatabaseUrl = "sqlite+aiosqlite:///doetank.db"


class Holidays(BaseModel):
    """Days that differ from the list of the Cao Gemeenten: extra days off, and days that are worked."""

    model_config = _STRICT

    add: tuple[IsoDate, ...] = ()
    skip: tuple[IsoDate, ...] = ()


class Bot(BaseModel):
    """How the bot behaves in groups that have not set it themselves. `moderators` may act in every group."""

    model_config = _STRICT

    prefix: Prefix = "!"
    language: Literal["nl", "en"] = "nl"
    timezone: TimeZoneName = "Europe/Amsterdam"
    region: Literal["noord", "midden", "zuid"] | None = None
    packs_dir: ConfigPath | None = None
    moderators: tuple[UserId, ...] = ()
    holidays: Holidays = Holidays()
    breaks_file: ConfigPath | None = None


class Health(BaseModel):
    """Where health and metrics are served; nowhere unless said."""

    model_config = _STRICT

    listen: Listen | None = None


class Log(BaseModel):
    """How much is logged, and as what."""

    model_config = _STRICT

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(BaseModel):
    """All settings."""

    model_config = _STRICT

    platform: Literal["matrix"] = "matrix"
    matrix: Matrix
    database: Database
    bot: Bot
    health: Health
    log: Log

    @model_validator(mode="before")
    @classmethod
    def _no_section_is_an_empty_one(cls, data: Any) -> Any:
        # Not by a default on the field: its relative paths would start from where Python was started.
        if not isinstance(data, dict):
            return data
        sections = [name for name in cls.model_fields if name != "platform"]
        return {**data, **{name: {} for name in sections if data.get(name) is None}}

    def secret(self) -> Secret | None:
        """Read the password or the access token from its file, if there is to be one.

        Raises ConfigError when the file gives none.
        """
        if self.matrix.access_token_file:
            key = "matrix.access_token_file"
            return Secret(SecretKind.ACCESS_TOKEN, read_secret(self.matrix.access_token_file, key))
        if self.matrix.password_file:
            return Secret(SecretKind.PASSWORD, read_secret(self.matrix.password_file, "matrix.password_file"))
        return None


def read_secret(path: Path, key: str) -> SecretStr:
    """Return the one line in `path`, a file that the setting or option `key` names. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_SECRET + 1).decode("utf-8").strip()
    except FileNotFoundError:
        raise _unusable(path, key, "is not there", "Make the file, with only the secret in it") from None
    except UnicodeDecodeError:
        raise _unusable(path, key, "is not text", "Save it as UTF-8, with only the secret in it") from None
    except IsADirectoryError:
        raise _unusable(path, key, "is a folder", "Name the file in it, with only the secret") from None
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise _unusable(path, key, reason, "Let the bot's user read it, and nobody else (chmod 600)") from None
    if not text or "\n" in text or len(text) > _LONGEST_SECRET:
        raise _unusable(path, key, "is not one line of text", "Put only the secret in it, on one line")
    return SecretStr(text)


def _unusable(path: Path, key: str, message: str, remedy: str) -> ConfigError:
    return ConfigError(Problem(str(path), 0, key, message, remedy))
