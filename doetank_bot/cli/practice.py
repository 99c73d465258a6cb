"""What needs no configuration and no account: demo, simulate and packs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from doetank_bot import simulate as simulation
from doetank_bot.cli.options import Spoken
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.demo import show
from doetank_bot.demo.rehearsal import play as rehearsal
from doetank_bot.demo.rehearsal.bot import TIMEZONE
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.group import Region
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.schedule import to_local
from doetank_bot.resources import breaks_file
from doetank_bot.resources import packs_dir as shipped_packs
from doetank_bot.settings import advice_on, load_packs, read_pack, read_school
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain_language import Jargon

_NINE = time(9)
_YEARS = range(2000, 2101)


class SchoolRegion(StrEnum):
    """A region of the school holidays."""

    NOORD = "noord"
    MIDDEN = "midden"
    ZUID = "zuid"


def demo(
    *,
    language: Annotated[Spoken, typer.Option(help="The language of the people and the bot.")] = Spoken.NL,
    terminal: Annotated[bool, typer.Option("--terminal", help="Type what people say, and move the clock.")] = False,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"], help="With --terminal: when it begins."),
    ] = None,
) -> None:
    """Play a whole cycle in minutes: bot, coach, members, sponsor, on a homeserver of its own (see `make synapse`).

    On a terminal the bot goes on afterwards, for you to log in and try; Ctrl-C stops everything and cleans up.
    With --terminal you play: type what people say and move the clock. That needs no homeserver.
    """
    with complaints():
        if terminal:
            raise typer.Exit(rehearsal.run(language.value, _beginning(first), Console()))
        if first is not None:
            raise Complaint(Exit.DATA, "--from is for --terminal only: doetank-bot demo --terminal --from 2027-02-04")
        raise typer.Exit(show.run(language.value, Console()))


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


def _beginning(first: datetime | None) -> datetime:
    """Return the local moment at which a rehearsal begins: nine o'clock where no time is named, today without a day."""
    begin = to_local(datetime.now(UTC), TIMEZONE) if first is None else first
    if begin.year not in _YEARS:
        raise Complaint(Exit.DATA, f"--from {begin:%Y-%m-%d}: name a day from {_YEARS[0]} to {_YEARS[-1]}")
    return datetime.combine(begin, _NINE if first is None or first.time() == time() else first.time())


def _named(name: str, known: Mapping[str, Pack]) -> Pack:
    if name not in known:
        raise Complaint(Exit.DATA, f"--pack {name}: there is no such pack. Choose from: {', '.join(sorted(known))}")
    return known[name]
