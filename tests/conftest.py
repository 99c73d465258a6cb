"""Fixtures that every test may use; what they start they also stop."""

import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol

import pytest
from element import REMEDY, Element, NoElementError
from homeserver import Account, Homeserver, Person
from hypothesis import HealthCheck, settings

# Cold machines need seconds for the first text strategy; a flaky seed helps nobody in CI.
settings.register_profile("doetank", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("doetank")

People = Callable[[str], Awaitable[Person]]


class Elements(Protocol):
    """Starts Element for someone, or on another device of an account."""

    async def __call__(self, name: str, account: Account | None = None) -> Element: ...


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """One Synapse for the whole run; tests keep apart by their own accounts and rooms."""
    with Homeserver.start(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture
async def person(homeserver: Homeserver) -> AsyncIterator[People]:
    """`ana = await person("ana")`: a new account each time, whose display name is `ana`."""
    async with contextlib.AsyncExitStack() as stack:

        async def arrive(name: str) -> Person:
            account = homeserver.register(f"{name}-{next(_numbers)}")
            someone = await stack.enter_async_context(Person(homeserver.url, account))
            await someone.set_name(name)
            return someone

        yield arrive


@pytest.fixture
async def element(homeserver: Homeserver) -> AsyncIterator[Elements]:
    """`ana = await element("ana")`: a new account with Element, as yet unsigned. In CI Element has to be there."""
    async with contextlib.AsyncExitStack() as stack:

        async def arrive(name: str, account: Account | None = None) -> Element:
            account = account or homeserver.register(f"{name}-{next(_numbers)}")
            try:
                someone = await stack.enter_async_context(Element(homeserver.url, account))
            except NoElementError:
                pytest.fail(REMEDY) if os.environ.get("CI") else pytest.skip(REMEDY)
            await someone.set_name(name)
            return someone

        yield arrive
