"""What the store keeps of the way in, the way out and the schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import About
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Language, Member
from doetank_bot.domain.reference import (
    ConversationId,
    CycleId,
    GroupId,
    MessageRef,
    PostId,
    SpaceRef,
    UserRef,
)
from doetank_bot.domain.schedule import Late, Occurrence
from doetank_bot.ports.chat import Payload, Style
from doetank_bot.ports.incoming import Incoming


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
    DEAD = "dead"
    """The platform failed on it again and again, and on nothing else."""


UNSENT = (PostState.DENIED, PostState.REJECTED, PostState.DEAD)
"""What was to be sent and never will be."""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A row for the outbox. `user` is set (and `space` None) when it goes to a private chat that may not be open yet.

    `document` is kept (emptied of members' words) when it quotes contributions `quotes`. `target` is the post that an
    edit or deletion is about (its message id is looked up when it is sent: it may not be there yet); `message` the
    message to react to. `sign` is the reaction. For JOIN and LEAVE only `space` is set.
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
    """A waiting outbox row, ready to try.

    `key` is its transaction id, `target` the post that an edit or deletion is about, `group` whose it is, if any's.
    `is_digest`: the group's own, and not somebody's copy.
    """

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
    group: GroupId | None = None
    is_digest: bool = False


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
    """What the screen must know of a batch's messages.

    Those that are `ours`, those under which a flow waits and for whom, and the `sources` that something kept came from.
    `unhinted` are members, each with a room in which a question is open, who were never shown where answers go.
    """

    ours: frozenset[MessageRef] = frozenset()
    sources: frozenset[MessageRef] = frozenset()
    private: frozenset[SpaceRef] = frozenset()
    flows: frozenset[tuple[MessageRef, UserRef]] = frozenset()
    languages: Mapping[SpaceRef, Language] = field(default_factory=dict)
    unhinted: frozenset[tuple[SpaceRef, UserRef]] = frozenset()


@dataclass(frozen=True, slots=True)
class Cards:
    """The newest of what was asked for, and how many there are in all."""

    shown: tuple[Contribution, ...] = ()
    n_all: int = 0


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A prompt that was posted to the room: its post, when it was laid out (UTC), and its message once it is there."""

    post: PostId
    prompt: str
    at: datetime
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A flow that waits for its turn in a private chat."""

    id: int
    group: GroupId
    member: Member
    state: FlowState


@dataclass(frozen=True, slots=True)
class Standing:
    """A group, one of its people, the running or paused cycle, and the number of the next contribution."""

    group: Group
    member: Member | None
    cycle: Cycle | None
    next_number: int


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """What is known of a space: its group, or whose private chat it is."""

    space: SpaceRef
    group: GroupId | None
    private_with: UserRef | None
