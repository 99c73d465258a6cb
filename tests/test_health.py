"""Seen from outside: what a supervisor and a scraper get to hear, also when they ask strangely or the bot is unwell."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from homeserver import Account, Homeserver, Person
from house import FakeClock
from living import living, room_with
from scraped import parsed
from test_cli import configured, doetank_bot, running

from doetank_bot.observe.figures import Figures
from doetank_bot.observe.glance import Glance
from doetank_bot.observe.health import Health
from doetank_bot.observe.server import N_CONNECTIONS, CannotListen, listening
from doetank_bot.ports import Counted
from doetank_bot.store.backlog import Backlog, Heap

NOTHING = Backlog(0, 0, 0, Heap(), Heap(), Heap(), 0, None)
GARBAGE = (
    b"garbage\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET /live HTTP/9.9\r\n\r\n",
    b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /live HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /live HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"GET /live HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: \x00\r\n\r\n",
    b"\r\n" * 1000,
)


class Outside:
    """A bot of which only the outside is there; a test says how it is."""

    def __init__(self) -> None:
        self.clock = FakeClock("2027-02-08 10:00")
        self.figures = Figures(self.clock, "1.2.3", lambda _: None)
        self.takes_messages = True
        self.n_asked = 0
        self.answer: Callable[[], Awaitable[Backlog]] = self.at_once
        self.glance = Glance()
        self.health = Health(self.figures, self.glance, self.clock, lambda: self.takes_messages)
        self.port = 0

    async def at_once(self) -> Backlog:
        return NOTHING

    async def ask(self) -> Backlog:
        self.n_asked += 1
        return await self.answer()

    async def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with aiohttp.request(method, f"http://127.0.0.1:{self.port}{path}") as answer:
            assert answer.headers["Server"] == "doetank-bot"
            return answer.status, await answer.text()

    async def sent(self, raw: bytes) -> bytes:
        """Send bytes as they are; return what comes back until the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with contextlib.suppress(ConnectionError):
            writer.write(raw)
            await writer.drain()
        try:
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


@pytest.fixture
async def bot() -> AsyncIterator[Outside]:
    outside = Outside()
    async with (
        outside.glance.over(outside.ask),
        listening(outside.health, "127.0.0.1:0", timedelta(seconds=3)) as port,
    ):
        outside.port = port
        yield outside


async def test_it_lives_from_the_start_and_is_ready_once_it_takes_messages(bot: Outside) -> None:
    bot.takes_messages = False
    assert await bot.get("/live") == (200, "ok\n")
    assert await bot.get("/ready") == (503, "starting\n")
    bot.figures.count(Counted.SYNC_ANSWERED)
    assert await bot.get("/ready") == (503, "starting\n")
    bot.takes_messages = True
    assert await bot.get("/ready") == (200, "ok\n")


async def test_it_is_not_ready_while_the_homeserver_is_away_and_ready_again_when_it_is_back(bot: Outside) -> None:
    bot.figures.count(Counted.SYNC_ANSWERED)
    bot.clock.instant += timedelta(seconds=89)
    assert await bot.get("/ready") == (200, "ok\n")
    bot.clock.instant += timedelta(seconds=1)
    assert await bot.get("/ready") == (503, "homeserver\n")
    assert await bot.get("/live") == (200, "ok\n")
    bot.figures.count(Counted.SYNC_ANSWERED)
    assert await bot.get("/ready") == (200, "ok\n")


async def test_a_database_that_fails_is_said_and_the_other_figures_stay(bot: Outside) -> None:
    async def fails() -> Backlog:
        raise RuntimeError("disk I/O error")

    bot.figures.count(Counted.SYNC_ANSWERED)
    bot.answer = fails
    assert await bot.get("/ready") == (503, "database\n")
    status, page = await bot.get("/metrics")
    assert (status, parsed(page)["doetank_database_up"]) == (200, 0)
    assert parsed(page)["doetank_sync_answers_total"] == 1


async def test_a_database_that_hangs_is_asked_once_however_many_want_to_know(bot: Outside) -> None:
    over = asyncio.Event()

    async def hangs() -> Backlog:
        await over.wait()
        return NOTHING

    bot.figures.count(Counted.SYNC_ANSWERED)
    bot.answer = hangs
    answers = await asyncio.gather(*(bot.get("/ready") for _ in range(20)))
    assert answers == [(503, "database\n")] * 20
    assert bot.n_asked == 1
    over.set()
    await asyncio.sleep(0.01)
    bot.answer = bot.at_once
    assert await bot.get("/ready") == (200, "ok\n")


async def test_a_hundred_scrapes_at_once_are_one_look_at_the_database(bot: Outside) -> None:
    answers = await asyncio.gather(*(bot.get("/metrics") for _ in range(100)))
    assert {status for status, _ in answers} == {200}
    assert parsed(answers[-1][1])["doetank_database_up"] == 1
    assert bot.n_asked <= 2


async def test_what_is_asked_otherwise_is_answered_sanely(bot: Outside) -> None:
    async with aiohttp.request("HEAD", f"http://127.0.0.1:{bot.port}/metrics") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 1000
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    async with aiohttp.request("POST", f"http://127.0.0.1:{bot.port}/live", data=b"x" * 10_000) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    for path in ("/", "/metrics/", "/live/..%2fmetrics", "/favicon.ico"):
        assert (await bot.get(path))[0] == 404
    assert (await bot.get("/live?a=b"))[0] == 200


@pytest.mark.parametrize("raw", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_gets_no_more_than_a_plain_refusal(
    bot: Outside, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await bot.sent(raw)
    assert not re.search(rb"HTTP/1.1 [25]|aiohttp|Python|Traceback|aaaa|zz|////", answer), answer
    assert await bot.get("/live") == (200, "ok\n")
    assert "Traceback" not in capsys.readouterr().err


async def test_who_says_nothing_or_does_not_listen_is_broken_off(bot: Outside) -> None:
    silent = asyncio.create_task(bot.sent(b""))
    slow = asyncio.create_task(bot.sent(b"GET /live HTTP/1.1\r\nX-Slow: "))
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n" * 2000)
    assert await bot.get("/live") == (200, "ok\n")
    async with asyncio.timeout(5):
        assert (await silent, await slow) == (b"", b"")
        with contextlib.suppress(ConnectionError):
            while await reader.read(100_000):
                pass
    writer.close()


async def test_more_connections_than_there_is_room_for_are_closed_at_once(bot: Outside) -> None:
    waiting = [await asyncio.open_connection("127.0.0.1", bot.port) for _ in range(N_CONNECTIONS)]
    await asyncio.sleep(0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.port)
    async with asyncio.timeout(1):
        assert await reader.read() == b""
    for _, each in waiting:
        each.close()
    writer.close()
    await asyncio.sleep(0.05)
    assert await bot.get("/live") == (200, "ok\n")


async def test_an_address_that_cannot_be_had_is_one_line_with_a_remedy(bot: Outside) -> None:
    for address, why in (
        (f"127.0.0.1:{bot.port}", "another program listens there already"),
        ("203.0.113.7:8080", "no such address"),
        ("nergens.invalid:8080", "no such address"),
    ):
        with pytest.raises(CannotListen, match=rf"^health.listen: {re.escape(address)}: .*{why}[^\n]*$"):
            async with listening(bot.health, address):
                pass


def test_a_bot_whose_port_is_taken_does_not_start_and_changes_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        configured(
            tmp_path, Account("@a:b", "t", "X", ""), "http://127.0.0.1:9", f"health: {{listen: '127.0.0.1:{port}'}}\n"
        )
        ended = doetank_bot(tmp_path, "run")
    assert ended.returncode == 78
    assert len(ended.stderr.splitlines()) == 1
    assert f"health.listen: 127.0.0.1:{port}: another program" in ended.stderr
    assert not (tmp_path / "doetank.db").exists()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def _asked(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.request("GET", f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def _becomes(port: int, expected: tuple[int, str]) -> None:
    async with asyncio.timeout(20):
        while await _asked(port, "/ready") != expected:  # noqa: ASYNC110 - asked as a supervisor does
            await asyncio.sleep(0.1)


@pytest.mark.homeserver
async def test_a_homeserver_that_goes_and_comes_back_is_seen_from_outside(tmp_path: Path) -> None:
    (tmp_path / "hs").mkdir()
    (tmp_path / "bot").mkdir()
    port = _free_port()
    with Homeserver.start(tmp_path / "hs") as own:
        async with (
            Person(own.url, own.register("maaike")) as maaike,
            living(own, tmp_path / "bot", more=f"health: {{listen: '127.0.0.1:{port}'}}\n") as bot,
        ):
            await room_with(maaike, bot)
            assert await _asked(port, "/ready") == (200, "ok\n")
            own.kill()
            bot.clock.ahead_for += timedelta(seconds=95)
            assert await _asked(port, "/ready") == (503, "homeserver\n")
            assert await _asked(port, "/live") == (200, "ok\n")
            await asyncio.to_thread(own.restart)
            await _becomes(port, (200, "ok\n"))
            found = parsed((await _asked(port, "/metrics"))[1])
    assert found["doetank_groups"] == 1
    assert found['doetank_posts_total{state="sent"}'] >= 2
    assert found['doetank_homeserver_requests_total{answer="none"}'] >= 1
    assert found["doetank_sync_age_seconds"] < 30


@pytest.mark.homeserver
async def test_what_was_said_while_it_was_away_shows_as_a_gap_that_was_filled(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    port, account = _free_port(), homeserver.register("health-gap")
    configured(tmp_path, account, homeserver.url, f"health: {{listen: '127.0.0.1:{port}'}}\n")
    async with Person(homeserver.url, homeserver.register("health-maaike")) as maaike:
        with running(tmp_path) as program:
            room = await maaike.create_room(name="Parkeren", invite=[account.user_id])
            await maaike.wait_for(room, lambda event: event["sender"] == account.user_id and "body" in event["content"])
            assert parsed((await _asked(port, "/metrics"))[1])["doetank_sync_gaps_filled_total"] == 0
            program.kill()
        for number in range(60):
            await maaike.send(room, f"zin {number}")
        with running(tmp_path) as program:
            found = parsed((await _asked(port, "/metrics"))[1])
            program.terminate()
            assert program.wait(10) == 0
    assert found["doetank_sync_gaps_filled_total"] == 1
