"""A real browser without a window, spoken to over the DevTools protocol: for what only a browser can tell of a page.

A Chromium of the system is taken where there is one, otherwise the one of `make browser`.
"""

import asyncio
import contextlib
import itertools
import os
import platform
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

FETCHED = Path(__file__).resolve().parent.parent / ".browser"
AXE = FETCHED / "node_modules" / "axe-core" / "axe.min.js"
REMEDY = "There is no browser for this test. On an ARM machine install chromium; then, on any: make browser"

_SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_START = 20


def browsers() -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Yield the browsers there are, with the environment that each needs; the first that starts is good."""
    if not AXE.exists():
        return
    for name in _SYSTEM:
        if found := shutil.which(name):
            yield Path(found), {}
    unpacked = FETCHED / "chromium"
    if (FETCHED / ".ready").exists() and platform.machine() == "x86_64":
        yield (
            unpacked / "chromium",
            {
                "LD_LIBRARY_PATH": str(unpacked / "al2023" / "lib"),
                "FONTCONFIG_FILE": str(FETCHED / "fonts.conf"),
            },
        )


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str, folder: Path) -> None:
        self._socket = socket
        self._folder = folder
        self._session = session
        self._numbers = itertools.count(1)

    async def show(self, html: str, *, width: int, is_dark: bool) -> None:
        """Open the page, as from a file, on a screen of that width in CSS pixels."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        file = self._folder / f"{next(self._numbers)}.html"
        file.write_text(html, "utf-8")
        await self.call("Page.navigate", url=file.as_uri())
        await self.run("new Promise(done => document.readyState == 'complete' ? done() : onload = () => done())")

    async def run(self, script: str) -> Any:
        """Return what a JavaScript expression comes to, as data. Raises AssertionError with its own error."""
        told = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the answer to one command of the protocol; events in between are nothing to us."""
        return await answer(self._socket, next(self._numbers), method, params, session=self._session)


async def answer(
    socket: aiohttp.ClientWebSocketResponse, number: int, method: str, params: Mapping[str, Any], **how: str
) -> dict[str, Any]:
    session = {"sessionId": how["session"]} if how else {}
    await socket.send_json({"id": number, "method": method, "params": params, **session})
    while True:
        told = await socket.receive_json(timeout=60)
        if told.get("id") == number and told.get("sessionId", "") == how.get("session", ""):
            assert "error" not in told, (method, told["error"])
            result: dict[str, Any] = told["result"]
            return result


@contextlib.asynccontextmanager
async def page_in(browser: Path, needs: Mapping[str, str], profile: Path) -> AsyncIterator[Page]:
    """Give a tab of that browser, which keeps its files in the folder `profile`. Raises TimeoutError if it fails."""
    async with (
        _running(browser, needs, profile) as address,
        aiohttp.ClientSession() as client,
        client.ws_connect(address, max_msg_size=0) as socket,
    ):
        made = await answer(socket, 1, "Target.createTarget", {"url": "about:blank"})
        joined = {"targetId": made["targetId"], "flatten": True}
        session = (await answer(socket, 2, "Target.attachToTarget", joined))["sessionId"]
        yield Page(socket, session, profile)


@contextlib.asynccontextmanager
async def _running(browser: Path, needs: Mapping[str, str], profile: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        browser,
        *_ALONE,
        f"--user-data-dir={profile}",
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(profile), "TMPDIR": str(profile), **needs},
        start_new_session=True,
    )
    try:
        yield await asyncio.wait_for(_address(process), _START)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Return where it listens, which it says on stderr. Raises TimeoutError when it ends before that."""
    assert process.stderr
    async for line in process.stderr:
        if line.startswith(b"DevTools listening on "):
            return line.decode().split(" on ")[1].strip()
    raise TimeoutError
