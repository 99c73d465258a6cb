"""The kinds of value a setting can have, each checked with a remedy. No value is repeated in a message."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ValidationInfo

from doetank_bot.domain.strict_yaml import mistake
from doetank_bot.domain.strict_yaml.explain import nearest

_USER_ID = re.compile(r"@[^:\s]+:[^\s:]\S*")
_PREFIX = re.compile(r"[!$%&+,.;=?^|~-]{1,3}")
_SQLITE = "sqlite+aiosqlite:///"
_HIGHEST_PORT = 65535


def base_folder(info: ValidationInfo) -> Path:
    """Return the folder that relative paths start from: the configuration file's, or the current one."""
    return Path((info.context or {}).get("base", "."))


def _path(value: Path, info: ValidationInfo) -> Path:
    try:
        return _followed(base_folder(info) / value.expanduser())
    except RuntimeError:
        raise mistake("begins with ~, and there is no such home folder", "Write the whole path") from None


def _followed(path: Path) -> Path:
    """Return the absolute path with every link followed."""
    try:
        return path.resolve()
    except (RuntimeError, OSError):
        raise mistake("is a link that leads back to itself", "Let it lead to a real file or folder") from None


def _user_id(value: str) -> str:
    if not _USER_ID.fullmatch(value):
        raise mistake("is not a full Matrix user id", 'Write it in quotes, like "@doetank:example.org"')
    return value


def _homeserver(value: str) -> str:
    wrong = mistake("is not the address of a homeserver", "Write it like https://matrix.example.org")
    try:
        url = urlsplit(value)
        is_good = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        raise wrong from None
    if not is_good:
        raise wrong
    if url.username or url.password or url.query or url.fragment:
        raise mistake("has more in it than an address", "Write only https:// and the name of the server")
    return value.rstrip("/")


def _database_url(value: str, info: ValidationInfo) -> str:
    path, _, options = value.removeprefix(_SQLITE).partition("?")
    if not value.startswith(_SQLITE) or not path or path == ":memory:":
        raise mistake("is not a database in a file", "Write it like sqlite+aiosqlite:///doetank.db")
    absolute = _followed(base_folder(info) / path)
    return f"{_SQLITE}{absolute}" + (f"?{options}" if options else "")


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder gives an OSError
        hint = nearest(value, available_timezones())
        raise mistake("is not a time zone", hint or "Write it like Europe/Amsterdam") from None
    return value


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise mistake("cannot begin a command", 'Write "!", or one to three of ! $ % & + , . ; = ? ^ | ~ -')
    return value


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port, re.ASCII) or not 0 < int(port) <= _HIGHEST_PORT:
        raise mistake("is not an address and a port", 'Write it in quotes, like "127.0.0.1:8080"')
    return value


ConfigPath = Annotated[Path, AfterValidator(_path)]
UserId = Annotated[str, AfterValidator(_user_id)]
Homeserver = Annotated[str, AfterValidator(_homeserver)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
TimeZoneName = Annotated[str, AfterValidator(_timezone)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Listen = Annotated[str, AfterValidator(_listen)]
