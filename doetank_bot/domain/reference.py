"""How the core names places, people and messages of any chat platform: opaque, scoped by account."""

from dataclasses import dataclass
from typing import NewType

GroupId = NewType("GroupId", int)
MemberId = NewType("MemberId", int)
CycleId = NewType("CycleId", int)
PostId = NewType("PostId", int)
"""One row of the outbox: one thing the bot does in the chat, once."""
ConversationId = NewType("ConversationId", str)
"""Our own key (a UUID) for where talk happens inside a space: the main timeline or one thread of it."""


@dataclass(frozen=True, slots=True)
class SpaceRef:
    """A room (Matrix) or channel (Zulip) as `native`, seen by the bot login `account`."""

    account: str
    native: str


@dataclass(frozen=True, slots=True)
class UserRef:
    """A person on a platform: the MXID or user id, never a name or an e-mail address."""

    account: str
    native: str


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message in a space, by the platform's id for it."""

    space: SpaceRef
    native: str


@dataclass(frozen=True, slots=True)
class Room:
    """The main timeline of a space (a group's room or a private chat)."""

    space: SpaceRef


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread that hangs under `root`."""

    root: MessageRef


@dataclass(frozen=True, slots=True)
class Private:
    """The private chat with one person, opened when there is none yet. Never falls back to a room."""

    user: UserRef


Place = Room | Thread | Private
