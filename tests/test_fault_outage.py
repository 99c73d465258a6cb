"""A homeserver in trouble, for real: who is answered, how soon, and whom it holds up; seen by another user."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from conftest import People
from faults import bot
from faults.figures import Load
from faults.harness import new_account
from faults.outage import outages
from faults.proxy import Fault
from faults.run import Run
from faults.stage import Stage, furnished
from homeserver import Homeserver

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]

Furnish = Callable[[int], Awaitable[Stage]]


@pytest.fixture
def furnish(homeserver: Homeserver, person: People) -> Furnish:
    async def make(n_rooms: int) -> Stage:
        return await furnished(homeserver, await person("ana"), new_account(homeserver, "bot"), n_rooms)

    return make


async def test_after_an_outage_the_first_is_answered_within_six_seconds_and_meanwhile_little_was_asked(
    furnish: Furnish, tmp_path: Path
) -> None:
    (outage,) = await outages(await furnish(4), tmp_path, [12.0], Fault.BAD_GATEWAY)
    assert outage.first < 6 + 2, outage
    assert outage.n_requests < 12, outage


async def _answer(stage: Stage, room: str, within: float) -> float:
    """Ask something; the seconds until its answer is seen."""
    began = time.monotonic()
    asked = await stage.reader.send(room, "!observe A queue")
    await stage.reader.wait_for(
        room,
        lambda event: event["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == asked,
        timeout=within,
    )
    return time.monotonic() - began


async def test_an_answer_that_failed_once_comes_within_seconds_though_nobody_says_anything_more(
    furnish: Furnish, tmp_path: Path
) -> None:
    stage, failed = await furnish(1), list[str]()

    def once(request: web.Request) -> Fault | None:
        if request.method != "PUT" or failed or len(run.proxy.moments) < n_before:
            return None
        failed.append(request.path)
        return Fault.BAD_GATEWAY

    load = Load(n=1, n_rooms=1, n_kills=0)
    async with Run(stage, load, tmp_path, bot.life).going_on() as run:
        await stage.greeted()
        # The homeserver forgets its own news too: a quiet account's token stays the same for minutes.
        await asyncio.sleep(1)
        n_before, run.proxy.choose = len(run.proxy.moments), once
        took = await _answer(stage, stage.rooms[0], within=20)
    assert failed
    assert took < 8


async def test_a_room_for_which_it_must_wait_for_years_holds_up_no_other(furnish: Furnish, tmp_path: Path) -> None:
    stage = await furnish(3)
    blocked, *others = stage.rooms

    def absurd(request: web.Request) -> Fault | None:
        return Fault.LIMIT_ABSURD if request.method == "PUT" and blocked in request.path else None

    load = Load(n=1, n_rooms=3, n_kills=0)
    async with Run(stage, load, tmp_path, bot.life).going_on() as run:
        await stage.greeted()
        run.proxy.choose = absurd
        await stage.reader.send(blocked, "!observe Here nothing comes")
        n_before = run.proxy.n_requests
        took = [await _answer(stage, room, within=20) for room in others for _ in range(3)]
        assert run.proxy.n_requests - n_before < 60
    assert max(took) < 8
