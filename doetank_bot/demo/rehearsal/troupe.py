"""The people of a rehearsal and their room: they do what is typed."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.demo.cast import BOT
from doetank_bot.demo.rehearsal import texts
from doetank_bot.demo.rehearsal.numbering import Numbering
from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.script import Deed, How
from doetank_bot.domain.reference import MessageRef, SpaceRef

MAX_PEOPLE = 50
_SERVER = "lindewaard.example"
BOT_ID = f"@doebot:{_SERVER}"


class Troupe:
    """Knows who is there and where each spoke last. The first of `inside` makes the room, and moderates it."""

    def __init__(
        self, chat: MemoryChat, numbering: Numbering, title: str, inside: Iterable[str], outside: Iterable[str]
    ) -> None:
        """Let the first make the room and invite the bot, and the others of `inside` come in."""
        self._chat = chat
        self._numbering = numbering
        self._people = {BOT.casefold(): chat.person(BOT_ID, BOT)}
        coach, *others = [self._person(name) for name in inside]
        for name in outside:
            self._person(name)
        self.room = coach.create_room(title, *others)
        self.coach = coach
        self._own_chats: dict[Person, SpaceRef] = {}
        self._said: list[tuple[Person, MessageRef]] = []
        self._threads: dict[Person, MessageRef] = {}
        self._ways: Mapping[How, Callable[[Person, Deed], None]] = {
            How.SAY: self._room_line,
            How.UNDER_QUESTION: self._under,
            How.FURTHER: self._further,
            How.IN_PRIVATE: self._in_private,
            How.EDIT: self._edit,
            How.DELETE: self._delete,
            How.COME_IN: self._come_in,
        }
        coach.invite_bot(self.room)

    @property
    def names(self) -> frozenset[str]:
        """The names of everyone who is known, in small letters."""
        return frozenset(self._people)

    def people(self, *, is_in: bool) -> Iterator[str]:
        """Yield the names of the people in the room, or of those who are not."""
        inside = self._chat.room(self.room).names
        for person in self._people.values():
            if person.user != self._chat.me and (person.user in inside) == is_in:
                yield person.name

    def thread_of(self, person: Person) -> MessageRef | None:
        """Return the message under which that person goes on: the root of a thread, or what they said last."""
        return self._threads.get(person)

    def do(self, deed: Deed) -> Person:
        """Let someone do something, and return who. Raises Slip for what cannot be done."""
        person = self._people.get(deed.who.casefold()) or self._newcomer(deed.who)
        if person.user == self._chat.me:
            raise Slip(texts.IS_BOT)
        if (
            deed.how in {How.SAY, How.UNDER_QUESTION, How.FURTHER}
            and person.user not in self._chat.room(self.room).names
        ):
            raise Slip(texts.NOT_IN_ROOM, name=person.name)
        self._ways[deed.how](person, deed)
        return person

    def _room_line(self, person: Person, deed: Deed) -> None:
        reply_to = self._named(person, deed, self.room).ref if deed.about else None
        self._threads[person] = self._say(person, self.room, deed.text, reply_to=reply_to)

    def _under(self, person: Person, deed: Deed) -> None:
        shown = self._named(person, deed, self.room) if deed.about else self._question(person)
        self._threads[person] = shown.thread or shown.ref
        self._further(person, deed)

    def _further(self, person: Person, deed: Deed) -> None:
        root = self._threads.get(person)
        if root is None:
            raise Slip(texts.NO_THREAD, name=person.name)
        self._say(person, root.space, deed.text, thread=root)

    def _in_private(self, person: Person, deed: Deed) -> None:
        space = person.private_chat() or self._own_chats.get(person)
        reply_to = self._named(person, deed, space).ref if deed.about else None
        if space is None:
            space = self._own_chats[person] = person.open_private()
        self._say(person, space, deed.text, reply_to=reply_to)

    def _edit(self, person: Person, deed: Deed) -> None:
        person.edit(self._own(person, deed).ref, deed.text)

    def _delete(self, person: Person, deed: Deed) -> None:
        person.delete(self._own(person, deed).ref)

    def _come_in(self, person: Person, _act: Deed) -> None:
        if person.user in self._chat.room(self.room).names:
            raise Slip(texts.ALREADY_IN, name=person.name)
        person.join(self.room)

    def _say(self, person: Person, space: SpaceRef, text: str, **tie: MessageRef | None) -> MessageRef:
        message = person.say(space, text, thread=tie.get("thread"), reply_to=tie.get("reply_to"))
        self._said.append((person, message))
        return message

    def _newcomer(self, name: str) -> Person:
        if len(self._people) > MAX_PEOPLE:
            raise Slip(texts.TOO_MANY, most=MAX_PEOPLE)
        return self._person(name[0].upper() + name[1:])

    def _person(self, name: str) -> Person:
        person = self._chat.person(f"@{name.casefold()}:{_SERVER}", name)
        self._people[name.casefold()] = person
        return person

    def _question(self, person: Person) -> Shown:
        """Return the last message to the group in which the bot asks people, by their names, for an answer."""
        for shown in reversed(person.sees(self.room)):
            if shown.sender == self._chat.me and shown.mentions and shown.thread is None:
                return shown
        raise Slip(texts.NO_QUESTION, name=person.name)

    def _named(self, person: Person, deed: Deed, space: SpaceRef | None) -> Shown:
        """Return the message there that has the number, or the last of the bot's that has the words."""
        wanted = self._numbering.message(deed.number) if deed.number is not None else None
        for shown in self._seen_by(person):
            has_words = deed.number is None and shown.sender == self._chat.me and deed.about in shown.text
            if shown.ref.space == space and (shown.ref == wanted or has_words):
                return shown
        raise Slip(texts.NO_SUCH_MESSAGE, about=deed.about)

    def _own(self, person: Person, deed: Deed) -> Shown:
        """Return the person's own message that has the number, or the last that has the words."""
        own = {message for who, message in self._said if who is person}
        wanted = self._numbering.message(deed.number) if deed.number is not None else None
        for shown in self._seen_by(person):
            if shown.ref in own and (shown.ref == wanted or (deed.number is None and deed.about in shown.text)):
                return shown
        if wanted is not None and wanted not in own:
            raise Slip(texts.NOT_OWN, about=deed.about, name=person.name)
        raise Slip(texts.NO_SUCH_MESSAGE if deed.about else texts.NOTHING_SAID, about=deed.about, name=person.name)

    def _seen_by(self, person: Person) -> list[Shown]:
        """Return what the person sees, the newest first."""
        rooms = [room.space for room in self._chat.rooms() if person.user in room.names]
        seen = [shown for space in rooms for shown in person.sees(space)]
        return sorted(seen, key=lambda shown: self._numbering.number(shown.ref), reverse=True)
