"""A machine that sleeps while a step falls due and people go on talking."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import People
from faults.harness import new_account, room_with, running
from homeserver import Event, Homeserver
from living import says

from bench import program
from bench.due import put_to
from bench.people import answers_of

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(120)]


async def test_after_a_machine_slept_the_step_of_meanwhile_and_what_people_said_come_once(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, bas, account = await person("ana"), await person("bas"), new_account(homeserver, "bot")
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        room = await room_with(ana, [bas], bot.user_id)
        start = await ana.send(room, "!cycle start")
        await bas.wait_for(room, lambda event: start in answers_of([event], bot.user_id), timeout=30)
        await asyncio.sleep(1)

        bot.program.sleep()
        assert put_to(tmp_path / "doetank.db", "w1.do", datetime.now(UTC).replace(microsecond=0)) == 1
        said = await bas.send(room, "!observe The desk was closed")
        await asyncio.sleep(3)
        assert not [event for event in await bas.messages(room) if is_prompt(event, bot.user_id)]
        bot.program.wake()

        await bas.wait_for(room, lambda event: is_prompt(event, bot.user_id), timeout=30)
        await bas.wait_for(room, lambda event: said in answers_of([event], bot.user_id), timeout=30)
        await asyncio.sleep(2)
        events = await bas.messages(room)
        assert len([event for event in events if is_prompt(event, bot.user_id)]) == 1
        assert len(answers_of(events, bot.user_id)[said]) == 1


def is_prompt(event: Event, bot: str) -> bool:
    return says("", bot)(event) and bool(event["content"].get("m.mentions", {}).get("user_ids"))
