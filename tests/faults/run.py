"""One run of a lab: a bot on a line of its own, killed as its load says, until all is there or the time is over."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from faults.figures import Figure, Load, Verdict
from faults.kills import Kills
from faults.lives import Life, Lives
from faults.proxy import Proxy
from faults.stage import Stage

from bench.program import bot as configured

_LOOKS_EACH = 1.0
_RESTS = 4
"""Times as long as a look took: who reads ten thousand messages all the time keeps the homeserver from taking any."""
_DOUBLES_COME_WITHIN = 2.0


class Run:
    """A bot in `folder` that lives `life(url, user_id, token, mode)`; ours has a configuration file and needs none."""

    def __init__(self, stage: Stage, load: Load, folder: Path, life: Life, mode: str = "") -> None:
        self.proxy = Proxy(stage.server.url, load.choose)
        self._stage, self._load, self._folder = stage, load, folder
        self._life, self._mode = life, mode
        self._began = time.monotonic()
        self.lives: Lives
        self._kills: Kills

    @contextlib.asynccontextmanager
    async def going_on(self, *, is_safe_at_first: bool = False) -> AsyncIterator["Run"]:
        """The bot lives while the block runs; it is killed from the first moment on, or once `endanger` is called."""
        account, load = self._stage.account, self._load
        async with self.proxy.listening() as proxy:
            configured(self._folder, proxy.url, account)
            self.lives = Lives(self._folder, self._life, proxy.url, account.user_id, account.access_token, self._mode)
            self._kills = Kills(self.lives, load.seed, self._stage.server)
            if not is_safe_at_first:
                self.endanger()
            async with self.lives.going_on():
                yield self

    def endanger(self) -> None:
        """From here on it is killed, within as many requests as there are things to do."""
        load, first = self._load, self.proxy.n_requests + 1
        chance = random.Random(load.seed)  # noqa: S311 - a run that failed is played again by its seed
        self._kills.bot_at(chance.sample(range(first, first + load.n), load.n_kills))
        self._kills.homeserver_at(chance.sample(range(first, first + load.n), load.n_falls))
        self.proxy.watch = self._kills.watch

    async def settled(self, read: Callable[[], Awaitable[Verdict]]) -> Verdict:
        """Read again and again, until all kills are over and nothing is missing, or nothing more will come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._load.within):
                while not self._is_quiet() and (rest := await self._rest(read)):  # noqa: ASYNC110 - as others see it
                    await asyncio.sleep(rest)
        await asyncio.sleep(_DOUBLES_COME_WITHIN)
        return await read()

    async def _rest(self, read: Callable[[], Awaitable[Verdict]]) -> float:
        """Seconds until the next look; none when all kills are over and nothing is missing."""
        if self._kills.n_left:
            return _LOOKS_EACH
        began = time.monotonic()
        is_missing = (await read()).lost > 0
        return max(_LOOKS_EACH, _RESTS * (time.monotonic() - began)) if is_missing else 0.0

    def figure(self, name: str, verdict: Verdict) -> Figure:
        """What this run showed."""
        kills = self._kills
        return Figure(
            name=name,
            load=self._load,
            n_kills=kills.n_bot,
            n_falls=kills.n_homeserver,
            share_hurt=self.proxy.share_hurt,
            verdict=verdict,
            seconds=time.monotonic() - self._began,
        )

    def _is_quiet(self) -> bool:
        now = asyncio.get_running_loop().time()
        last = max((moment for moment, is_sync in self.proxy.moments if not is_sync), default=now)
        return now - last > self._load.quiet_for
