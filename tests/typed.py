"""The program at a terminal, with someone who types."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "TERM": "dumb"}
_QUIET = 0.5
"""Seconds without a word from the program before an answer is typed."""


def typed(folder: Path, arguments: Sequence[str], answers: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """Run the program; type each answer, with Enter, once its question is on the screen. Return screen and exit code.

    A question that never comes leaves what follows untyped; after a minute the program is killed.
    """
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, "-m", "doetank_bot", *arguments], ENVIRON)  # noqa: S606 - our own program
    screen, seen, left = "", 0, list(answers)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], _QUIET)[0]:
            # Not before: a hidden prompt throws away what was typed ahead of it.
            if left and left[0][0] in screen[seen:]:
                seen = len(screen)
                os.write(terminal, f"{left.pop(0)[1]}\n".encode())
            continue
        try:
            screen += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:  # Linux tells so that the other side is gone
            break
    else:
        os.kill(process, signal.SIGKILL)
    os.close(terminal)
    return screen.replace("\r\n", "\n"), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
