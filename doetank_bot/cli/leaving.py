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


class Format(StrEnum):
    """What an export can be."""

    JSON = "json"
    MD = "md"


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
        text = exports.as_json(dossier) if form is Format.JSON else exports.as_markdown(dossier)
        _write(out, text)


def _write(out: Path, text: str) -> None:
    """Write whole or not at all, for the owner only; `-` is stdout."""
    if str(out) == "-":
        sys.stdout.write(text)
        return
    temporary = out.with_name(out.name + ".part")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(out)
