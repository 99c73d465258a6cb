"""What happens in a chat in memory: people in rooms, and the one log of it that the bot reads."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from doetank_bot.chat.memory.person import Person
from doetank_bot.chat.memory.room import MemoryRoom, Shown
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    Incoming,
    Invited,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    RoomChanged,
    Undecryptable,
)


class World:
    """Rooms, people and the log of what the bot may know of them. `clock` gives the time that messages carry."""

    def __init__(self, clock: Callable[[], datetime], me: str) -> None:
        self._me = UserRef("memory", me)
        self._rooms: dict[SpaceRef, MemoryRoom] = {}
        self._people: dict[UserRef, Person] = {}
        self.log: list[Incoming] = []
        self.news = asyncio.Event()
        self._numbers = itertools.count(1)
        self._edits: dict[MessageRef, MessageRef] = {}
        self._texts: dict[MessageRef, dict[MessageRef, str]] = {}
        self.now = clock
        self.listeners: list[Callable[[Shown], None]] = []
        self._sealed: dict[MessageRef, Incoming] = {}
        self.has_new_keys = False
        self._has_old_keys = True

    def person(self, user_id: str, name: str | None = None) -> Person:
        """Return the person with this id; made the first time, named after the id unless told."""
        user = UserRef(self._me.account, user_id)
        if user not in self._people:
            self._people[user] = Person(self, user, name or user_id.lstrip("@").split(":")[0])
        return self._people[user]

    def rooms(self) -> list[MemoryRoom]:
        """Return all rooms, the newest first."""
        return list(reversed(self._rooms.values()))

    def room(self, space: SpaceRef) -> MemoryRoom:
        """Return the room; a KeyError when there is none."""
        return self._rooms[space]

    def make_room(
        self, creator: UserRef, name: str = "", *, is_direct: bool = False, private_with: UserRef | None = None
    ) -> MemoryRoom:
        """Make a room with its creator in it."""
        space = SpaceRef(self._me.account, f"!{next(self._numbers)}")
        room = MemoryRoom(space, creator, name, is_direct=is_direct, private_with=private_with)
        shown = self._people[creator].name if creator in self._people else ""
        room.names[creator] = shown
        self._rooms[space] = room
        return room

    def new_ref(self, space: SpaceRef) -> MessageRef:
        """Return the id of the next event there."""
        return MessageRef(space, f"${next(self._numbers)}")

    def said(self, message: Shown, key: str | None = None) -> None:
        """A message appears."""
        room = self._rooms[message.ref.space]
        if message.sender not in room.names:
            raise PermissionError(message.sender.native)
        room.messages[message.ref] = message
        self._tell(
            MessageReceived(
                ref=message.ref,
                sender=message.sender,
                text=message.text if message.is_text else "",
                sent_at=message.sent_at,
                thread=message.thread,
                reply_to=message.reply_to,
                mentions_me=self._me in message.mentions,
                is_text=message.is_text,
                is_bot=message.is_notice or message.sender == self._me,
                key=key,
            )
        )
        for listener in self.listeners:
            listener(message)

    def edited(self, target: MessageRef, editor: UserRef, text: str, key: str | None = None) -> MessageRef:
        """An edit arrives; it shows only when it is the author's own and the message is still there."""
        message = self._rooms[target.space].messages[target]
        ref = self.new_ref(target.space)
        self._edits[ref] = target
        self._tell(MessageEdited(ref, target, editor, text, key))
        if message.sender == editor and not message.is_deleted:
            self._texts.setdefault(target, {target: message.text})[ref] = text
            message.text, message.is_edited = text, True
            for listener in self.listeners:
                listener(message)
        return ref

    def deleted(self, target: MessageRef, key: str | None = None) -> MessageRef:
        """A message disappears for everyone; without an edit it reads as it did before."""
        if target in self._edits:
            ref = self.new_ref(target.space)
            self._undo(target)
            self._tell(MessageDeleted(ref, target, key))
            return ref
        message = self._rooms[target.space].messages[target]
        message.text, message.is_deleted = "", True
        ref = self.new_ref(target.space)
        self._tell(MessageDeleted(ref, target, key))
        for listener in self.listeners:
            listener(message)
        return ref

    def _undo(self, edit: MessageRef) -> None:
        message = self._rooms[edit.space].messages[self._edits[edit]]
        texts = self._texts.get(message.ref, {})
        texts.pop(edit, None)
        if texts and not message.is_deleted:
            message.text, message.is_edited = list(texts.values())[-1], len(texts) > 1

    def signed(self, target: MessageRef, user: UserRef, sign: str) -> None:
        """A reaction is put on a message; the same one twice is one."""
        message = self._rooms[target.space].messages[target]
        if (user, sign) not in message.reactions:
            message.reactions.append((user, sign))
            for listener in self.listeners:
                listener(message)

    def changed(self, person: Person, space: SpaceRef, *, is_in: bool) -> None:
        """Someone came, went or took another name."""
        name = person.name if is_in else None
        self._tell(MemberChanged(self.new_ref(space), person.user, name, is_in))

    def rights_changed(self, space: SpaceRef, by: Person) -> None:
        """Something else may be allowed there now."""
        self._tell(RoomChanged(self.new_ref(space), by.user))

    def invited_by(self, person: Person, room: MemoryRoom) -> None:
        """The bot is asked in."""
        room.invitation = Invited(self.new_ref(room.space), person.user, room.is_direct, is_allowed=True)
        self._append(room.invitation)

    def put_out(self, room: MemoryRoom) -> None:
        """The bot is not in the room any more."""
        room.invitation = None
        if room.names.pop(self._me, None) is not None:
            self._append(BotLeft(self.new_ref(room.space)))

    def enter(self, space: SpaceRef) -> bool:
        """Let the bot in where it is invited; say whether it is in now."""
        room = self._rooms.get(space)
        if room is None:
            return False
        if self._me in room.names:
            room.invitation = None
            return True
        if room.invitation is None and not room.is_public:
            return False
        room.inviter, room.invitation = room.invitation.inviter if room.invitation else None, None
        for missed in room.missed:
            self._append(missed)
        room.missed.clear()
        room.names[self._me] = "Doetank"
        self._append(self._joined(room, self.new_ref(space)))
        return True

    def open_private(self, user: UserRef) -> str:
        """Make a private chat of the bot with `user`; whoever takes private chats comes in at once."""
        room = self.make_room(self._me, is_direct=True, private_with=user)
        self._append(self._joined(room, self.new_ref(room.space)))
        guest = self._people.get(user)
        if guest and guest.takes_private:
            guest.join(room.space)
        return room.space.native

    def _joined(self, room: MemoryRoom, ref: MessageRef) -> BotJoined:
        return BotJoined(
            ref,
            room.members(self._me),
            room.name,
            room.is_private(),
            room.inviter,
            guest=room.private_with,
            predecessor=room.predecessor,
        )

    def standing(self) -> Iterator[Incoming]:
        """Yield what a bot that starts from nothing must know: where it is, and where it is asked."""
        for room in self._rooms.values():
            if self._me in room.names:
                yield self._joined(room, MessageRef(room.space, f"state:{room.space.native}"))
            elif room.invitation:
                yield replace(room.invitation)

    def _tell(self, incoming: Incoming) -> None:
        """The bot hears of it when it is in the room; of edits and deletions also when it comes back."""
        room = self._rooms[incoming.ref.space]
        if self._me not in room.names:
            if isinstance(incoming, MessageEdited | MessageDeleted):
                room.missed.append(incoming)
            return
        author = _author(incoming)
        if room.is_sealed and author is not None and author != self._me:
            self._sealed[incoming.ref] = incoming
            incoming = Undecryptable(incoming.ref, author, {"type": "m.room.encrypted"})
        self._append(incoming)

    def seal(self, space: SpaceRef) -> None:
        """What people write there from now on reaches the bot without its key."""
        self._rooms[space].is_sealed = True

    def unseal(self, space: SpaceRef, *, with_past: bool = True) -> None:
        """The keys come to what will be written, and to what was, unless they come only from now on."""
        self._rooms[space].is_sealed = False
        self._has_old_keys = with_past
        self.has_new_keys = True
        self.news.set()

    def readable(self, sealed: Undecryptable) -> Incoming | None:
        """Return what it is, once there is a key."""
        is_sealed = self._rooms[sealed.ref.space].is_sealed or not self._has_old_keys
        return sealed if is_sealed else self._sealed.get(sealed.ref, sealed)

    def retold(self, sealed: Undecryptable, edit: MessageEdited) -> MessageReceived | None:
        """Return it with the edit's text; what it is tied to can be seen without a key."""
        original = self._sealed.get(sealed.ref)
        is_same = isinstance(original, MessageReceived) and edit.editor == sealed.sender
        return replace(original, text=edit.text) if is_same and isinstance(original, MessageReceived) else None

    def _append(self, incoming: Incoming) -> None:
        self.log.append(incoming)
        self.news.set()


def _author(incoming: Incoming) -> UserRef | None:
    """Return who wrote it; None for what nobody encrypts."""
    match incoming:
        case MessageReceived(sender=author) | MessageEdited(editor=author):
            return author
        case _:
            return None
