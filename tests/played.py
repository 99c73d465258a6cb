"""Plays a script to the bot over the chat in memory, and returns the page of what happened: see golden/README.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from chronicle import Chronicle
from house import AMSTERDAM, House, running

from doetank_bot.chat.memory import Person, Shown
from doetank_bot.demo.play import MissedError, Standing, play
from doetank_bot.demo.script import read_script
from doetank_bot.domain.reference import MessageRef, SpaceRef


class MemoryStage:
    """A stage in memory: see `doetank_bot.demo.play.Stage`."""

    def __init__(self, house: House, people: Mapping[str, Person], chronicle: Chronicle) -> None:
        self._house = house
        self._people = people
        self._chronicle = chronicle
        self._room = SpaceRef("", "")
        self._first = next(iter(people.values()))

    async def open_room(self, name: str, inside: Sequence[str]) -> None:
        coach, *others = (self._people[one] for one in inside)
        self._room = await self._house.open_room(name, coach, *others)

    async def move_to(self, local: datetime) -> None:
        await self._house.move_to(local.isoformat())

    async def aside(self, text: str) -> None:
        self._chronicle.aside(text)

    async def come_in(self, who: str) -> None:
        self._people[who].join(self._room)
        await self._house.settle()

    async def say(self, who: str, text: str, *, thread: str | None = None, reply_to: str | None = None) -> str:
        said = self._people[who].say(self._room, text, thread=self._ref(thread), reply_to=self._ref(reply_to))
        await self._house.settle()
        return said.native

    async def say_in_private(self, who: str, text: str) -> None:
        space = self._people[who].private_chat()
        if space is None:
            raise MissedError(f"{who} has no private chat")
        self._people[who].say(space, text)
        await self._house.settle()

    async def edit(self, message: Standing, text: str) -> None:
        self._people[message.sender].edit(self._ref_of(message), text)
        await self._house.settle()

    async def delete(self, message: Standing) -> None:
        self._people[message.sender].delete(self._ref_of(message))
        await self._house.settle()

    def standing(self) -> Sequence[Standing]:
        shown = [(one, "") for one in self._first.sees(self._room)]
        for name, person in self._people.items():
            if space := person.private_chat():
                shown += [(one, name) for one in person.sees(space)]
        return [self._standing(one, name) for one, name in sorted(shown, key=lambda both: both[0].sent_at)]

    def _standing(self, shown: Shown, with_whom: str) -> Standing:
        return Standing(
            id=shown.ref.native,
            sender="" if shown.sender == self._house.chat.me else self._house.chat.person(shown.sender.native).name,
            text=shown.text,
            with_whom=with_whom,
            thread=shown.thread.native if shown.thread else None,
            is_notice=shown.is_notice,
            is_text=shown.is_text,
        )

    def _ref(self, native: str | None) -> MessageRef | None:
        return MessageRef(self._room, native) if native else None

    def _ref_of(self, message: Standing) -> MessageRef:
        space = self._people[message.with_whom].private_chat() if message.with_whom else self._room
        assert space is not None
        return MessageRef(space, message.id)


async def played(text: str, folder: Path, language: str) -> str:
    """Return the page of what happened when the script `text` was played to a bot that keeps its files in `folder`."""
    script = read_script(text)
    async with running(folder, script.begin.isoformat(), language=language) as house:
        people = {one: house.chat.person(f"@{one.lower()}:lindewaard.example", one) for one in script.names}
        chronicle = Chronicle(house.chat, language, AMSTERDAM)
        await play(script, MemoryStage(house, people, chronicle))
        return chronicle.page()
