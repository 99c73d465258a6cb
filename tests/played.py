"""A chat written down as people would say it, played to the bot over the chat in memory: see golden/README.md."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from chronicle import Chronicle
from house import AMSTERDAM, House, running

from doetank_bot.chat.memory import Person, Shown
from doetank_bot.domain.reference import MessageRef, SpaceRef

_LINE = re.compile(r"(?P<name>\w+)(?P<how>>>|[:>~*!+])(?:\((?P<about>[^)]*)\))? ?(?P<text>.*)")
_DIGESTS = ("Weekbericht", "Weekly digest")


class Play:
    """One room, its people, and what was said so far."""

    def __init__(self, house: House, room: SpaceRef, people: Mapping[str, Person], chronicle: Chronicle) -> None:
        self.house = house
        self.room = room
        self.people = people
        self.chronicle = chronicle
        self._said: list[tuple[Person, MessageRef]] = []
        self._threads: dict[Person, MessageRef] = {}

    async def line(self, line: str) -> None:
        """Do what one line of a script says. Raises ValueError when it says nothing that can be done."""
        if line.startswith("= "):
            await self.house.move_to(line[2:])
            return
        if line.startswith("("):
            self.chronicle.aside(line.strip("()"))
            return
        found = _LINE.fullmatch(line)
        if found is None or found["name"] not in self.people:
            raise ValueError(line)
        person = self.people[found["name"]]
        _HOW[found["how"]](self, person, found["text"], found["about"] or "")
        await self.house.settle()

    def room_line(self, person: Person, text: str, about: str) -> None:
        """Say it in the room; `(about)`: as a reply to the message of the bot with those words."""
        reply_to = self._of_bot(about).ref if about else None
        message = person.say(self.room, text, reply_to=reply_to)
        self._said.append((person, message))
        self._threads[person] = message

    def under_prompt(self, person: Person, text: str, about: str) -> None:
        """Say it in the thread of the bot's last question to the group, or of the one with those words."""
        self._threads[person] = self._of_bot(about).ref
        self.further(person, text, "")

    def further(self, person: Person, text: str, _about: str) -> None:
        """Say it in the thread in which that person was last."""
        self._said.append((person, person.say(self.room, text, thread=self._threads[person])))

    def in_private(self, person: Person, text: str, _about: str) -> None:
        """Say it to the bot alone."""
        space = person.private_chat()
        if space is None:
            raise ValueError(f"{person.name} has no private chat")
        self._said.append((person, person.say(space, text)))

    def edit(self, person: Person, text: str, about: str) -> None:
        """Put a text in the place of the last message of that person with the words `(about)`."""
        person.edit(self._own(person, about), text)

    def delete(self, person: Person, _text: str, about: str) -> None:
        """Delete the last message of that person with the words `(about)`."""
        person.delete(self._own(person, about))

    def come_in(self, person: Person, _text: str, _about: str) -> None:
        """Come into the room."""
        person.join(self.room)

    def _own(self, person: Person, words: str) -> MessageRef:
        own = [message for one, message in reversed(self._said) if one is person]
        for message in own:
            if any(shown.ref == message and words in shown.text for shown in person.sees(message.space)):
                return message
        raise ValueError(f"{person.name} never said {words!r}")

    def _of_bot(self, words: str) -> Shown:
        any_person = next(iter(self.people.values()))
        for one in reversed(any_person.sees(self.room)):
            is_asked = not one.is_notice and one.is_text and not one.text.startswith(_DIGESTS)
            if one.sender == self.house.chat.me and one.thread is None and (words in one.text if words else is_asked):
                return one
        raise ValueError(f"the bot never said {words!r}")


_HOW: Mapping[str, Callable[[Play, Person, str, str], None]] = MappingProxyType({
    ":": Play.room_line,
    ">": Play.under_prompt,
    ">>": Play.further,
    "~": Play.in_private,
    "*": Play.edit,
    "!": Play.delete,
    "+": Play.come_in,
})  # fmt: skip


async def played(script: str, folder: Path, language: str) -> str:
    """Return the page of what happened when `script` was played to a bot that keeps its files in `folder`.

    The first lines of a script: when it begins, the name of the room, who is in it from the beginning (the first makes
    it), and who is not.
    """
    begin, name, inside, outside, *lines = [one for one in script.splitlines() if one.strip()]
    async with running(folder, begin, language=language) as house:
        names = [*inside.split(), *outside.split()]
        people = {one: house.chat.person(f"@{one.lower()}:lindewaard.example", one) for one in names}
        chronicle = Chronicle(house.chat, language, AMSTERDAM)
        coach, *others = (people[one] for one in inside.split())
        room = await house.open_room(name, coach, *others)
        play = Play(house, room, people, chronicle)
        for line in lines:
            await play.line(line)
        return chronicle.page()
