"""All commands in one program.

Answers go to stdout, logs and complaints to stderr; never a traceback for what the operator can mend.
"""

from importlib import metadata
from typing import Annotated

import typer

from doetank_bot.cli import beginning, keeping, leaving, operating, practice

program = typer.Typer(
    help="Leads groups through learning by doing, in the chat where they already talk.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
packs = typer.Typer(help="Packs: approaches as data.", no_args_is_help=True)
packs.command()(practice.validate)

for command in (
    beginning.init,
    operating.run,
    operating.check,
    operating.status,
    keeping.backup,
    keeping.restore,
    leaving.export,
    practice.demo,
    practice.simulate,
):
    program.command()(command)
program.add_typer(packs, name="packs")


@program.callback()
def common(
    *, version: Annotated[bool, typer.Option("--version", help="Say which version this is, and stop.")] = False
) -> None:
    """Do nothing but say the version, when asked."""
    if version:
        typer.echo(metadata.version("doetank-bot"))
        raise typer.Exit
