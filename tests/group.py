"""A group of three in its room, ready to be asked: what most whole-app tests begin with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from house import House, of_bot, running

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.domain.reference import MessageRef, SpaceRef


@dataclass(frozen=True)
class Group:
    """Maaike coaches, Joke and Bas are members."""

    house: House
    room: SpaceRef
    maaike: Person
    joke: Person
    bas: Person

    async def says(self, person: Person, text: str, **how: MessageRef) -> MessageRef:
        return await self.house.say(person, self.room, text, **how)

    async def start(self, arguments: str = '"Parkeren" weken=4') -> MessageRef:
        return await self.says(self.maaike, f"!ronde start {arguments}")

    async def prompt(self) -> Shown:
        """Let the coach ask the next thing now; return the prompt."""
        await self.says(self.maaike, "!opdracht nu")
        return next(shown for shown in reversed(self.of_bot()) if not shown.is_notice)

    async def edits(self, person: Person, message: MessageRef, text: str) -> None:
        person.edit(message, text)
        await self.house.settle()

    async def deletes(self, person: Person, message: MessageRef) -> None:
        person.delete(message)
        await self.house.settle()

    def of_bot(self) -> list[Shown]:
        return of_bot(self.house, self.maaike, self.room)

    def answers(self, message: MessageRef) -> list[str]:
        """Return what the bot answered to a message."""
        return [shown.text for shown in self.of_bot() if shown.reply_to == message]

    def told(self, person: Person, own: SpaceRef | None = None) -> list[str]:
        """Return what the bot said to someone in private: in the chat it opened, or in `own`."""
        space = own or person.private_chat()
        return [] if space is None else [one.text for one in person.sees(space) if one.sender == self.house.chat.me]

    def digests(self) -> list[str]:
        return [one.text for one in self.of_bot() if one.text.startswith(("Weekbericht", "Weekly digest"))]

    def signs(self, message: MessageRef) -> list[str]:
        shown = next(one for one in self.maaike.sees(self.room) if one.ref == message)
        return [sign for user, sign in shown.reactions if user == self.house.chat.me]


@asynccontextmanager
async def group(
    folder: Path,
    local: str = "2027-02-03 10:00",
    *,
    language: str = "nl",
    name: str = "Parkeren",
    chat: MemoryChat | None = None,
) -> AsyncIterator[Group]:
    """Run the bot with one group, from that Amsterdam time on (a Wednesday unless told)."""
    async with running(folder, local, language=language, chat=chat) as house:
        maaike, joke, bas = (house.chat.person(f"@{each.lower()}:test", each) for each in ("Maaike", "Joke", "Bas"))
        room = await house.open_room(name, maaike, joke, bas)
        yield Group(house, room, maaike, joke, bas)


def words_on_disk(folder: Path) -> bytes:
    """Return every byte the bot wrote."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
