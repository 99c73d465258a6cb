"""The command line.

Answers go to stdout, logs and complaints to stderr; never a traceback for what the operator can mend.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from doetank_bot import check as checks
from doetank_bot import export as exports
from doetank_bot import simulate as simulation
from doetank_bot.app import SystemClock, rules_of, serve, stop_on_signals
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.demo import show
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.group import Region
from doetank_bot.domain.pack import Pack
from doetank_bot.observe import configure_logs, notify_systemd
from doetank_bot.resources import breaks_file
from doetank_bot.resources import packs_dir as shipped_packs
from doetank_bot.settings import Settings, advice_on, load_packs, load_settings, read_pack, read_school
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain_language import Jargon


class Spoken(StrEnum):
    """A language of the demo."""

    NL = "nl"
    EN = "en"


class SchoolRegion(StrEnum):
    """A region of the school holidays."""

    NOORD = "noord"
    MIDDEN = "midden"
    ZUID = "zuid"


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
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
packs = typer.Typer(help="Packs: approaches as data.", no_args_is_help=True)
program.add_typer(packs, name="packs")


def main() -> None:
    """Run the command line."""
    program()


@program.callback()
def common(
    *, version: Annotated[bool, typer.Option("--version", help="Say which version this is, and stop.")] = False
) -> None:
    """Do nothing but say the version, when asked."""
    if version:
        typer.echo(metadata.version("doetank-bot"))
        raise typer.Exit


@program.command()
def run(config: ConfigFile = None) -> None:
    """Run the bot until it is stopped."""
    with complaints():
        settings = _settings(config)
        asyncio.run(_serve(settings))


@program.command()
def check(config: ConfigFile = None) -> None:
    """Look whether the bot can run here; each finding is one line with its remedy."""
    with complaints():
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
    with complaints():
        settings = _settings(config)
        dossier = asyncio.run(exports.read(settings, rules_of(settings), group, SystemClock().now()))
        text = exports.as_json(dossier) if form is Format.JSON else exports.as_markdown(dossier)
        _write(out, text)


@program.command()
def demo(
    language: Annotated[Spoken, typer.Option(help="The language of the people and the bot.")] = Spoken.NL,
) -> None:
    """Play a week: the bot, a coach and three members, on a homeserver of its own (`make synapse` installs it)."""
    with complaints():
        configure_logs("error", "text")
        raise typer.Exit(show.run(language.value, Console()))


@program.command()
def simulate(
    *,
    pack: Annotated[str, typer.Option(help="The pack's name.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="A day in the first week.")],
    weeks: Annotated[int | None, typer.Option(help="How many weeks. Left out: what the pack says.")] = None,
    language: Annotated[Spoken, typer.Option(help="The language of the texts.")] = Spoken.NL,
    packs_dir: Annotated[Path | None, typer.Option(help="A folder with more packs.")] = None,
    region: Annotated[SchoolRegion | None, typer.Option(help="Count the school holidays of this region.")] = None,
    silent: Annotated[bool, typer.Option("--silent", help="As if nobody ever answers.")] = False,
) -> None:
    """Print all that a cycle would send, a line a message: DATE TIME kind audience text. Sends nothing.

    Everyone is taken to answer at once, with plans that name no day. What drops out is said on stderr.
    """
    with complaints():
        known = load_packs([shipped_packs(), *([packs_dir] if packs_dir else [])])
        found = _named(pack, known)
        if weeks is not None and not found.weeks.min <= weeks <= found.weeks.max:
            raise Complaint(Exit.DATA, f"--weeks {weeks}: {pack} takes {found.weeks.min} to {found.weeks.max} weeks")
        school = read_school(breaks_file())[Region(region.value)] if region else ()
        calendar = replace(calendar_for(), school=school)
        texts = Catalogue.load()
        told = simulation.simulate(found, first.date(), weeks, language.value, calendar, texts, is_silent=silent)
        typer.echo("\n".join(told.lines))
        for line in told.dropped:
            typer.echo(line, err=True)


@packs.command("validate")
def validate(path: Annotated[Path, typer.Argument(help="A pack, or a folder of packs (*.yaml).")]) -> None:
    """Check packs; every mistake is one line with file, line and key. A sound pack may get advice on its language."""
    with complaints():
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise Complaint(Exit.DATA, f"{path}: holds no pack. Packs end in .yaml")
        jargon = Jargon.load()
        for file in files:
            pack = read_pack(file)
            typer.echo(f"{file}: {pack.name} is a valid pack")
            for advice in advice_on(file, jargon):
                typer.echo(f"advice: {advice}")


def _named(name: str, known: Mapping[str, Pack]) -> Pack:
    if name not in known:
        raise Complaint(Exit.DATA, f"--pack {name}: there is no such pack. Choose from: {', '.join(sorted(known))}")
    return known[name]


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
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(out)


if __name__ == "__main__":
    main()
