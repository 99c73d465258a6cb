"""The first sync of an account in a thousand encrypted rooms of ten: how long the bot's event loop stands still."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bench import program
from bench.block import TICKER, Block, Rounds, longest
from bench.crowd import Crowd, told_again
from bench.people import logged_in
from bench.stage import Stage, prepare
from doetank_bot.chat.matrix.sync import FIRST_FILTER
from doetank_bot.demo.person import Event

N_PEOPLE = 10
ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "event_id": "$encryption",
    "sender": "@person-1:doetank.test",
    "origin_server_ts": 1795500000000,
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
N_HELLOS = 200
WITHIN = 180.0


@dataclass(frozen=True, slots=True)
class Run:
    """One first start: seconds until `ready`, and the longest block until the bot said hello in the first rooms."""

    ready: float
    block: Block
    peak_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class First(Rounds[Run]):
    """All rounds."""

    n_rooms: int
    mib: float


async def measure(kept: Path, scratch: Path, n_rounds: int, n_rooms: int) -> First:
    """Start the bot from nothing; the rooms are one of a real homeserver, which `kept` holds, told again and again."""
    stage = await prepare(kept / "first", 1, N_PEOPLE)
    answer = told_again(await _room_of(stage, scratch / "copy"), n_rooms, "@person-")
    rounds = []
    for number in range(n_rounds):
        rounds.append(await _run(Crowd(stage.bot, answer), scratch / f"first-{number}"))
        print(f"  first {number + 1}: {rounds[-1]}", flush=True)
    return First(rounds=rounds, n_rooms=n_rooms, mib=len(answer) / 1024**2)


async def _room_of(stage: Stage, copy: Path) -> Event:
    """Return what a first sync says of the room, as if it had been encrypted from its first day."""
    async with stage.copied(copy) as show, logged_in(show.url, [stage.bot]) as (bot,):
        answer = await bot.call("GET", "/sync", filter=FIRST_FILTER, timeout=0)
    section: Event = answer["rooms"]["join"][stage.rooms[0]]
    section["state"]["events"].insert(0, ENCRYPTION)
    return section


async def _run(crowd: Crowd, directory: Path) -> Run:
    async with crowd.at() as url:
        bot = program.bot(directory, url, crowd.account, wrapper=TICKER)
        ready = await bot.start()
        try:
            async with asyncio.timeout(WITHIN):
                await crowd.said(N_HELLOS)
            await asyncio.sleep(1)
            peak = bot.peak_mib
        finally:
            await bot.kill()
    return Run(ready, longest(bot), peak)
