"""The chat in memory with a screen and a keyboard: one room, one line a message.

`ana: text` says something in the room, `ana> #3 text` in the thread of message 3, `ana~ text` in private to the bot.
Whoever is named first comes in and moderates; others come in when they are first named.
"""

import re
from collections.abc import Callable

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.domain.reference import MessageRef, SpaceRef

_LINE = re.compile(
    r"(?P<name>[^\W_][\w.-]{0,30})(?P<how>[:>~])\s*(?:#(?P<number>[0-9]{1,9})\s+)?(?P<text>.+)", re.DOTALL
)


class Terminal:
    """Shows the chat through `write`, a line at a time, and takes what is typed through `enter`."""

    def __init__(self, chat: MemoryChat, write: Callable[[str], None], room_name: str = "Doetank") -> None:
        """Follow everything that is said in `chat` from now on."""
        self._chat = chat
        self._write = write
        self._room_name = room_name
        self._room: SpaceRef | None = None
        self._numbers: dict[MessageRef, int] = {}
        chat.listeners.append(self._show)

    def enter(self, line: str) -> bool:
        """Do what a typed line says; False when it cannot be read, or names a message that is not there."""
        found = _LINE.fullmatch(line.strip())
        if not found:
            return False
        person = self._person(found["name"])
        if found["how"] == "~":
            person.say(self._private(person), _with_number(found["number"], found["text"]))
            return True
        room = self._place(person)
        if found["how"] == ":":
            person.say(room, _with_number(found["number"], found["text"]))
            return True
        message = self._numbered(found["number"])
        if message is None or person.user not in self._chat.room(message.space).names:
            return False
        root = next((shown.thread for shown in person.sees(message.space) if shown.ref == message), None)
        person.say(message.space, found["text"], thread=root or message)
        return True

    def _person(self, name: str) -> Person:
        return self._chat.person(f"@{name.lower()}:{self._chat.me.native.partition(':')[2]}", name)

    def _place(self, person: Person) -> SpaceRef:
        if self._room is None:
            self._room = person.create_room(self._room_name)
            person.invite_bot(self._room)
        if person.user not in self._chat.room(self._room).names:
            person.join(self._room)
        return self._room

    def _private(self, person: Person) -> SpaceRef:
        for room in self._chat.rooms():
            if room.is_direct and {person.user, self._chat.me} & set(room.names) and person.user in room.names:
                return room.space
        return person.open_private()

    def _numbered(self, number: str | None) -> MessageRef | None:
        wanted = int(number) if number else 0
        return next((ref for ref, given in self._numbers.items() if given == wanted), None)

    def _show(self, message: Shown) -> None:
        is_known = message.ref in self._numbers
        number = self._numbers.setdefault(message.ref, len(self._numbers) + 1)
        self._write(f"#{number} {self._tie(message)}{self._author(message)}: {_words(message, is_known=is_known)}")

    def _tie(self, message: Shown) -> str:
        """What the message belongs to: `(in #3)` a thread, `(~ana)` a private chat."""
        room = self._chat.room(message.ref.space)
        other = next((user for user in room.names if user != self._chat.me), None)
        private = f"(~{room.names[other]}) " if room.is_direct and other else ""
        root = self._numbers.get(message.thread) if message.thread else None
        return private + (f"(in #{root}) " if root else "")

    def _author(self, message: Shown) -> str:
        return self._chat.room(message.ref.space).names.get(message.sender, message.sender.native)


def _words(message: Shown, *, is_known: bool) -> str:
    if message.is_deleted:
        return "—"
    mark = "[picture] " if message.picture else ""
    text = mark + message.text.replace("\n", "\n    ")
    signs = "".join(f" [{sign}]" for _, sign in message.reactions)
    return f"✎ {text}{signs}" if is_known and message.is_edited else text + signs


def _with_number(number: str | None, text: str) -> str:
    return f"#{number} {text}" if number else text
