"""What makes a first start: init."""

import asyncio
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from doetank_bot.chat.matrix import Session, load_session
from doetank_bot.cli.asking import Asker
from doetank_bot.cli.first_login import Wishes, given_secret, log_in, with_password_file
from doetank_bot.cli.operating import check_all
from doetank_bot.cli.options import ConfigFile, Spoken, settings_at
from doetank_bot.cli.practice import SchoolRegion
from doetank_bot.cli.questions import Given, all_answers
from doetank_bot.complaint import complaints
from doetank_bot.domain.error import Unreachable
from doetank_bot.init import config as configuration
from doetank_bot.init.answers import Answers
from doetank_bot.init.face import NAMES, Decide, give_face
from doetank_bot.init.keys import make_keys
from doetank_bot.ports import AuthLost
from doetank_bot.settings import SecretKind, Settings, config_file, folder_of


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
        secret = given_secret(password_file, access_token_file, is_on_stdin=password_stdin)
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
        worst = _begin(file, given, Wishes(secret, store_password), name, asker)
        raise typer.Exit(worst)


def _begin(file: Path, given: Given, wishes: Wishes, name: str | None, asker: Asker) -> int:
    before = configuration.existing(file)
    answers = _answers(file, before, given, asker)
    session, typed = _log_in_with_keys(answers, before, wishes, asker)
    answers = replace(answers, user_id=session.user_id)
    answers = with_password_file(answers, file, typed, wishes, asker)
    is_new = configuration.write(file, answers)
    typer.echo(f"Configuration: {file}" + ("" if is_new else ", as it was"))
    _give_face(session, answers, name, asker)
    return _check(file)


def _log_in_with_keys(
    answers: Answers, before: Settings | None, wishes: Wishes, asker: Asker
) -> tuple[Session, SecretStr | None]:
    """Log in with keys that work; where those of the kept device are lost, on a new one."""
    session, typed = log_in(answers, before, wishes, asker)
    if not _has_keys(session, answers, typed, wishes):
        session, typed = log_in(answers, before, wishes, asker)
        _has_keys(session, answers, typed, wishes)
    return session, typed


def _has_keys(session: Session, answers: Answers, typed: SecretStr | None, wishes: Wishes) -> bool:
    given = wishes.secret.value if wishes.secret and wishes.secret.kind is SecretKind.PASSWORD else None
    password = typed or given
    try:
        return asyncio.run(
            make_keys(session, answers.store_dir, password.get_secret_value() if password else None, typer.echo)
        )
    except (AuthLost, Unreachable) as trouble:
        typer.echo(f"Encryption: the homeserver does not answer ({trouble}). `run` tries again")
        return True


def _answers(file: Path, before: Settings | None, given: Given, asker: Asker) -> Answers:
    home = folder_of(file)
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
    worst = asyncio.run(check_all(settings, file))
    where = "" if file == Path("doetank.yaml") else f" --config {shlex.quote(str(file))}"
    start, now = ("ronde start", "opdracht nu") if settings.bot.language == "nl" else ("cycle start", "prompt now")
    prefix = settings.bot.prefix
    typer.echo("\nMend what is wrong above. Then:" if worst else "\nAll is well. Next:")
    typer.echo(f"  doetank-bot run{where}")
    typer.echo(f"Then invite {settings.matrix.user_id} to a room, and type there: {prefix}{start}")
    typer.echo(f"It shows the dates. To see the first prompt at once, type: {prefix}{now}")
    return worst
