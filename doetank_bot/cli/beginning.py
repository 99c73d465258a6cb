"""What makes a first start: init."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from doetank_bot import check as checks
from doetank_bot.app import single_instance
from doetank_bot.chat.matrix import Session, load_session
from doetank_bot.cli.asking import Asker
from doetank_bot.cli.options import ConfigFile, Spoken, settings_at
from doetank_bot.cli.practice import SchoolRegion
from doetank_bot.cli.questions import Given, all_answers
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.domain.error import Unreachable
from doetank_bot.init import config as configuration
from doetank_bot.init.answers import Answers
from doetank_bot.init.face import NAMES, Decide, give_face
from doetank_bot.init.login import Account, Refused, kept_login, new_login, require_password_login
from doetank_bot.observe import configure_logs
from doetank_bot.ports import AuthLost
from doetank_bot.private_file import write_private
from doetank_bot.settings import Secret, SecretKind, Settings, config_file, read_secret

_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What flags ask for besides answers."""

    secret: Secret | None
    name: str | None
    must_store_password: bool


def init(  # noqa: PLR0913 - a flag for each question
    *,
    config: ConfigFile = None,
    homeserver: Annotated[str | None, typer.Option(help="A domain, or an address with https://.")] = None,
    user_id: Annotated[str | None, typer.Option(help="The bot's account, like @doetank:example.org.")] = None,
    password_file: Annotated[Path | None, typer.Option(readable=False, help="A file with only the password.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    access_token_file: Annotated[
        Path | None, typer.Option(readable=False, help="A file with only an access token.")
    ] = None,
    language: Annotated[Spoken | None, typer.Option(help="The language of new groups.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The clock of new groups, like Europe/Amsterdam.")] = None,
    region: Annotated[SchoolRegion | None, typer.Option(help="Whose school holidays count.")] = None,
    allow_invites_from: Annotated[str | None, typer.Option(help="Who may invite, with commas: *:example.org.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The folder for the database and the login.")] = None,
    name: Annotated[str | None, typer.Option(help="The name that people see.")] = None,
    store_password: Annotated[
        bool, typer.Option("--store-password", help="Keep the password in a file beside the configuration.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing; take the defaults, and change what flags say.")
    ] = False,
) -> None:
    """Make the configuration, log in once, and give the bot its name and picture. Each question has a flag.

    The password is not kept. Run it again at any time: nothing that is there changes unless you say so.
    """
    with complaints():
        configure_logs("error", "text")
        secret = _secret(password_file, access_token_file, is_on_stdin=password_stdin)
        given = Given(
            homeserver=homeserver,
            user_id=user_id,
            language=language,
            timezone=timezone,
            region=region,
            allow_invites_from=allow_invites_from,
            data_dir=data_dir,
            has_token=bool(secret and secret.kind is SecretKind.ACCESS_TOKEN),
        )
        asker = Asker(is_asking=sys.stdin.isatty() and not yes, says_yes=yes)
        file = config_file(config, os.environ)
        worst = _begin(file, given, _Wishes(secret, name, store_password), asker)
        raise typer.Exit(worst)


def _begin(file: Path, given: Given, wishes: _Wishes, asker: Asker) -> int:
    before = configuration.existing(file)
    answers = _answers(file, before, given, asker)
    session, typed = _login(answers, before, wishes, asker)
    answers = replace(answers, user_id=session.user_id)
    answers = _with_password_file(answers, file, typed, wishes, asker)
    is_new = configuration.write(file, answers)
    typer.echo(f"Configuration: {file}" + ("" if is_new else ", as it was"))
    _give_face(session, answers, wishes.name, asker)
    return _check(file)


def _answers(file: Path, before: Settings | None, given: Given, asker: Asker) -> Answers:
    home = file.resolve().parent
    if before is None:
        return all_answers(asker, given, None, load_session(home / "matrix-store"), home)
    old = Answers.of(before)
    typer.echo(f"{file} is there already:")
    for line in old.lines():
        typer.echo(f"  {line}")
    wants_more = asker.wants("Do you want to change any of this?")
    new = all_answers(asker if wants_more else Asker(is_asking=False, says_yes=False), given, old, None, home)
    changes = new.changes_from(old)
    for line in changes:
        typer.echo(f"  {line}")
    otherwise = f"{file} says otherwise, and is left as it is. Add --yes to change it: {'; '.join(changes)}"
    is_wanted = not changes or wants_more or asker.may("Change this?", otherwise)
    return new if is_wanted else old


def _login(
    answers: Answers, before: Settings | None, wishes: _Wishes, asker: Asker
) -> tuple[Session, SecretStr | None]:
    """Return a login that is kept, and the password if one was needed."""
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


@contextlib.contextmanager
def _no_bot_at_work(database: Path) -> Iterator[None]:
    """Keep a bot from starting meanwhile: a new login ends the old one of the same device. Raises AlreadyRunning."""
    lock = database.with_name(database.name + ".lock")
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
    return Secret(SecretKind.ACCESS_TOKEN, SecretStr(asker.secret("Access token (nothing appears)").strip()))


def _with_password_file(
    answers: Answers, file: Path, password: SecretStr | None, wishes: _Wishes, asker: Asker
) -> Answers:
    """Keep the password when that is asked for; a file that is there already is not written over unasked."""
    if password is None or answers.password_file:
        return answers
    if not wishes.must_store_password and not asker.wants(
        "Keep the password in a file, so that the bot can log in by itself if it ever must?"
    ):
        return answers
    place = file.resolve().parent / "password"
    otherwise = f"{place} is there already, and is left as it is. Add --yes to write over it, or move it away"
    if place.exists() and not asker.may(f"{place} is there already. Write over it?", otherwise):
        return answers
    write_private(place, password.get_secret_value() + "\n")
    return replace(answers, password_file=place)


def _give_face(session: Session, answers: Answers, wanted: str | None, asker: Asker) -> None:
    """Give the bot its name and picture; when that cannot be, say so and go on, for it runs without."""
    try:
        asyncio.run(give_face(session, answers.store_dir, _naming(wanted, answers.language, asker), typer.echo))
    except (AuthLost, Unreachable) as trouble:
        typer.echo(
            f"The homeserver does not let the account change its name or picture now ({trouble}). "
            "Set them in a client, or run init again later"
        )


def _naming(wanted: str | None, language: str, asker: Asker) -> Decide:
    def decide(current: str | None) -> str | None:
        if current is None:
            return wanted or asker.text("Name that people see", NAMES[language])
        if wanted is None or wanted == current:
            return None
        otherwise = f"The account is called {current}, and is left so. Add --yes to call it {wanted}"
        return wanted if asker.may(f"The account is called {current}. Call it {wanted}?", otherwise) else None

    return decide


def _check(file: Path) -> int:
    """Run the checks, say what comes next, and return the exit code."""
    typer.echo()
    settings = settings_at(file)
    worst = asyncio.run(_worst(settings))
    where = "" if file == Path("doetank.yaml") else f" --config {shlex.quote(str(file))}"
    start, now = ("ronde start", "opdracht nu") if settings.bot.language == "nl" else ("cycle start", "prompt now")
    prefix = settings.bot.prefix
    typer.echo("\nMend what is wrong above. Then:" if worst else "\nAll is well. Next:")
    typer.echo(f"  doetank-bot run{where}")
    typer.echo(f"Then invite {settings.matrix.user_id} to a room without encryption, and type there: {prefix}{start}")
    typer.echo(f"It shows the dates. To see the first prompt at once, type: {prefix}{now}")
    return int(worst)


async def _worst(settings: Settings) -> checks.Weight:
    worst = checks.Weight.GOOD
    async for finding in checks.findings(settings):
        typer.echo(str(finding))
        worst = max(worst, finding.weight)
    return worst


def _secret(password_file: Path | None, access_token_file: Path | None, *, is_on_stdin: bool) -> Secret | None:
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
