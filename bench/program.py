"""A program under test as an operator runs it: its own process, a folder, a line `ready` on stdout."""

import asyncio
import json
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doetank_bot.demo.homeserver import Account

READY_WITHIN = 60.0
STOPPED_WITHIN = 15.0


class ProgramError(Exception):
    """The program did not start, or not stop; the text is the end of its log."""


@dataclass(slots=True)
class Program:
    """Something that runs until it is stopped or killed, and may be started again in the same folder."""

    command: Sequence[str]
    directory: Path
    _process: Process | None = field(default=None, init=False)

    async def start(self) -> float:
        """Start it; the seconds from exec to its line `ready`. Raises ProgramError when that does not come."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, cwd=self.directory, stdout=PIPE, stderr=log
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(READY_WITHIN):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if line.strip() != b"ready":
            await self.kill()
            raise ProgramError(f"{self.command[0]} did not get ready:\n{self.last_words()}")
        return time.monotonic() - began

    async def kill(self) -> None:
        """End it as a power cut does (SIGKILL); twice is fine."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        await self._gone()

    async def stop(self) -> int:
        """Ask it to end (SIGTERM); its exit code. Raises ProgramError when it does not."""
        process = self._process
        if process is None:
            return 0
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOPPED_WITHIN):
                code = await process.wait()
        except TimeoutError:
            await self.kill()
            raise ProgramError(f"SIGTERM did not end it within {STOPPED_WITHIN:.0f} s") from None
        await self._gone()
        return code

    def sleep(self) -> None:
        """Let it stand still, as on a machine that sleeps (SIGSTOP), until `wake`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def peak_mib(self) -> float:
        """The most memory it ever held (resident, Linux), in MiB."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kib) / 1024

    @property
    def cpu_seconds(self) -> float:
        """Processor time it used so far (Linux)."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    @property
    def log(self) -> Path:
        """Where its stderr goes, over all its lives."""
        return self.directory / "stderr.log"

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    async def _gone(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdout is not None
        await process.stdout.read()
        await process.wait()


def bot(directory: Path, url: str, account: Account, *, wrapper: Path | None = None, language: str = "en") -> Program:
    """`doetank-bot run` with a configuration of its own in `directory`; what it kept there before stays.

    Args:
        directory: its database, session and token; made when missing.
        url: the homeserver.
        account: who the bot is there.
        wrapper: a script that runs the same command inside itself, to look at its event loop.
        language: what it speaks.
    """
    directory.mkdir(parents=True, exist_ok=True)
    token = directory / "token"
    token.write_text(account.access_token)
    token.chmod(0o600)
    settings = {
        "platform": "matrix",
        "matrix": {
            "homeserver": url,
            "user_id": account.user_id,
            "access_token_file": "token",
            "allow_invites_from": ["*"],
        },
        "database": {"url": "sqlite+aiosqlite:///doetank.db"},
        "bot": {"language": language},
        "log": {"level": "warning"},
    }
    (directory / "doetank.yaml").write_text(json.dumps(settings, indent=1))  # JSON is YAML
    installed = Path(sys.executable).with_name("doetank-bot")
    start = [sys.executable, str(wrapper)] if wrapper else [str(installed)]
    return Program([*start, "run", "--config", "doetank.yaml"], directory)


def echo(directory: Path, url: str, account: Account) -> Program:
    """The raw aiohttp echo (bench/raw.py) as `account`."""
    directory.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).with_name("raw.py")
    return Program([sys.executable, str(script), url, account.user_id, account.access_token], directory)
