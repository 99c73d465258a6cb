"""What leaves as a file: export."""

import asyncio
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from doetank_bot import export as exports
from doetank_bot.app import SystemClock, rules_of
from doetank_bot.cli.options import ConfigFile, settings_at
from doetank_bot.complaint import complaints
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
    """Write whole or not at all, for the owner only, as UTF-8 with the line ends it has; `-` is stdout."""
    if str(out) == "-":
        sys.stdout.buffer.write(text.encode())
        return
    temporary = out.with_name(out.name + ".part")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text.encode())
    temporary.replace(out)
