"""What comes in from a chat, platform-neutral."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from doetank_bot.domain.reference import (
    MessageRef,
    SpaceRef,
    UserRef,
)


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Someone wrote. `text` is as sent, unmasked: it may not be stored or logged before the screen has seen it.

    `sent_at` is the platform's claim. `thread` is the thread's root, `reply_to` a deliberate reply (never the
    fallback that clients add in threads). `mentions_me`: it speaks to us, which a reply alone does not; how it calls
    us may stand before its words. `is_text` is False for pictures, voice, files. `is_bot` marks notices and other
    bots' messages. `key` is our own post's key when this is the echo of it. `found` (kinds of personal data that were
    masked) and `is_cut` (too long) are filled in by the screen, never by an adapter.
    """

    ref: MessageRef
    sender: UserRef
    text: str
    sent_at: datetime
    thread: MessageRef | None = None
    reply_to: MessageRef | None = None
    mentions_me: bool = False
    is_text: bool = True
    is_bot: bool = False
    key: str | None = None
    found: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """`editor` replaced the text of `target`; whether they were allowed to is for the core to check.

    `ref` is the edit itself.
    """

    ref: MessageRef
    target: MessageRef
    editor: UserRef
    text: str
    key: str | None = None
    found: tuple[str, ...] = ()
    is_cut: bool = False
    mentions_me: bool = False


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """The platform shows `target` as deleted. `ref` is the deletion itself."""

    ref: MessageRef
    target: MessageRef
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Talked:
    """`sender` wrote something in a room's main timeline that may be meant as an answer to an open question.

    What they wrote is not in it, and is kept nowhere. Made by the screen, never by an adapter.
    """

    ref: MessageRef
    sender: UserRef


@dataclass(frozen=True, slots=True)
class Undecryptable:
    """A message whose key is not there yet; `payload` is the ciphertext event, kept until it can be read.

    Then the adapter's `readable` tells what it is.
    """

    ref: MessageRef
    sender: UserRef
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A person (never the bot) joined, left or changed their display name."""

    ref: MessageRef
    user: UserRef
    name: str | None
    is_in: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """Someone asks the bot in. `ref` is unique to this invitation."""

    ref: MessageRef
    inviter: UserRef
    is_direct: bool
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class BotJoined:
    """The bot is in.

    `members` are the people in the space, the bot not among them; nothing before this point is ever acted on.
    `guest` is whom the bot made this private chat for, there or not.
    `predecessor` is the room that this one says it goes on from; anyone can make a room that says so.
    """

    ref: MessageRef
    members: tuple[tuple[UserRef, str | None], ...]
    name: str = ""
    is_private: bool = False
    inviter: UserRef | None = None
    guest: UserRef | None = None
    predecessor: SpaceRef | None = None


@dataclass(frozen=True, slots=True)
class BotLeft:
    """The bot was removed, banned, or left."""

    ref: MessageRef


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """What people may do in the room changed, or the room goes on elsewhere: time to ask the chat for `access`.

    `by` did it. None: something of ours was refused there (made by the outbox, at most one a room and day).
    """

    ref: MessageRef
    by: UserRef | None = None


Incoming = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
    | Talked
    | Undecryptable
    | MemberChanged
    | Invited
    | BotJoined
    | BotLeft
    | RoomChanged
)


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer of the homeserver, gaps filled, in order per space. Its `cursor` is stored in the same transaction.

    `keys_came`: what was undecryptable may be readable now.
    """

    cursor: str
    incoming: tuple[Incoming, ...]
    keys_came: bool = False
