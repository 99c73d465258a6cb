"""The login of `init`, as someone at the command line goes through it: a secret, given or typed, that is used once."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from pydantic import SecretStr

from doetank_bot.chat.matrix import Session
from doetank_bot.cli.asking import Asker
from doetank_bot.complaint import Complaint, Exit
from doetank_bot.init.answers import Answers
from doetank_bot.init.login import Account, Refused, kept_login, new_login, require_password_login
from doetank_bot.observe.presence import single_instance
from doetank_bot.private_file import write_private
from doetank_bot.settings import Secret, SecretKind, Settings, folder_of, read_secret
from doetank_bot.store import mark

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What flags say of the login."""

    secret: Secret | None
    must_store_password: bool


def given_secret(password_file: Path | None, access_token_file: Path | None, *, is_on_stdin: bool) -> Secret | None:
    """Return the secret that a flag gives, if any. Raises Complaint for more than one, and ConfigError."""
    if sum([password_file is not None, access_token_file is not None, is_on_stdin]) > 1:
        one = "--password-file, --password-stdin or --access-token-file"
        raise Complaint(Exit.CONFIG, f"More than one secret is given. Keep one of {one}")
    if password_file:
        return Secret(SecretKind.PASSWORD, read_secret(password_file, "--password-file"))
    if access_token_file:
        return Secret(SecretKind.ACCESS_TOKEN, read_secret(access_token_file, "--access-token-file"))
    if not is_on_stdin:
        return None
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Complaint(Exit.CONFIG, "--password-stdin: nothing came in. Write the password to stdin, on one line")
    return Secret(SecretKind.PASSWORD, SecretStr(password))


def log_in(answers: Answers, before: Settings | None, wishes: Wishes, asker: Asker) -> tuple[Session, SecretStr | None]:
    """Return a login that is kept, and the password if one was needed. Raises Complaint, AlreadyRunning."""
    device = before.matrix.device_id if before else None
    account = Account(answers.homeserver, answers.user_id or None, answers.store_dir, device)
    must_store = wishes.must_store_password and answers.password_file is None
    kept = asyncio.run(kept_login(account))
    if kept and not must_store:
        typer.echo(f"Login: {kept.user_id}, kept on device {kept.device_id}")
        return kept, None
    secret = wishes.secret or (before.secret() if before else None)
    if must_store and secret and secret.kind is SecretKind.ACCESS_TOKEN:
        raise Complaint(Exit.CONFIG, "--store-password goes with a password, not with an access token. Leave it out")
    with _no_bot_at_work(answers.database):
        session, used = _first_login(account, secret, asker)
    typer.echo(f"Login: {session.user_id}, on device {session.device_id}")
    return session, used.value if used.kind is SecretKind.PASSWORD else None


def with_password_file(
    answers: Answers, file: Path, password: SecretStr | None, wishes: Wishes, asker: Asker
) -> Answers:
    """Keep the password when that is asked for; a file that is there already is not written over unasked."""
    if password is None or answers.password_file:
        return answers
    if not wishes.must_store_password and not asker.wants(
        "Keep the password in a file, so that the bot can log in by itself if it ever must?"
    ):
        return answers
    place = folder_of(file) / "password"
    otherwise = f"{place} is there already, and is left as it is. Add --yes to write over it, or move it away"
    if place.exists() and not asker.may(f"{place} is there already. Write over it?", otherwise):
        return answers
    write_private(place, password.get_secret_value() + "\n")
    return replace(answers, password_file=place)


@contextlib.contextmanager
def _no_bot_at_work(database: Path) -> Iterator[None]:
    """Keep a bot from starting meanwhile: a new login ends the old one of the same device. Raises AlreadyRunning."""
    lock = mark.beside(database, "lock")
    with single_instance(lock) if lock.exists() else contextlib.nullcontext():
        yield


def _first_login(account: Account, secret: Secret | None, asker: Asker) -> tuple[Session, Secret]:
    for tried in range(1, _TRIES + 1):
        used = secret or _typed_secret(account, asker)
        try:
            return asyncio.run(new_login(account, used, typer.echo)), used
        except Refused as refused:
            if secret or tried == _TRIES:
                raise
            typer.echo(str(refused))
    raise AssertionError("the last try returns or raises")


def _typed_secret(account: Account, asker: Asker) -> Secret:
    if not asker.is_asking:
        raise Complaint(
            Exit.CONFIG,
            "There is no login yet, and no secret to make one with. "
            "Add --password-file, --password-stdin or --access-token-file",
        )
    try:
        asyncio.run(require_password_login(account))
    except Refused as refused:
        typer.echo(str(refused))
    else:
        typer.echo("\nThe password is used once, to log in. It is not kept unless you ask for that.")
        password = asker.secret("Password (nothing appears; only Enter: use an access token)")
        if password:
            return Secret(SecretKind.PASSWORD, SecretStr(password))
    return Secret(SecretKind.ACCESS_TOKEN, SecretStr(_typed_token(asker)))


def _typed_token(asker: Asker) -> str:
    while not (token := asker.secret("Access token (nothing appears)").strip()):
        typer.echo("Nothing was typed. Paste the token and press Enter, or stop with Ctrl-C")
    return token
