"""What the core asks of the outside world: a chat, a store, a clock. Adapters in chat/ and store/ answer.

Expected outcomes are values, not exceptions; `Unreachable` alone is raised, where an answer is needed to go on.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from doetank_bot.domain.contribution import Contribution, NewContribution
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import About
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Language, Member
from doetank_bot.domain.reference import (
    ConversationId,
    CycleId,
    GroupId,
    MemberId,
    MessageRef,
    Place,
    PostId,
    SpaceRef,
    UserRef,
)
from doetank_bot.domain.schedule import Late, Occurrence
from doetank_bot.domain.view import Material, Post, Snapshot

# --- what comes in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Someone wrote. `text` is as sent, unmasked: it may not be stored or logged before the screen has seen it.

    `sent_at` is the platform's claim. `thread` is the thread's root, `reply_to` a deliberate reply (never the fallback that
    clients add in threads). `is_text` is False for pictures, voice, files. `is_bot` marks notices and other bots' messages.
    `key` is our own post's key when this is the echo of it. `found` (kinds of personal data that were masked) and `is_cut` (too long)
    are filled in by the screen, never by an adapter.
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
    """`editor` replaced the text of `target`; whether they were allowed to is for the core to check. `ref` is the edit itself."""

    ref: MessageRef
    target: MessageRef
    editor: UserRef
    text: str
    key: str | None = None
    found: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """The platform shows `target` as deleted. `ref` is the deletion itself."""

    ref: MessageRef
    target: MessageRef
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Undecryptable:
    """A message whose key is not there yet; `payload` is the ciphertext event, kept until it can be read."""

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
    """The bot is in. `members` are the people in the space, the bot not among them; nothing before this point is ever acted on."""

    ref: MessageRef
    members: tuple[tuple[UserRef, str | None], ...]
    name: str = ""
    is_private: bool = False
    inviter: UserRef | None = None


@dataclass(frozen=True, slots=True)
class BotLeft:
    """The bot was removed, banned, or left."""

    ref: MessageRef


Incoming = (
    MessageReceived | MessageEdited | MessageDeleted | Undecryptable | MemberChanged | Invited | BotJoined | BotLeft
)


@dataclass(frozen=True, slots=True)
class Batch:
    """One answer of the homeserver, gaps already filled, in order per space; `cursor` is stored with it in one transaction."""

    cursor: str
    incoming: tuple[Incoming, ...]


# --- what goes out -------------------------------------------------------------------------------------------------

Payload = Mapping[str, Any]
"""What the adapter will send, as JSON: frozen when it is rendered, sent as it is at every try."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message of a document that was split by size: its part of the tree and what will be sent."""

    document: Document
    payload: Payload


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
    """It may or may not be there (an answer lost after the request went out). The same key may be tried again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """The platform does not let us there (not in the room, muted, forbidden)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will never be accepted as it is."""

    reason: str = ""


Result = Sent | Deferred | Ambiguous | Denied | Rejected


class AuthLost(Exception):
    """The homeserver no longer accepts our login: stop everything, lose nothing."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do."""

    max_bytes: int
    has_threads: bool
    has_reactions: bool


class ChatPort(Protocol):
    """A chat platform. `key` is our idempotency key: stored before the first try, the same at every try."""

    @property
    def me(self) -> UserRef:
        """Return the bot's own user."""

    def capabilities(self) -> Capabilities:
        """Return what this platform can do."""

    def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what happens after `cursor` (None: from now on), for ever, backing off by itself. Raises AuthLost.

        The first comes at once, empty or not: the platform is there. The next batch is asked for only after the one before
        was taken up.
        """

    def render(self, document: Document, style: Style) -> Sequence[Rendered]:
        """Return the messages a document makes, in order. Pure: members' words come out literal."""

    def link(self, message: MessageRef) -> str:
        """Return an address that opens the message. Pure."""

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        """Post a rendered message."""

    async def edit(self, message: MessageRef, payload: Payload, key: str) -> Result:
        """Make a message of the bot's own read as `payload` (rendered as for `send`), marked as edited; `Sent.native` is the edit's id."""

    async def delete(self, message: MessageRef, key: str) -> Result:
        """Remove a message of the bot's own."""

    async def react(self, message: MessageRef, sign: str, key: str) -> Result:
        """Put a sign on a message."""

    async def join(self, space: SpaceRef) -> Result:
        """Accept an invitation. Joining twice is joining once."""

    async def leave(self, space: SpaceRef) -> Result:
        """Decline an invitation, or leave."""

    async def private(self, user: UserRef, key: str) -> Result:
        """Open a private chat with `user` and invite them; `Sent.native` is the space. The same key gives the same space."""

    async def find(self, space: SpaceRef, key: str, since: datetime) -> str | None:
        """Return the id of our own message that went out with `key` not before `since`, or None. Raises Unreachable."""

    async def may_moderate(self, user: UserRef, space: SpaceRef) -> bool:
        """Return whether the homeserver says, now, that `user` has moderator power there (>= 50). Unknown is no. Raises Unreachable."""

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        """Return a message as it is shown now, UNMASKED, or None when it is deleted, unreadable or no text. Raises Unreachable."""

    async def close(self) -> None:
        """Let go of connections."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the current UTC instant."""


# --- what is kept ----------------------------------------------------------------------------------------------------


class Act(StrEnum):
    """What one outbox row does."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    JOIN = "join"
    LEAVE = "leave"


class PostState(StrEnum):
    """`waiting` rows are tried; the others are final and visible to `check` and the coach."""

    WAITING = "waiting"
    SENT = "sent"
    DENIED = "denied"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewPost:
    """A row for the outbox. `user` is set (and `space` None) when it goes to a private chat that may not be open yet.

    `document` is kept (emptied of members' words) when it quotes contributions `quotes`. `target` is the post that an edit or
    deletion is about (its message id is looked up when it is sent: it may not be there yet); `message` the message to react to.
    `sign` is the reaction. For JOIN and LEAVE only `space` is set.
    """

    act: Act
    conversation: ConversationId | None
    space: SpaceRef | None
    user: UserRef | None = None
    group: GroupId | None = None
    payload: Payload | None = None
    document: Document | None = None
    style: Style | None = None
    quotes: tuple[int, ...] = ()
    about: About | None = None
    target: PostId | None = None
    message: MessageRef | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class DuePost:
    """A waiting outbox row, ready to try. `key` is its transaction id, `target` the post that an edit or deletion is about."""

    id: PostId
    key: str
    act: Act
    space: SpaceRef | None
    user: UserRef | None
    payload: Payload | None
    message: MessageRef | None
    sign: str
    attempts: int
    created_at: datetime
    target: PostId | None = None


@dataclass(frozen=True, slots=True)
class QuotingPost:
    """A post that quotes a contribution (waiting or sent)."""

    id: PostId
    group: GroupId
    key: str
    state: PostState
    attempts: int
    space: SpaceRef | None
    user: UserRef | None
    conversation: ConversationId | None
    message: MessageRef | None
    about: About
    document: Document
    style: Style
    edits: tuple[PostId, ...]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One screened event that waits to be handled. `group` is None for private chats and spaces without a group."""

    id: int
    space: SpaceRef
    incoming: Incoming
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A due timer of a group: the cycle's step `key`, meant for `planned_at` (UTC)."""

    id: int
    group: GroupId
    cycle: CycleId
    key: str
    due_at: datetime
    late: Late
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Known:
    """What the screen must know of a batch's messages: those that are ours or hold a flow, and those that something kept came from."""

    ours: frozenset[MessageRef] = frozenset()
    sources: frozenset[MessageRef] = frozenset()
    private: frozenset[SpaceRef] = frozenset()
    flows: frozenset[MessageRef] = frozenset()
    languages: Mapping[SpaceRef, Language] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """What is known of a space: its group, or whose private chat it is."""

    space: SpaceRef
    group: GroupId | None
    private_with: UserRef | None


class GroupViews(Protocol):
    """Everything of one group; the only way to its rows."""

    async def group(self) -> Group: ...
    async def member(self, user: UserRef) -> Member | None: ...
    async def members(self) -> tuple[Member, ...]:
        """Return active members, in order of joining."""

    async def cycle(self) -> Cycle | None:
        """Return the running or paused cycle."""

    async def cycles(self) -> tuple[Cycle, ...]: ...
    async def next_number(self) -> int: ...
    async def contributions(self, cycle: CycleId | None = None) -> tuple[Contribution, ...]:
        """Return all (or the cycle's), by number, withdrawn ones included (their text is empty)."""

    async def contribution(self, source: MessageRef) -> Contribution | None:
        """Return the one that was made from this message."""

    async def material(self, cycle: CycleId) -> Material: ...
    async def fired(self, cycle: CycleId) -> frozenset[str]:
        """Return the keys of the cycle's steps that have been handled."""

    async def waiting(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps to come, in order."""

    async def prompts_asked(self, cycle: CycleId) -> tuple[str, ...]:
        """Return the ids of prompts that were posted, in order."""

    async def posts_quoting(self, number: int) -> tuple[QuotingPost, ...]: ...
    async def digests(self, cycle: CycleId) -> tuple[QuotingPost, ...]:
        """Return the digests posted to the group (each part), in order, waiting ones included."""

    async def words(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Return (text, author's name) of those contributions that are not withdrawn."""


class GroupWork(GroupViews, Protocol):
    """The same inside a write transaction, with what may be changed."""

    async def record(self, contribution: NewContribution, now: datetime) -> None: ...
    async def rewrite(self, number: int, text: str, now: datetime) -> None: ...
    async def forget(self, number: int, now: datetime) -> None: ...
    async def store_cycle(self, cycle: Cycle, schedule: Sequence[Occurrence]) -> CycleId: ...
    async def open_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None: ...
    async def close_flow(self, conversation: ConversationId, member: MemberId) -> None: ...
    async def set_language(self, language: Language) -> None: ...
    async def set_member(self, user: UserRef, name: str, *, is_in: bool) -> Member: ...


class Views(Protocol):
    """A consistent, read-only look at the store."""

    def group(self, group: GroupId) -> GroupViews: ...
    async def groups(self) -> tuple[Group, ...]:
        """Return every group, for the operator."""

    async def group_in(self, space: SpaceRef) -> GroupId | None: ...
    async def groups_of(self, user: UserRef) -> tuple[GroupId, ...]:
        """Return the groups in which the person is an active member."""

    async def space(self, space: SpaceRef) -> SpaceInfo | None: ...
    async def group_of_source(self, message: MessageRef) -> GroupId | None:
        """Return the group for which a contribution was kept from this message, wherever it was said."""

    async def post_at(self, message: MessageRef) -> Post | None: ...
    async def flow(self, place: Place, user: UserRef) -> FlowState | None: ...
    async def cursor(self) -> str | None: ...
    async def waiting_inbox(self) -> tuple[InboxRow, ...]:
        """Return unhandled rows, in order."""

    async def waiting_posts(self) -> tuple[DuePost, ...]:
        """Return all waiting outbox rows, oldest first, due or not."""

    async def message_of(self, post: PostId) -> MessageRef | None:
        """Return the message a post became, or None when it is not (or never) sent."""

    async def due_timers(self, now: datetime) -> tuple[TimerRow, ...]: ...
    async def known(self, refs: Iterable[MessageRef], spaces: Iterable[SpaceRef]) -> Known: ...


class Work(Views, Protocol):
    """One write transaction: all of it happens or none. Only one is open at a time."""

    def group(self, group: GroupId) -> GroupWork: ...

    async def take(self, batch: Sequence[Incoming], cursor: str | None, now: datetime) -> tuple[InboxRow, ...]:
        """Store screened events not seen before and the cursor; return the new rows that wait to be handled, in order."""

    async def echo(self, key: str, message: MessageRef, now: datetime) -> None:
        """Our own message came back: the post with this key is sent."""

    async def handled(self, inbox_id: int) -> None:
        """Mark a row done and blank its payload."""

    async def put_off(self, inbox_id: int, *, is_poison: bool) -> None:
        """Count a failed try; poison is set aside and not tried again."""

    async def create_group(self, space: SpaceRef, name: str, language: Language, timezone: str) -> GroupId: ...
    async def set_private(self, space: SpaceRef, user: UserRef) -> None:
        """Remember that `space` is the private chat with `user`."""

    async def private_space(self, user: UserRef) -> SpaceRef | None: ...
    async def leave_space(self, space: SpaceRef) -> None: ...
    async def conversation(self, place: Place) -> ConversationId:
        """Return our key for the place, made on first use."""

    async def post(self, post: NewPost, now: datetime) -> DuePost:
        """Add an outbox row with a fresh transaction id; return it as the outbox will try it."""

    async def cancel(self, post: PostId) -> None: ...
    async def tried(self, post: PostId, *, now: datetime, next_try_at: datetime | None) -> None:
        """Count a try that did not settle the post."""

    async def settle(self, post: PostId, state: PostState, native: str, now: datetime, reason: str = "") -> None:
        """Write the final state, blank the payload."""

    async def fired(self, timer: int, now: datetime) -> None:
        """Mark a timer handled."""

    async def postpone(self, timer: int, due_at: datetime) -> None:
        """Move a timer that may not go out yet; what it was planned for stays."""


class UnitOfWork(Protocol):
    """The door to the store."""

    def read(self) -> AbstractAsyncContextManager[Views]: ...
    def write(self) -> AbstractAsyncContextManager[Work]:
        """Commit at the end of the block, roll back when it raises."""

