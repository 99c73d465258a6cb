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
    """Standard input; when it is closed there are no lines.

    Someone at a terminal gets a prompt, and can edit the line and go back to earlier ones.
    """

    def __init__(self) -> None:
        """Let input that is no UTF-8 be read with a mark in its place."""
        streams = (sys.stdin, sys.stdout)
        # A stream that was closed before the program began is None.
        self.is_terminal = all(stream is not None and stream.isatty() for stream in streams)
        for stream in streams:
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        self._on_screen = ""
        if self.is_terminal:
            _edit_lines()

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None at the end. Raises TooLong, and KeyboardInterrupt for Ctrl-C."""
        return self._typed(prompt) if self.is_terminal else _piped()

    def take_back(self, width: int) -> None:
        """Remove the line that was typed last, for it is shown as a message now; not when it was wider than `width`."""
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
    if sys.stdin is None:
        return None
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
