"""`world`: the chat in memory, and a Matrix login on a real Synapse."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import People
from homeserver import SERVER_NAME, Homeserver

from contract.drivers import InMemory, OnMatrix, Someone, World, now
from doetank_bot.chat.matrix import MatrixChat, login_with_password
from doetank_bot.chat.memory import MemoryChat
from doetank_bot.service.backoff import Backoff

_bots = itertools.count(1)


@pytest.fixture(params=["memory", pytest.param("matrix", marks=pytest.mark.homeserver)])
def world(request: pytest.FixtureRequest) -> World:
    """A chat where nobody is in any room yet."""
    found: World = request.getfixturevalue(str(request.param))
    return found


@pytest.fixture
def memory() -> World:
    """The chat in memory."""
    return _in_memory()


@pytest.fixture
async def matrix(homeserver: Homeserver, person: People, tmp_path: Path) -> AsyncIterator[World]:
    """Only the real Synapse, for what other chats do not have."""
    async with matrix_chat(homeserver, tmp_path) as chat:
        yield on_matrix(chat, person)


def _in_memory() -> World:
    chat = MemoryChat(now)
    numbers = itertools.count(1)

    async def person(name: str) -> Someone:
        return InMemory(chat, chat.person(f"@{name}-{next(numbers)}:test", name))

    return World(chat, person)


@contextlib.asynccontextmanager
async def matrix_chat(homeserver: Homeserver, store_dir: Path) -> AsyncIterator[MatrixChat]:
    account = homeserver.register(f"doetank-{next(_bots)}")
    session = await login_with_password(homeserver.url, account.user_id, account.password, "DOETANK")
    chat = MatrixChat(
        session,
        store_dir=store_dir,
        allow_invites_from=[f"@*:{SERVER_NAME}"],
        backoff=Backoff(first=0.1),
    )
    try:
        yield chat
    finally:
        await chat.close()


def on_matrix(chat: MatrixChat, people: People) -> World:
    async def person(name: str) -> Someone:
        return OnMatrix(chat, await people(name))

    return World(chat, person)
