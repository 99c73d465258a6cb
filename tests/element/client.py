"""A Person whose client is Element's own library (matrix-js-sdk), which decrypts and judges as Element does.

What it shares with a Person means the same: what is sent into an encrypted room leaves encrypted, and events are read
decrypted. Each has `as_element` beside its content: `is_encrypted`, in which Megolm `session`; `problem`, why it cannot
be read (`UNSIGNED_SENDER_DEVICE` …) or None; `shield` (`none`, `grey`, `red`) with its `reason` (`UNSIGNED_DEVICE` …);
and the `body` as it is drawn after edits. An event that cannot be read is an `m.room.encrypted`.
"""

import asyncio
import base64
import itertools
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from homeserver import Account, Event, Person

FETCHED = Path(__file__).resolve().parents[2] / ".element"
REMEDY = "There is no Element for this test. Run: make element"

_LONGEST_LINE = 64 * 1024 * 1024
_LOOKS_EVERY = 0.1


class NoElementError(Exception):
    """It is not there; the text says what to do."""


@dataclass(frozen=True)
class Device:
    """Someone's device as this client judges it."""

    device: str
    signed_by_owner: bool
    cross_signing_verified: bool


class Element(Person):
    """Someone with Element on one device: `async with Element(homeserver.url, account) as ana: …`.

    The account's own device, or another one of the same account: see `log_in_again`. Its keys are in memory, so a
    device can be started only once. A new one is not signed by its owner until `make_identity` or `recover`.
    """

    def __init__(self, url: str, account: Account) -> None:
        """Take an account of the homeserver at `url`. Raises NoElementError."""
        self._command = _command()
        super().__init__(url, account)
        self._url = url
        self._numbers = itertools.count(1)
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        """Start it, and wait for its first sync."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, cwd=FETCHED, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
        )
        account = self.account
        await self._ask(
            "start", url=self._url, user=account.user_id, device=account.device_id, token=account.access_token
        )
        return self

    async def close(self) -> None:
        """End it; the device stays logged in."""
        await super().close()
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            await self._process.wait()

    # Trust

    async def make_identity(self) -> str:
        """Cross-sign this account and this device; returns the recovery key, for the next device."""
        return str(await self._ask("identity", password=self.account.password))

    async def recover(self, recovery_key: str) -> None:
        """Have this device signed by the identity that the account has."""
        await self._ask("recover", key=recovery_key)

    async def isolate(self) -> None:
        """Exclude devices that their owner did not sign: they get no keys, and what they send is not shown.

        Only for who has an identity; others can send nothing any more.
        """
        await self._ask("isolate")

    async def devices(self, user_id: str) -> list[Device]:
        """Someone's devices as this client knows and judges them now; changes come with its sync."""
        return [Device(**one) for one in await self._ask("devices", user=user_id)]

    async def wait_for_devices(
        self,
        user_id: str,
        predicate: Callable[[list[Device]], bool],
        timeout: float = 15.0,  # noqa: ASYNC109 - as Person
    ) -> list[Device]:
        """The first that it knows of someone's devices for which the predicate holds. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while True:
                found = await self.devices(user_id)
                if predicate(found):
                    return found
                await asyncio.sleep(_LOOKS_EVERY)

    async def rotate(self, room: str) -> None:
        """Let the next message begin a new Megolm session."""
        await self._ask("rotate", room=room)

    async def log_in_again(self) -> Account:
        """Return another device of this account, for another Element."""
        user = {"type": "m.id.user", "user": self.user_id}
        body = {"type": "m.login.password", "identifier": user, "password": self.account.password}
        made = await self.call("POST", "/login", body)
        return Account(self.user_id, made["access_token"], made["device_id"], self.account.password)

    async def log_out(self) -> None:
        """Log out: the device is gone."""
        await self._ask("logout")

    # Saying and seeing, as a Person

    async def send_event(self, room: str, kind: str, content: Event, txn: str | None = None) -> str:
        """Send any event, encrypted where the room is and the kind can be (a reaction cannot)."""
        return str(await self._ask("send", room=room, type=kind, content=content, txn=txn))

    async def messages(self, room: str) -> list[Event]:
        """Every event of the room that this person may see, oldest first, decrypted where that can be."""
        events: list[Event] = await self._ask("messages", room=room)
        return events

    async def wait_for(self, room: str, predicate: Callable[[Event], bool], timeout: float = 15.0) -> Event:  # noqa: ASYNC109 - as Person
        """The first event of the room, past ones included, that the predicate holds for. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while True:
                for event in await self.messages(room):
                    if predicate(event):
                        return event
                await asyncio.sleep(_LOOKS_EVERY)

    async def attach(self, room: str, data: bytes, name: str, mimetype: str) -> str:
        """Send a file, encrypted; the id of its message."""
        encoded = base64.b64encode(data).decode()
        return str(await self._ask("attach", room=room, data=encoded, name=name, mimetype=mimetype))

    async def attachment(self, room: str, event_id: str) -> bytes:
        """Fetch and decrypt an attachment; an error if its hash is wrong."""
        return base64.b64decode(await self._ask("attachment", room=room, event=event_id))

    async def _ask(self, what: str, **how: Any) -> Any:
        """Return the answer to one request. Raises AssertionError with the library's own error."""
        assert self._process
        assert self._process.stdin
        assert self._process.stdout
        number = next(self._numbers)
        self._process.stdin.write(json.dumps({"id": number, "ask": what, **how}).encode() + b"\n")
        while line := await self._process.stdout.readline():
            told: Mapping[str, Any] = json.loads(line)
            # The answer to what a time-out gave up on still comes.
            if told["id"] == number:
                assert "error" not in told, told["error"]
                return told["is"]
        raise AssertionError("Element ended")


def _command() -> tuple[str, ...]:
    """Return how it is started: with the node that was fetched, or the system's."""
    own = FETCHED / "node" / "bin" / "node"
    node = str(own) if own.exists() else shutil.which("node")
    if not (FETCHED / ".ready").exists() or node is None:
        raise NoElementError(REMEDY)
    # The program is a link: from where that is, it finds what was fetched.
    return node, "--preserve-symlinks-main", "client.mjs"
