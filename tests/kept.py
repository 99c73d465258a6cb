"""A bot's folder on disk, and its backup and restore as programs that can be killed at any step."""

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from stored import NOW, given, scene_in

from doetank_bot.backup.place import Place, place_of
from doetank_bot.settings import load_settings
from doetank_bot.store.migration import migrate

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
ME = "@bot:example.org"

# Python's own audit events: every file that is opened, made, renamed or removed in the folder counts as a step.
_STEPS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod")


def _killed_at(step: int, folder: Path, work: Callable[[], object]) -> NoReturn:
    """Do the work in this process, which is killed (as by kill -9) at its `step`-th touch of the folder."""
    steps = itertools.count(1)

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event in _STEPS and str(folder) in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        sys.addaudithook(audit)
        work()
        status = 0
    finally:
        os._exit(status)


@dataclass(frozen=True)
class Folder:
    """The folder of a bot that is not running."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "doetank.db"

    @property
    def session(self) -> Path:
        return self.path / "matrix-store" / "session.json"

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self._ended([sys.executable, "-m", "doetank_bot", *map(str, arguments)])

    @property
    def place(self) -> Place:
        return place_of(load_settings(self.path / "doetank.yaml", {}))

    def killed_at(self, step: int, work: Callable[[], object]) -> bool:
        """Do it in a process that is killed at its `step`-th touch of the folder; return whether it came so far."""
        child = os.fork()
        if child == 0:
            _killed_at(step, self.path, work)
        _, status = os.waitpid(child, 0)
        assert status in {0, signal.SIGKILL}
        return status != 0

    def words(self, database: Path | None = None) -> list[str]:
        with closing(sqlite3.connect(database or self.database)) as connection:
            return [text for (text,) in connection.execute("SELECT text FROM contributions ORDER BY number")]

    def give(self, text: str) -> None:
        """Add a contribution, and leave it in the write-ahead log as a killed bot does."""
        program = (
            "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
            "n, = c.execute('SELECT max(number) + 1 FROM contributions').fetchone();"
            "c.execute('INSERT INTO contributions SELECT group_id, ?, kind, ?, author_id, audience, status, account,"
            " source_space, source_native || ?, cycle_id, part_of, field, prompted_by, created_at, edited_at, shown_as,"
            " shared_at FROM contributions WHERE number = 1', (n, sys.argv[2], str(n))); os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", program, str(self.database), text], check=True)

    def _ended(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments, cwd=self.path, env=ENVIRON, capture_output=True, text=True, timeout=60, check=False
        )


async def folder_in(parent: Path, *words: str) -> Folder:
    """Make a bot's folder, with contributions of these words and a login."""
    folder = Folder(parent / "bot")
    folder.path.mkdir(parents=True)
    (folder.path / "doetank.yaml").write_text(
        f"matrix:\n  homeserver: http://127.0.0.1:9\n  user_id: '{ME}'\n  password_file: password\n"
    )
    (folder.path / "password").write_text("secret")
    (made := parent / "made").mkdir()
    async with scene_in(made) as scene, scene.store.write() as work:
        for number, text in enumerate(words, start=1):
            await work.group(scene.group).record(given(scene.ana, number, text), NOW)
    shutil.copy(made / "doetank.sqlite", folder.database)
    await migrate(f"sqlite+aiosqlite:///{folder.database}")
    folder.session.parent.mkdir(mode=0o700)
    folder.session.write_text('{"access_token": "of monday"}')
    return folder
