"""People in a chat in memory: what they do, and what they see."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from doetank_bot.chat.memory.room import Shown
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef

if TYPE_CHECKING:
    from doetank_bot.chat.memory.world import World


class Person:
    """Someone with a client; made by `World.person`."""

    def __init__(self, chat: "World", user: UserRef, name: str) -> None:
        self.user = user
        self.name = name
        self.takes_private = True
        self._chat = chat

    def create_room(self, name: str = "", *others: "Person", is_direct: bool = False) -> SpaceRef:
        """Make a room with `others` in it at once; the maker moderates it. The bot is not in it yet."""
        room = self._chat.make_room(self.user, name, is_direct=is_direct)
        for other in others:
            other.join(room.space)
        return room.space

    def invite_bot(self, space: SpaceRef) -> None:
        """Ask the bot in."""
        self._chat.invited_by(self, self._chat.room(space))

    def open_private(self) -> SpaceRef:
        """Make a private chat with the bot, as clients do; it still has to join."""
        space = self.create_room(is_direct=True)
        self.invite_bot(space)
        return space

    def join(self, space: SpaceRef) -> None:
        """Come in, by invitation or not."""
        self._chat.room(space).names[self.user] = self.name
        self._chat.changed(self, space, is_in=True)

    def leave(self, space: SpaceRef) -> None:
        """Go, or refuse an invitation."""
        if self._chat.room(space).names.pop(self.user, None) is not None:
            self._chat.changed(self, space, is_in=False)

    def rename(self, name: str) -> None:
        """Take another display name, everywhere."""
        self.name = name
        for room in self._chat.rooms():
            if self.user in room.names:
                self.join(room.space)

    def kick_bot(self, space: SpaceRef) -> None:
        """Put the bot out."""
        self._chat.put_out(self._chat.room(space))

    def mute_bot(self, space: SpaceRef, *, is_muted: bool = True) -> None:
        """Take the right to write from the bot, or give it back."""
        self._chat.room(space).is_muted = is_muted
        self._chat.rights_changed(space, self)

    def let_bot_delete(self, space: SpaceRef, *, may_delete: bool) -> None:
        """Take the right to delete its own messages from the bot, or give it back."""
        self._chat.room(space).keeps_words = not may_delete
        self._chat.rights_changed(space, self)

    def upgrade(self, space: SpaceRef) -> SpaceRef:
        """Close the room for all but its moderators and go on in another one; nobody is in there but its maker."""
        old = self._chat.room(space)
        new = self._chat.make_room(self.user, old.name)
        new.predecessor = space
        self._chat.room(space).successor, old.is_muted = (new.space if old.is_moderator(self.user) else None), True
        self._chat.rights_changed(space, self)
        return new.space

    def set_power(self, space: SpaceRef, other: "Person", level: int) -> None:
        """Give someone power; 50 moderates."""
        self._chat.room(space).levels[other.user] = level
        self._chat.rights_changed(space, self)

    def say(
        self,
        space: SpaceRef,
        text: str,
        *,
        thread: MessageRef | None = None,
        reply_to: MessageRef | None = None,
        mentions: Sequence[UserRef] = (),
        is_text: bool = True,
        is_notice: bool = False,
    ) -> MessageRef:
        """Write a message (a picture when not `is_text`, a bot's when `is_notice`)."""
        message = Shown(
            ref=self._chat.new_ref(space),
            sender=self.user,
            text=text,
            sent_at=self._chat.now(),
            is_notice=is_notice,
            is_text=is_text,
            mentions=tuple(mentions),
            thread=thread,
            reply_to=reply_to,
        )
        self._chat.said(message)
        return message.ref

    def edit(self, message: MessageRef, text: str) -> MessageRef:
        """Replace a text. A forged edit reaches the bot, as on Matrix, but changes nothing."""
        return self._chat.edited(message, self.user, text)

    def delete(self, message: MessageRef) -> MessageRef:
        """Delete one's own message, or any message as a moderator."""
        room = self._chat.room(message.space)
        if room.messages[message].sender != self.user and not room.is_moderator(self.user):
            raise PermissionError(self.user.native)
        return self._chat.deleted(message)

    def sees(self, space: SpaceRef) -> list[Shown]:
        """Return the messages of a room as everyone sees them now, in order; deleted ones are gone."""
        room = self._chat.room(space)
        if self.user not in room.names:
            raise PermissionError(self.user.native)
        return [message for message in room.messages.values() if not message.is_deleted]

    def private_chat(self) -> SpaceRef | None:
        """Return the private chat that the bot opened with this person last, accepted or not."""
        return next((room.space for room in self._chat.rooms() if room.private_with == self.user), None)
