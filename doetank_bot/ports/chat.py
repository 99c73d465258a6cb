"""What the core asks of a chat platform.

Expected outcomes are values; `Unreachable` alone is raised, where an answer is needed to go on.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from doetank_bot.domain.document import Document
from doetank_bot.domain.group import Access, Language
from doetank_bot.domain.reference import (
    MessageRef,
    SpaceRef,
    UserRef,
)
from doetank_bot.domain.view import Encryption, Privacy, Snapshot
from doetank_bot.ports.incoming import Batch, Incoming, MessageEdited, MessageReceived, Undecryptable

Payload = Mapping[str, Any]
"""What the adapter will send, as JSON: frozen when it is rendered, sent as it is at every try."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message of a document that was split by size: its part of the tree and what will be sent."""

    document: Document
    payload: Payload


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of `width` by `height` pixels, the file name it goes by, and what it shows, in words."""

    png: bytes
    width: int
    height: int
    name: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is posted; `root` is the thread it belongs to."""

    is_notice: bool = True
    mentions: tuple[UserRef, ...] = ()
    reply_to: MessageRef | None = None
    root: MessageRef | None = None
    language: Language = "nl"


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there, once. `native` is the id the platform gave (empty where there is none)."""

    native: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: try the same key again. `after` is how long the platform asked to wait, if it did."""

    after: timedelta | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may or may not be there (an answer lost after the request went out). The same key may be tried again.

    `is_fault`: the platform did answer, with a fault of its own.
    """

    reason: str = ""
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Denied:
    """The platform does not let us there (not in the room, muted, forbidden)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will never be accepted as it is."""

    reason: str = ""


Result = Sent | Deferred | Ambiguous | Denied | Rejected


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do."""

    max_bytes: int
    has_threads: bool
    has_reactions: bool
    has_pictures: bool


class ChatPort(Protocol):
    """A chat platform. `key` is our idempotency key: stored before the first try, the same at every try."""

    @property
    def me(self) -> UserRef:
        """Return the bot's own user."""

    @property
    def is_away(self) -> bool:
        """Whether the platform did not answer when it was last asked what is new."""

    def capabilities(self) -> Capabilities:
        """Return what this platform can do."""

    def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what happens after `cursor` (None: from now on), for ever, backing off by itself. Raises AuthLost.

        The first comes at once, empty or not: the platform is there. The next batch is asked for only after the one
        before was taken up.
        """

    def render(self, document: Document, style: Style) -> Sequence[Rendered]:
        """Return the messages a document makes, in order. Pure: members' words come out literal."""

    def picture(self, picture: Picture, style: Style) -> Payload:
        """Return the message that shows a picture, its alternative as its text. Pure; sent as others are, never edited.

        Raises ValueError where the platform has no pictures.
        """

    def echo(self, space: SpaceRef, payload: Payload) -> MessageReceived:
        """Return how our own message with this payload comes back: its words and what it answers. Pure.

        Its id, instant and key mean nothing.
        """

    def readable(self, sealed: Undecryptable) -> Incoming | None:
        """Return what it turns out to be with the keys that came since: None when it is nothing to us.

        It comes back as it is while there is no key.
        """

    def retold(self, sealed: Undecryptable, edit: MessageEdited) -> MessageReceived | None:
        """Return the message as an edit tells it now; None when that is not its author's. Pure."""

    def link(self, message: MessageRef) -> str:
        """Return an address that opens the message. Pure."""

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        """Post a rendered message."""

    async def edit(self, message: MessageRef, payload: Payload, key: str) -> Result:
        """Make a message of our own read as `payload`, rendered as for `send`; `Sent.native` is the edit's id."""

    async def delete(self, message: MessageRef, key: str) -> Result:
        """Remove a message of the bot's own."""

    async def react(self, message: MessageRef, sign: str, key: str) -> Result:
        """Put a sign on a message."""

    async def join(self, space: SpaceRef) -> Result:
        """Accept an invitation. Joining twice is joining once."""

    async def leave(self, space: SpaceRef) -> Result:
        """Decline an invitation, or leave."""

    async def private(self, user: UserRef, key: str) -> Result:
        """Open a private chat with `user` and invite them; `Sent.native` is the space.

        The same key gives the same space.
        """

    async def find(self, space: SpaceRef, key: str, since: datetime) -> str | None:
        """Return the id of our own message that went out with `key` not before `since`, or None. Raises Unreachable."""

    async def may_moderate(self, user: UserRef, space: SpaceRef) -> bool:
        """Return whether the homeserver says, now, that `user` has moderator power there (>= 50).

        Unknown is no. Raises Unreachable.
        """

    async def access(self, space: SpaceRef) -> Access | None:
        """Return what the bot may do there, as the platform says now; None when it is not in there.

        A successor counts only when who named it moderated the room at that moment. Raises Unreachable.
        """

    async def encryption(self, space: SpaceRef) -> Encryption | None:
        """Return how encryption stands there, without asking for what is known; None where it tells nothing of it.

        Raises Unreachable.
        """

    async def privacy(self, space: SpaceRef) -> Privacy | None:
        """Return who may see what is said there, as the platform says now; None where it tells nothing of it.

        Raises Unreachable.
        """

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        """Return a message as it is shown now, UNMASKED, or None when it is deleted, unreadable or no text.

        Raises Unreachable.
        """

    async def close(self) -> None:
        """Let go of connections."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the current UTC instant."""
