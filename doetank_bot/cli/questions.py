"""What `init` asks, one function a question; and what counts as an answer."""

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer
from pydantic import TypeAdapter, ValidationError

from doetank_bot.chat.matrix import Found, Session, discover
from doetank_bot.cli.asking import Asker, Question, Unfit
from doetank_bot.domain.group import Region
from doetank_bot.init.answers import Answers, localpart
from doetank_bot.settings.kinds import ConfigPath, Homeserver, TimeZoneName, UserId
from doetank_bot.text.catalogue import LANGUAGES

_LOCALPART = re.compile(r"[a-z0-9._=/+-]+", re.ASCII)
_PATTERN = re.compile(r"[^\s,]+")
_NONE = Region.NONE.value
_OWN = "own"
_STORE = "matrix-store"


@dataclass(frozen=True, slots=True)
class Given:
    """The answers that flags gave beforehand; None where there was no flag."""

    homeserver: str | None
    user_id: str | None
    language: str | None
    timezone: str | None
    region: str | None
    allow_invites_from: str | None
    data_dir: Path | None
    has_token: bool


def homeserver(asker: Asker, given: str | None, default: str | None) -> Found:
    """Return a homeserver that answers. What is in use already is not asked for again, nor looked up."""
    if given is None and default is not None and not asker.is_asking:
        return Found(default)
    found: list[Found] = []

    def check(typed: str) -> str:
        address = _fits(Homeserver, typed if "://" in typed else f"https://{typed}")
        found[:] = [asyncio.run(discover(address if "://" in typed else typed))]
        if blocked := found[0].blocked:
            points = f"{found[0].domain} says that its homeserver is {found[0].address}, but: "
            why = f"{points if found[0].domain else ''}{blocked}. {blocked.remedy}"
            raise Unfit(f"does not lead to a homeserver: {why}")
        return found[0].address

    why = "The homeserver is the Matrix server that the bot's account is on."
    asker.ask(Question("--homeserver", "Your homeserver, like example.org", why, check), given, default)
    if not _is_safe(found[0].address):
        typer.echo(
            "Mind: over http:// others on the way can read everything, the password too. Use https:// if you can"
        )
    return found[0]


def user(asker: Asker, given: str | None, default: str | None, domain: str | None) -> str:
    """Return a Matrix id, or its first part where the domain is not known."""

    def check(typed: str) -> str:
        if ":" in typed:
            return _fits(UserId, typed)
        name = typed.removeprefix("@")
        if not _LOCALPART.fullmatch(name):
            raise Unfit("is not a user id. Write it like @doetank:example.org, or only the part before the colon")
        return f"@{name}:{domain}" if domain else name

    why = "The account of the bot: its own, not that of a person."
    return asker.ask(Question("--user-id", "User id of the bot", why, check), given, default)


def language(asker: Asker, given: str | None, default: str) -> str:
    """Return nl or en."""

    def check(typed: str) -> str:
        return _one_of(typed, LANGUAGES)

    why = "The language in which new groups begin; each group can change its own."
    return asker.ask(Question("--language", "Language (nl or en)", why, check), given, default)


def timezone(asker: Asker, given: str | None, default: str) -> str:
    """Return the name of a time zone."""

    def check(typed: str) -> str:
        return _fits(TimeZoneName, typed)

    why = "The clock by which new groups get their prompts."
    return asker.ask(Question("--timezone", "Time zone", why, check), given, default)


def region(asker: Asker, given: str | None, default: str | None) -> str | None:
    """Return a region of the school holidays, or None."""
    regions = [region.value for region in Region if region is not Region.NONE]

    def check(typed: str) -> str:
        return _one_of(typed, (*regions, _NONE))

    why = "In the school holidays of this region (in the Netherlands) groups are left alone."
    text = f"Region ({', '.join(regions)} or {_NONE})"
    answer = asker.ask(Question("--region", text, why, check), given, default or _NONE)
    return None if answer == _NONE else answer


def allow_invites_from(asker: Asker, given: str | None, default: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return patterns over Matrix ids, or None for the bot's own server; a bare domain is everyone on it."""

    def check(typed: str) -> str:
        if typed in {_OWN, _NONE}:
            return typed
        patterns = [part.strip() for part in typed.split(",")]
        if not all(map(_PATTERN.fullmatch, patterns)):
            raise Unfit("is not a list of who may invite. Write it like *:example.org, @ana:example.net")
        return ",".join(one if ":" in one or one == "*" else f"*:{one}" for one in patterns)

    why = f"Who may invite the bot to a room: *:example.org is everyone there, {_OWN} is everyone on its own server."
    shown = _OWN if default is None else ", ".join(default) or _NONE
    answer = asker.ask(Question("--allow-invites-from", "Who may invite", why, check), given, shown)
    return {_OWN: None, _NONE: ()}.get(answer, tuple(answer.split(",")))


def data_dir(asker: Asker, given: Path | None, default: Path) -> Path:
    """Return the folder for the database and the login."""

    def check(typed: str) -> str:
        path = Path(_fits(ConfigPath, typed))
        if "?" in str(path) or not str(path).isprintable():
            raise Unfit("has a character in it that a database cannot have in its name. Choose another folder")
        if path.exists() and not path.is_dir():
            raise Unfit("is a file. Name a folder; it is made when it is not there")
        return str(path)

    why = "Everything is kept in this folder: the database, and the login."
    question = Question("--data-dir", "Folder", why, check)
    return Path(asker.ask(question, None if given is None else str(given), str(default)))


def all_answers(asker: Asker, given: Given, old: Answers | None, kept: Session | None, home: Path) -> Answers:
    """Return every answer; `old` is what stands in the file, `kept` a login that is there, `home` the file's folder.

    The user id is its first part alone where the server's name is not known, and empty where a token will tell it.
    """
    known = old or kept
    found = homeserver(asker, given.homeserver, known.homeserver if known else None)
    user_id = _user_id(asker, given, known.user_id if known else None, found.domain)
    usual = old or _usual(found.address, user_id, home)
    folder = data_dir(asker, given.data_dir, usual.database.parent)
    is_moved = folder != usual.database.parent
    return replace(
        usual,
        homeserver=found.address,
        user_id=user_id,
        store_dir=folder / _STORE if is_moved else usual.store_dir,
        database=folder / usual.database.name if is_moved else usual.database,
        language=language(asker, given.language, usual.language),
        timezone=timezone(asker, given.timezone, usual.timezone),
        region=region(asker, given.region, usual.region),
        allow_invites_from=allow_invites_from(asker, given.allow_invites_from, usual.allow_invites_from),
    )


def _usual(address: str, user_id: str, home: Path) -> Answers:
    return Answers(
        homeserver=address,
        user_id=user_id,
        language="nl",
        timezone="Europe/Amsterdam",
        region=None,
        allow_invites_from=None,
        store_dir=home / _STORE,
        database=home / "doetank.db",
    )


def _user_id(asker: Asker, given: Given, known: str | None, domain: str | None) -> str:
    if given.has_token and given.user_id is None and known is None:
        return ""
    typed = user(asker, given.user_id, known, domain)
    return known if known and typed == localpart(known) else typed


def _is_safe(address: str) -> bool:
    url = urlsplit(address)
    return url.scheme == "https" or url.hostname in {"localhost", "127.0.0.1", "::1"}


def _one_of(typed: str, known: tuple[str, ...]) -> str:
    if typed.lower() not in known:
        raise Unfit(f"is not one of: {', '.join(known)}")
    return typed.lower()


def _fits(kind: Any, typed: str) -> str:
    try:
        return str(TypeAdapter(kind).validate_python(typed))
    except ValidationError as error:
        context = error.errors()[0].get("ctx", {})
        raise Unfit(f"{context.get('message', 'cannot be used')}. {context.get('remedy', '')}".strip()) from None
