"""The small web server in front of Health. Whoever asks strangely, slowly or a hundred times at once bothers nobody."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus

import structlog
from aiohttp import web

from doetank_bot.observe.health import Health, Reply

N_CONNECTIONS = 200
"""So many at a time; more are closed at once."""
LASTS_FOR = timedelta(seconds=10)
"""How long a connection may last in all: a scrape takes milliseconds."""
_LEAVES_WITHIN_SECONDS = 1.0

log = structlog.get_logger(__name__)


class CannotListen(Exception):
    """The address that was asked for cannot be listened on; the text says why, and what to do."""


@contextlib.asynccontextmanager
async def listening(health: Health, address: str, lasts_for: timedelta = LASTS_FOR) -> AsyncIterator[int]:
    """Answer at `address` (`host:port`) while the block runs; give the port. Raises CannotListen."""
    loop = asyncio.get_running_loop()
    host, _, port = address.rpartition(":")

    async def answer(request: web.BaseRequest) -> web.Response:
        return await _answer(health, request)

    web_server = web.Server(answer)

    def connected() -> asyncio.Protocol:
        if len(web_server.connections) >= N_CONNECTIONS:
            return _Refusal()
        connection = _Connection(web_server, loop=loop)
        loop.call_later(lasts_for.total_seconds(), _break_off, connection)
        return connection

    try:
        server = await loop.create_server(connected, host.strip("[]"), int(port))
    except OSError as trouble:
        raise CannotListen(f"health.listen: {address}: {_why(trouble)}") from None
    log.info("health_listens", address=address)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        web_server.pre_shutdown()
        await web_server.shutdown(_LEAVES_WITHIN_SECONDS)


class _Refusal(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Connection(web.RequestHandler):
    """A connection that does not repeat what was sent to it, and does not tell which versions it is made of."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.Response:
        del request, message
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("health_failed", exc_info=exc)
        response = _response(Reply(f"{HTTPStatus(status).phrase}\n", HTTPStatus(status)))
        response.force_close()
        return response


async def _answer(health: Health, request: web.BaseRequest) -> web.Response:
    if request.method not in {"GET", "HEAD"}:
        return _response(Reply("GET or HEAD only\n", HTTPStatus.METHOD_NOT_ALLOWED), Allow="GET, HEAD")
    found = await health.at(request.path)
    return _response(found or Reply("/live, /ready and /metrics are here\n", HTTPStatus.NOT_FOUND))


def _response(reply: Reply, **headers: str) -> web.Response:
    # Left out, aiohttp's own Server header would tell its version and Python's.
    headers |= {"Server": "doetank-bot", "Content-Type": reply.content_type, "Cache-Control": "no-store"}
    return web.Response(body=reply.text.encode(), status=reply.status, headers=headers)


def _break_off(connection: web.RequestHandler) -> None:
    if connection.transport is not None:
        connection.transport.abort()


def _why(trouble: OSError) -> str:
    match trouble.errno:
        case errno.EADDRINUSE:
            return "another program listens there already. Stop that one, or choose another port"
        case errno.EACCES | errno.EPERM:
            return "this user may not listen there. Choose a port above 1023, like 8080"
        case _:
            return "this machine has no such address. Write 127.0.0.1 and a port, or 0.0.0.0 to be seen by others"
