"""A room of the chat in memory: who is in it, who may what, what is shown."""

from dataclasses import dataclass, field
from datetime import datetime

from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Privacy
from doetank_bot.ports import Incoming, Invited

MODERATOR = 50


@dataclass(slots=True)
class Shown:
    """A message as everyone in the room sees it now; `text` is what a picture of the bot shows, in words."""

    ref: MessageRef
    sender: UserRef
    text: str
    sent_at: datetime
    is_notice: bool = False
    is_text: bool = True
    picture: bytes | None = None
    mentions: tuple[UserRef, ...] = ()
    thread: MessageRef | None = None
    reply_to: MessageRef | None = None
    is_edited: bool = False
    is_deleted: bool = False
    reactions: list[tuple[UserRef, str]] = field(default_factory=list)


@dataclass(slots=True)
class MemoryRoom:
    """One room. `names` holds who is in, `private_with` whom the bot opened it for.

    `is_muted`: the bot may not write. `keeps_words`: it may not delete what it wrote. `is_sealed`: what people write is
    encrypted, and the bot has no key to it.
    `missed` are the edits and deletions since the bot was put out.
    """

    space: SpaceRef
    creator: UserRef
    name: str = ""
    is_direct: bool = False
    private_with: UserRef | None = None
    is_muted: bool = False
    keeps_words: bool = False
    successor: SpaceRef | None = None
    predecessor: SpaceRef | None = None
    is_public: bool = False
    missed: list[Incoming] = field(default_factory=list)
    is_sealed: bool = False
    privacy: Privacy | None = None
    inviter: UserRef | None = None
    invitation: Invited | None = None
    names: dict[UserRef, str] = field(default_factory=dict)
    levels: dict[UserRef, int] = field(default_factory=dict)
    messages: dict[MessageRef, Shown] = field(default_factory=dict)

    def is_moderator(self, user: UserRef) -> bool:
        """Say whether the user is in the room and has the power."""
        return user in self.names and self.levels.get(user, 100 if user == self.creator else 0) >= MODERATOR

    def access(self, me: UserRef) -> Access:
        """Return what the bot may do here."""
        has_moderator = any(self.is_moderator(user) for user in self.names if user != me)
        may_delete = not (self.is_muted or self.keeps_words)
        return Access(not self.is_muted, may_delete, has_moderator, self.successor)

    def is_private(self) -> bool:
        """Say whether this is a chat of the bot with one person."""
        return self.is_direct and len(self.names) <= 2  # noqa: PLR2004 - two people

    def members(self, me: UserRef) -> tuple[tuple[UserRef, str | None], ...]:
        """Return the people in it and their names, the bot left out."""
        return tuple((user, name) for user, name in self.names.items() if user != me)
