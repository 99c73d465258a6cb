"""Whether there is a homeserver at an address: what answers on a loopback socket is told for what it is."""

import asyncio
import contextlib
import shutil
import ssl
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doetank_bot.chat.matrix import Blocked, Obstacle, Reached, reach

DATE = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


@asynccontextmanager
async def answering(raw: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Give the address of a server that answers every request with these bytes, and hangs up; with None it hangs."""
    served: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        await (reader.read() if raw is None else reader.read(10))
        with contextlib.suppress(OSError):
            writer.write(raw or b"")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.gather(*(task for task in served if task))


def page(status: str, kind: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("raw", "obstacle"),
    [
        (page("200 OK", "text/html", "<html>Welcome"), Obstacle.NO_MATRIX),
        (page("404 Not Found", "application/json", "{}"), Obstacle.NO_MATRIX),
        (page("200 OK", "application/json", '{"versions": 1}'), Obstacle.NO_MATRIX),
        (page("200 OK", "application/json", "[" * 100_000), Obstacle.NO_MATRIX),
        (page("502 Bad Gateway", "text/html", "<html>nginx"), Obstacle.DOWN),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Obstacle.NO_MATRIX),
        (b"", Obstacle.CUT),
    ],
)
async def test_what_is_no_homeserver_is_told_for_what_it_is(raw: bytes, obstacle: Obstacle) -> None:
    async with answering(raw) as address:
        reached = await reach(address)
    assert isinstance(reached, Blocked)
    assert reached.obstacle is obstacle


async def test_an_address_where_nothing_listens_and_one_without_tls_are_told_apart() -> None:
    async with answering(page("200 OK", "text/html", "")) as address:
        without_tls = await reach(address.replace("http:", "https:"))
    nobody, nameless = await reach("http://127.0.0.1:9"), await reach("http://nergens.invalid")
    kinds = [one.obstacle for one in (without_tls, nobody, nameless) if isinstance(one, Blocked)]
    assert kinds == [Obstacle.NO_TLS, Obstacle.REFUSED, Obstacle.NO_NAME]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_a_certificate_that_is_not_trusted_is_told_as_such(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    making = await asyncio.create_subprocess_exec(*made.split(), "-keyout", key, "-out", certificate, stderr=DEVNULL)
    assert await making.wait() == 0
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with answering(page("200 OK", "application/json", '{"versions": []}'), tls) as address:
        secure = await reach(address.replace("http:", "https:"))
        plain = await reach(address)
    assert isinstance(secure, Blocked)
    assert isinstance(plain, Blocked)
    assert (secure.obstacle, plain.obstacle) == (Obstacle.CERTIFICATE, Obstacle.CUT)
    assert "self" in secure.detail


async def test_the_homeservers_time_and_versions_are_read_and_a_redirect_is_seen() -> None:
    there = page("200 OK", "application/json", '{"versions": ["v1.4"]}', "Date: Fri, 27 Nov 2026 14:00:00 GMT")
    async with answering(there) as address:
        assert await reach(address) == Reached(("v1.4",), DATE)
        async with answering(page("302 Found", "text/html", "", f"Location: {address}/_matrix/client/versions")) as old:
            assert await reach(old) == Reached(("v1.4",), DATE, address)


async def test_a_homeserver_that_hangs_is_given_up_after_ten_seconds() -> None:
    async with answering(None) as address, asyncio.timeout(15):
        reached = await reach(address)
    assert isinstance(reached, Blocked)
    assert reached.obstacle is Obstacle.SILENT
