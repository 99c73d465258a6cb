"""SIGKILL while handlers work, and messages while down: another user sees every command answered once."""

from pathlib import Path

import pytest
from conftest import People
from faults.bursts import killed_in_bursts
from faults.harness import all_answered, new_account, room_with, running
from homeserver import Homeserver, Person

from bench import program

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]

N_ROOMS = 3
N_WHILE_DOWN = 40


async def _people(person: People) -> list[Person]:
    return [await person(name) for name in ("ana", "bas", "cem")]


async def test_72_commands_in_bursts_killed_while_they_are_handled_are_each_answered_once(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    people, account = await _people(person), new_account(homeserver, "bot")
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        rooms = [await room_with(people[0], people[1:], bot.user_id) for _ in range(N_ROOMS)]
        verdicts = await killed_in_bursts(people, rooms, bot)
    assert [(each.never, each.more) for each in verdicts] == [([], [])] * N_ROOMS
    assert sum(len(each.order) for each in verdicts) == 72


async def test_40_commands_sent_while_it_was_down_are_answered_once_and_in_order(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    people, account = await _people(person), new_account(homeserver, "bot")
    ana, bas, _ = people
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        room = await room_with(ana, people[1:], bot.user_id)
        await bot.program.kill()
        commands = []
        for number in range(N_WHILE_DOWN):
            await bas.send(room, f"Just talk between us, {number}")
            commands.append(await ana.send(room, f"!observe While you were away, {number}"))
        await bot.program.start()
        (judged,) = (await all_answered(bas, bot.user_id, {room: commands}, within=60)).values()
    assert (judged.never, judged.more) == ([], [])
    assert judged.order == commands
