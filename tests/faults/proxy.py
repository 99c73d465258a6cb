"""A bad line between the bot and the homeserver: it hurts requests in every known way, by chance of a seed.

It sees each request before and after the homeserver did what was asked, so it is also where a bot is best killed.
"""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp
from aiohttp import web
from yarl import URL

HANGS_FOR = 3.0
"""Seconds that an answer hangs before the line is cut; with more than 30 the bot's own time-out comes first."""
_HOP_BY_HOP = {"Host", "Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection"}


class Fault(StrEnum):
    """How a request is hurt. Until CUT_AFTER the homeserver never saw it; from there on it did what was asked."""

    LIMIT_IN_HEADER = "429, Retry-After"
    LIMIT_IN_BODY = "429, retry_after_ms"
    LIMIT_ABSURD = "429, a wait of years"
    LIMIT_SILENT = "429, no word of how long"
    BAD_GATEWAY = "502 in HTML"
    CUT_BEFORE = "cut before it arrived"
    CUT_AFTER = "cut after it was done"
    TIMED_OUT = "504 after it was done"
    HANG = "no answer after it was done"
    HALF = "half the JSON after it was done"
    OLD_TOKEN = "an old next_batch"


ALL_BUT_ABSURD = tuple(fault for fault in Fault if fault is not Fault.LIMIT_ABSURD)
"""What may hurt any request of a run that should end: who is told to wait for years waits a quarter of an hour."""


class When(StrEnum):
    """The two moments of a request."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request at one of its moments; they are numbered from 1."""

    number: int
    method: str
    path: str
    when: When

    @property
    def is_sync(self) -> bool:
        """Whether it asks what is new."""
        return self.path.endswith("/sync")


class Dropped(Exception):
    """Raised by a watch before a request: it never arrives."""


Watch = Callable[[Seen], Awaitable[None]]
Choice = Callable[[web.Request], Fault | None]


def by_chance(share: float, seed: int, faults: tuple[Fault, ...] = ALL_BUT_ABSURD) -> Choice:
    """Hurt this share of all requests, each fault as often as another."""
    chance = random.Random(seed)  # noqa: S311 - a run that failed is played again by its seed
    on_sync = tuple(fault for fault in faults if fault is not Fault.LIMIT_ABSURD)
    others = tuple(fault for fault in faults if fault is not Fault.OLD_TOKEN)

    def choose(request: web.Request) -> Fault | None:
        return chance.choice(on_sync if request.path.endswith("/sync") else others) if chance.random() < share else None

    return choose


def never(_: web.Request) -> Fault | None:
    """Hurt nothing."""
    return None


async def _nobody(_: Seen) -> None:
    pass


@dataclass
class Proxy:
    """A line to the homeserver at `upstream`; people and oracles go around it.

    Attributes:
        choose: which fault a request gets.
        down: how every request is hurt while the homeserver is away, those that were under way included.
        watch: awaited at both moments of each request; what it does happens between two bytes of the bot's.
        n_requests: all of them.
        hurt: how many got which fault.
        moments: when each request came, in the event loop's seconds, and whether it was a sync.
    """

    upstream: str
    choose: Choice = never
    down: Fault | None = None
    watch: Watch = _nobody
    hangs_for: float = HANGS_FOR
    url: str = ""
    n_requests: int = 0
    hurt: Counter[Fault] = field(default_factory=Counter)
    moments: list[tuple[float, bool]] = field(default_factory=list)
    _tokens: list[str] = field(default_factory=list)
    _http: aiohttp.ClientSession | None = None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Proxy"]:
        """Be there, on a port of our own, while the block runs."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=True) as http:
            self._http = http
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            try:
                yield self
            finally:
                await runner.cleanup()

    @property
    def share_hurt(self) -> float:
        """Which part of all requests was hurt."""
        return self.hurt.total() / max(self.n_requests, 1)

    def n_since(self, moment: float) -> int:
        """How many requests came since then."""
        return sum(1 for came, _ in self.moments if came >= moment)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = self._counted(request)
        fault = self.down or self.choose(request)
        if fault:
            self.hurt[fault] += 1
        try:
            await self.watch(seen)
        except Dropped:
            return await _cut(request)
        answer = None if fault in _BEFORE else await self._asked(request)
        await self.watch(Seen(seen.number, seen.method, seen.path, When.AFTER))
        if fault in _BEFORE:
            return await _BEFORE[fault](request)
        if fault is Fault.HANG:
            await asyncio.sleep(self.hangs_for)
        if answer is None or self.down or fault in {Fault.HANG, Fault.CUT_AFTER}:
            return await _cut(request)
        status, headers, body = answer
        if fault is Fault.TIMED_OUT:
            return web.Response(status=504, text="<html>Gateway Time-out</html>", content_type="text/html")
        if fault is Fault.HALF:
            body = body[: len(body) // 2]
        return web.Response(status=status, headers=headers, body=self._token(seen, fault, body))

    def _counted(self, request: web.Request) -> Seen:
        self.n_requests += 1
        seen = Seen(self.n_requests, request.method, request.path, When.BEFORE)
        self.moments.append((asyncio.get_running_loop().time(), seen.is_sync))
        return seen

    async def _asked(self, request: web.Request) -> tuple[int, Mapping[str, str], bytes] | None:
        """The homeserver's answer, or None when it is not there."""
        assert self._http is not None
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        url = self.upstream + request.raw_path
        try:
            async with self._http.request(
                request.method, URL(url, encoded=True), data=await request.read(), headers=headers
            ) as response:
                kept = {name: value for name, value in response.headers.items() if name not in _HOP_BY_HOP}
                return response.status, kept, await response.read()
        except (aiohttp.ClientError, OSError):
            return None

    def _token(self, seen: Seen, fault: Fault | None, body: bytes) -> bytes:
        """Remember the tokens of syncs, and give an earlier one in the place of a new one when told."""
        if not seen.is_sync or fault is Fault.HALF:
            return body
        answer = json.loads(body)
        if "next_batch" not in answer:
            return body
        self._tokens.append(answer["next_batch"])
        if fault is not Fault.OLD_TOKEN:
            return body
        return json.dumps(answer | {"next_batch": self._tokens[-3:][0]}).encode()


async def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(body: object, **headers: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=429, headers=headers)

    return refuse


async def _bad_gateway(_: web.Request) -> web.StreamResponse:
    return web.Response(status=502, text="<html><h1>Bad Gateway</h1></html>", content_type="text/html")


_LIMIT = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
_BEFORE: Mapping[Fault | None, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    Fault.LIMIT_IN_HEADER: _refusal(_LIMIT, **{"Retry-After": "1"}),
    Fault.LIMIT_IN_BODY: _refusal(_LIMIT | {"retry_after_ms": 700}),
    Fault.LIMIT_ABSURD: _refusal(_LIMIT | {"retry_after_ms": 10**12}, **{"Retry-After": str(10**9)}),
    Fault.LIMIT_SILENT: _refusal(_LIMIT),
    Fault.BAD_GATEWAY: _bad_gateway,
    Fault.CUT_BEFORE: _cut,
}
