"""What leaves as a file: export."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from doetank_bot import export as exports
from doetank_bot.app import SystemClock, rules_of
from doetank_bot.cli.options import ConfigFile, settings_at
from doetank_bot.complaint import Complaint, Exit, complaints
from doetank_bot.private_file import write_private
from doetank_bot.text.catalogue import Catalogue


class Format(StrEnum):
    """What an export can be."""

    JSON = "json"
    MD = "md"
    CSV = "csv"
    HTML = "html"


def export(
    group: Annotated[str, typer.Option(help="The group's room id, or its name where only one group has it.")],
    out: Annotated[Path, typer.Option(help="The file to write, or - for stdout.")],
    form: Annotated[Format, typer.Option("--format", help="What to make of it.")] = Format.JSON,
    config: ConfigFile = None,
) -> None:
    """Write a group's cycles as a document. Nothing private is in it; works beside a running bot."""
    with complaints():
        settings = settings_at(config)
        dossier = asyncio.run(exports.read(settings, rules_of(settings), group, SystemClock().now()))
        _write(out, _written(dossier, form))


def _written(dossier: exports.Dossier, form: Format) -> str:
    match form:
        case Format.JSON:
            return exports.as_json(dossier)
        case Format.CSV:
            return exports.as_csv(dossier)
        case Format.MD:
            return exports.as_markdown(dossier, Catalogue.load())
        case Format.HTML:
            return exports.as_html(dossier, Catalogue.load())


def _write(out: Path, text: str) -> None:
    """Write a file whole or not at all, for the owner only; to stdout (`-`), a pipe or a device as it is."""
    if str(out) == "-":
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    elif out.is_dir():
        raise Complaint(Exit.WRONG, f"{out} is a folder. Name a file in it, like {out / 'group.html'}")
    elif not out.parent.is_dir():
        raise Complaint(Exit.WRONG, f"There is no folder {out.parent}. Make it first, or name another file")
    elif out.exists() and not out.is_file():
        # Not in its place: as root, a file would come where /dev/null was.
        out.write_bytes(text.encode())
    else:
        write_private(out, text)
