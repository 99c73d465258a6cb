"""The command line. Answers go to stdout, logs and complaints to stderr; never a traceback for what the operator can mend."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine, Iterator
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from doetank_bot import check as checks
from doetank_bot import export as exports
from doetank_bot.app import AlreadyRunning, SystemClock, rules_of, serve, stop_on_signals
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.observe import configure_logs, notify_systemd
from doetank_bot.ports import AuthLost
from doetank_bot.settings import ConfigError, Settings, load_settings, read_pack
from doetank_bot.store.migration import SchemaTooNew, Unreadable


class Exit(IntEnum):
    """Exit codes, as in sysexits.h; systemd need not start again after 65, 77 and 78."""

    WRONG = 1
    DATA = 65
    TEMPORARY = 75
    PERMISSIONS = 77
    CONFIG = 78


class Format(StrEnum):
    """What an export can be."""

    JSON = "json"
    MD = "md"


ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="The configuration file. Left out: $DOETANK_CONFIG, else ./doetank.yaml."),
]

program = typer.Typer(
    help="Leads groups through learning by doing, in the chat where they already talk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
packs = typer.Typer(help="Packs: approaches as data.", no_args_is_help=True)
program.add_typer(packs, name="packs")


def main() -> None:
    """Run the command line."""
    program()


@program.command()
def run(config: ConfigFile = None) -> None:
    """Run the bot until it is stopped."""
    with _complaints():
        settings = _settings(config)
        asyncio.run(_serve(settings))


@program.command()
def check(config: ConfigFile = None) -> None:
    """Look whether the bot can run here; each finding is one line with its remedy."""
    with _complaints():
        settings = _settings(config)
        rules_of(settings)
        raise typer.Exit(asyncio.run(_check(settings)))


@program.command()
def export(
    group: Annotated[str, typer.Option(help="The group's room id, or its name where only one group has it.")],
    out: Annotated[Path, typer.Option(help="The file to write, or - for stdout.")],
    form: Annotated[Format, typer.Option("--format", help="What to make of it.")] = Format.JSON,
    config: ConfigFile = None,
) -> None:
    """Write a group's cycles as a document. Nothing private is in it; works beside a running bot."""
    with _complaints():
        settings = _settings(config)
        dossier = asyncio.run(exports.read(settings, rules_of(settings), group, SystemClock().now()))
        text = exports.as_json(dossier) if form is Format.JSON else exports.as_markdown(dossier)
        _write(out, text)


@packs.command("validate")
def validate(path: Annotated[Path, typer.Argument(help="A pack, or a folder of packs (*.yaml).")]) -> None:
    """Check packs; every mistake is one line with file, line and key."""
    with _complaints():
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise _Complaint(Exit.DATA, f"{path}: holds no pack. Packs end in .yaml")
        for file in files:
            pack = read_pack(file)
            typer.echo(f"{file}: {pack.name} is a valid pack")


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await serve(settings, clock=SystemClock(), on_ready=_say_ready, stop=stop)
    notify_systemd("STOPPING=1")


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    notify_systemd("READY=1")


async def _check(settings: Settings) -> int:
    worst = checks.Weight.GOOD
    async for finding in checks.findings(settings):
        typer.echo(str(finding))
        worst = max(worst, finding.weight)
    return int(worst)


def _settings(config: Path | None) -> Settings:
    settings = load_settings(config, os.environ)
    configure_logs(settings.log.level, settings.log.format)
    return settings


def _write(out: Path, text: str) -> None:
    """Write whole or not at all, for the owner only; `-` is stdout."""
    if str(out) == "-":
        sys.stdout.write(text)
        return
    temporary = out.with_name(out.name + ".part")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(out)


class _Complaint(Exception):
    def __init__(self, code: Exit, line: str) -> None:
        super().__init__(line)
        self.code = code


@contextlib.contextmanager
def _complaints() -> Iterator[None]:
    """Turn what the operator can mend into one line each on stderr and the right exit code."""
    try:
        yield
    except BaseExceptionGroup as group:
        # The bot's tasks end together; the first that failed tells why.
        _complain(_first(group))
    except Exception as error:
        _complain(error)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _complain(error: BaseException) -> None:
    lines, code = _explained(error)
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)


def _explained(error: BaseException) -> tuple[tuple[str, ...], int]:
    match error:
        case _Complaint():
            return (str(error),), error.code
        case Invalid():
            return tuple(map(str, error.problems)), Exit.CONFIG
        case ConfigError():
            return (str(error.problem),), Exit.CONFIG
        case AuthLost():
            remedy = "Check matrix.user_id and the password or token file. Nothing is lost"
            return (f"The homeserver refuses the login ({error}). {remedy}",), Exit.CONFIG
        case exports.NoSuchGroup():
            return (str(error),), Exit.WRONG
        case AlreadyRunning():
            return ("Another bot already works on this database. Stop that one first",), Exit.TEMPORARY
        case SchemaTooNew() | Unreadable():
            return (f"The database cannot be used: {error}",), Exit.DATA
        case PermissionError():
            return (f"{error.filename}: may not be read or written by this user. Run as the bot's own user",), Exit.PERMISSIONS
        case OSError():
            return (f"{error.filename or 'the system'}: {error.strerror or type(error).__name__}",), Exit.TEMPORARY
        case _:
            raise error


if __name__ == "__main__":
    main()
