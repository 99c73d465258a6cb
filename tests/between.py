"""A man in the middle: it stands before a real homeserver, and can stop the world at a moment that a test names."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

Watch = Callable[[str, str], bool]
"""Sees the method and the path of a request that the homeserver has answered; False keeps the answer back."""


class Between:
    """Where it listens, what was asked, and who watches."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[tuple[str, str]] = []
        self.watch: Watch = lambda *_: True

    def times(self, method: str, end: str) -> int:
        """Return how often a path with this end was asked."""
        return sum(one == method and path.endswith(end) for one, path in self.asked)


@contextmanager
def between(homeserver: str) -> Iterator[Between]:
    """Listen on 127.0.0.1 and pass everything on to `homeserver`."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            inner = HTTPConnection(urlsplit(homeserver).netloc, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            inner.request(self.command, self.path, body, headers)
            answer = inner.getresponse()
            said = answer.read()
            inner.close()
            where = unquote(self.path.partition("?")[0])
            middle.asked.append((self.command, where))
            self.close_connection = True
            if not middle.watch(self.command, where):
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        middle = Between(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield middle
        server.shutdown()
        thread.join()
