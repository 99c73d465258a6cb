"""The lines that someone types, or that come through a pipe.

The bot's event loop stands still while a line is awaited: so does its clock, and nothing can happen.
"""

import contextlib
import sys
from io import TextIOWrapper

from rich.cells import cell_len

MAX_CHARACTERS = 8192
"""More than anyone says in one message; the bot keeps 16 KiB."""


class TooLong(Exception):
    """A line was longer than MAX_CHARACTERS; all of it was read, none of it returned."""


class Keyboard:
    """Standard input. Someone at a terminal gets a prompt, and can edit the line and go back to earlier ones."""

    def __init__(self) -> None:
        """Let input that is no UTF-8 be read with a mark in its place."""
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        for stream in (sys.stdin, sys.stdout):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        self._on_screen = ""
        if self.is_terminal:
            _edit_lines()

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None at the end. Raises TooLong, and KeyboardInterrupt for Ctrl-C."""
        return self._typed(prompt) if self.is_terminal else _piped()

    def take_back(self, width: int) -> None:
        """Remove the line that was typed last from a screen of that `width`, for it is shown as a message now."""
        if self.is_terminal and cell_len(self._on_screen) < width:
            sys.stdout.write("\x1b[1A\x1b[2K")

    def _typed(self, prompt: str) -> str | None:
        try:
            line = input(prompt)
        except EOFError:
            sys.stdout.write("\n")
            return None
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            raise
        self._on_screen = prompt + line
        if len(line) > MAX_CHARACTERS:
            raise TooLong
        return line


def _piped() -> str | None:
    line = sys.stdin.readline(MAX_CHARACTERS + 1)
    if len(line) <= MAX_CHARACTERS or line.endswith("\n"):
        return line or None
    while line and not line.endswith("\n"):
        line = sys.stdin.readline(MAX_CHARACTERS)
    raise TooLong


def _edit_lines() -> None:
    # Importing it is what makes `input` know the arrow keys; not every Python has it.
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401, PLC0415
