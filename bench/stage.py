"""A homeserver and a bot that know their rooms: prepared once, copied for every round, so that each begins the same."""

import asyncio
import contextlib
import dataclasses
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench import program
from bench.people import all_of, furnish, logged_in, registered
from bench.program import Program
from doetank_bot.demo.homeserver import Account, Homeserver
from doetank_bot.demo.person import Person


@dataclass(frozen=True, slots=True)
class Stage:
    """A prepared folder with `homeserver/`, `bot/` and who is there. All people are in all rooms."""

    directory: Path
    bot: Account
    people: list[Account]
    rooms: list[str]
    commands: list[str]
    """What already waits for the bot: the event ids of commands sent while it was down."""

    @contextlib.asynccontextmanager
    async def copied(self, to: Path) -> AsyncIterator["Show"]:
        """A fresh copy with its homeserver running; gone when the block ends."""
        await asyncio.to_thread(shutil.copytree, self.directory, to)
        try:
            with await asyncio.to_thread(Homeserver.start, to / "homeserver") as server:
                async with logged_in(server.url, self.people) as people:
                    yield Show(self, to, server.url, people)
        finally:
            await asyncio.to_thread(shutil.rmtree, to)


@dataclass(frozen=True, slots=True)
class Show:
    """One copy of a stage at work."""

    stage: Stage
    directory: Path
    url: str
    people: list[Person]

    def bot(self, wrapper: Path | None = None) -> Program:
        """The bot, as it was when the stage was prepared."""
        return program.bot(self.directory / "bot", self.url, self.stage.bot, wrapper=wrapper)

    def echo(self) -> Program:
        """The raw echo, on the bot's account: the same rooms and members."""
        return program.echo(self.directory / "raw", self.url, self.stage.bot)


async def prepare(directory: Path, n_rooms: int, n_people: int, n_waiting: int = 0) -> Stage:
    """Make rooms in which the bot introduced itself; once it is stopped, `n_waiting` commands a room are sent."""
    kept = directory / "stage.json"
    if kept.exists():
        return _load(directory, kept)
    with Homeserver.start(directory / "homeserver") as server:
        account = server.register("bot")
        accounts = registered(server, n_people)
        bot = program.bot(directory / "bot", server.url, account)
        async with logged_in(server.url, accounts) as people:
            await bot.start()
            try:
                rooms = await furnish(people, account.user_id, n_rooms)
                await all_of((lambda room=room: _introduced(people[0], room, account.user_id)) for room in rooms)  # type: ignore[misc]
                await asyncio.sleep(2)
            finally:
                await bot.stop()
            commands = await _waiting(people, rooms, n_waiting)
    stage = Stage(directory, account, accounts, rooms, commands)
    kept.write_text(json.dumps(dataclasses.asdict(stage) | {"directory": str(directory)}))
    return stage


async def _introduced(person: Person, room: str, bot: str) -> None:
    """Wait until the bot said who it is."""
    await person.wait_for(room, lambda one: one["sender"] == bot and one["type"] == "m.room.message", timeout=120)


async def _waiting(people: list[Person], rooms: list[str], n: int) -> list[str]:
    commands: list[str] = []

    async def say(room: str, number: int) -> None:
        commands.append(await people[number % len(people)].send(room, f"!observe Nobody asked for form {number}."))

    await all_of((lambda r=room, n=number: say(r, n)) for number in range(n) for room in rooms)  # type: ignore[misc]
    return commands


def _load(directory: Path, kept: Path) -> Stage:
    raw = json.loads(kept.read_text())
    people = [Account(**one) for one in raw["people"]]
    return Stage(directory, Account(**raw["bot"]), people, raw["rooms"], raw["commands"])
