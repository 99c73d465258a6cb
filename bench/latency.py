"""From a command to its answer in one room, as its sender sees it in her own long poll."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench import program
from bench.people import Watcher, logged_in
from doetank_bot.demo.homeserver import Homeserver
from doetank_bot.demo.person import Person

BAR = 1.2
WARM_UP = 5
BLOCK = 10
"""Pings in a row before the other's turn: short, so that a busy moment of the machine falls on both."""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of every ping in one round: the bot's, and the raw echo's right beside it."""

    bot: list[float]
    raw: list[float]

    @property
    def medians(self) -> tuple[float, float]:
        """The bot's and the raw echo's."""
        return statistics.median(self.bot), statistics.median(self.raw)


@dataclass(frozen=True, slots=True)
class Latency:
    """All rounds."""

    rounds: list[Round]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(bot / raw for bot, raw in (one.medians for one in self.rounds))


async def measure(directory: Path, n_rounds: int, n_pings: int) -> Latency:
    """Ping both in alternating rounds on one homeserver; each has its own room of three, with a cycle in the bot's."""
    with Homeserver.start(directory / "homeserver") as server:
        bot, raw = server.register("bot"), server.register("raw")
        people = [server.register("ana"), server.register("bas")]
        async with logged_in(server.url, [*people, raw]) as (ana, bas, echo):
            rooms = [await ana.create_room(invite=[bas.user_id, one.user_id], name="One") for one in (bot, raw)]
            for room in rooms:
                await bas.join(room)
            await echo.join(rooms[1])
            programs = [
                program.bot(directory / "bot", server.url, bot),
                program.echo(directory / "raw", server.url, raw),
            ]
            try:
                for one in programs:
                    await one.start()
                async with Watcher(ana, [bot.user_id, raw.user_id]).watching() as watcher:
                    await _begin(ana, rooms[0], bot.user_id, watcher)
                    return await _rounds(ana, rooms, watcher, n_rounds, n_pings)
            finally:
                for one in programs:
                    await one.kill()


async def _begin(ana: Person, room: str, bot: str, watcher: Watcher) -> None:
    await ana.wait_for(room, lambda event: event["type"] == "m.room.message" and event["sender"] == bot)
    await watcher.answered(await ana.send(room, '!cycle start "Parking without paperwork"'), within=15)


async def _rounds(ana: Person, rooms: list[str], watcher: Watcher, n_rounds: int, n_pings: int) -> Latency:
    for room in rooms:
        await _pings(ana, room, watcher, WARM_UP)
    return Latency([await _round(ana, rooms, watcher, n_pings, number) for number in range(n_rounds)])


async def _round(ana: Person, rooms: list[str], watcher: Watcher, n_pings: int, number: int) -> Round:
    """Who begins alternates by round."""
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(max(1, n_pings // BLOCK)):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            figures[which].extend(await _pings(ana, rooms[which], watcher, min(BLOCK, n_pings)))
    return Round(*figures)


async def _pings(ana: Person, room: str, watcher: Watcher, n: int) -> list[float]:
    seconds = []
    for _ in range(n):
        began = time.monotonic()
        command = await ana.send(room, "!cycle status")
        seconds.append(await watcher.answered(command, within=15) - began)
    return seconds
