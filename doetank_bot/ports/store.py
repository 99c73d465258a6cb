"""What the core asks of the store: consistent looks at it, and transactions that happen whole or not at all."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Language, Person
from doetank_bot.domain.reference import (
    ConversationId,
    GroupId,
    MessageRef,
    Place,
    PostId,
    SpaceRef,
    UserRef,
)
from doetank_bot.domain.view import Post
from doetank_bot.ports.group import GroupViews, GroupWork
from doetank_bot.ports.incoming import Incoming, Undecryptable
from doetank_bot.ports.rows import (
    DuePost,
    InboxRow,
    Known,
    NewPost,
    PostState,
    Queued,
    SpaceInfo,
    TimerRow,
)


class Views(Protocol):
    """A consistent, read-only look at the store."""

    def group(self, group: GroupId) -> GroupViews:
        """Return everything of one group."""

    async def groups(self) -> tuple[Group, ...]:
        """Return every group, for the operator."""

    async def group_in(self, space: SpaceRef) -> GroupId | None:
        """Return the group whose room this is."""

    async def groups_of(self, user: UserRef) -> tuple[GroupId, ...]:
        """Return the groups in which the person is an active member."""

    async def space(self, space: SpaceRef) -> SpaceInfo | None:
        """Return what is known of a space."""

    async def person(self, user: UserRef) -> Person:
        """Return how someone wants to be spoken to in private; all None for who never said."""

    async def next_question(self, user: UserRef) -> Queued | None:
        """Return what may be asked in private now: the oldest flow that waits, when none is open there."""

    async def private_space(self, user: UserRef) -> SpaceRef | None:
        """Return the private chat with the person that the bot is in."""

    async def group_of_source(self, message: MessageRef) -> GroupId | None:
        """Return the group for which a contribution was kept from this message, wherever it was said."""

    async def edited_by(self, edit: MessageRef) -> MessageRef | None:
        """Return the message that was edited by this one; None when it is no edit that we took in."""

    async def post_at(self, message: MessageRef) -> Post | None:
        """Return our post that this message is."""

    async def last_prompt_under(self, root: MessageRef) -> Post | None:
        """Return the newest prompt in the thread under this message; its `number` is the card that the root quotes."""

    async def flow(self, place: Place, user: UserRef) -> FlowState | None:
        """Return the flow that waits there for the person."""

    async def group_asking(self, place: Place, user: UserRef) -> GroupId | None:
        """Return the group whose flow waits there for the person."""

    async def cursor(self) -> str | None:
        """Return how far the chat was read."""

    async def undecryptable(self) -> tuple[Undecryptable, ...]:
        """Return the messages whose key is not there yet, in order."""

    async def waiting_inbox(self) -> tuple[InboxRow, ...]:
        """Return unhandled rows, in order."""

    async def waiting_posts(self) -> tuple[DuePost, ...]:
        """Return all waiting outbox rows, oldest first, due or not."""

    async def message_of(self, post: PostId) -> MessageRef | None:
        """Return the message a post became, or None when it is not (or never) sent."""

    async def due_timers(self, now: datetime) -> tuple[TimerRow, ...]:
        """Return the timers that are due, oldest first."""

    async def known(self, refs: Iterable[MessageRef], spaces: Iterable[SpaceRef]) -> Known:
        """Return what the screen must know of these messages and spaces; not who is `unhinted`."""

    async def unhinted(
        self, talkers: Collection[tuple[SpaceRef, UserRef]], since: datetime
    ) -> frozenset[tuple[SpaceRef, UserRef]]:
        """Return who of these never got the hint, in a running cycle with a question posted since that UTC instant."""


class Work(Views, Protocol):
    """One write transaction: all of it happens or none. Only one is open at a time."""

    def group(self, group: GroupId) -> GroupWork:
        """Return everything of one group, to change."""

    async def take(self, batch: Sequence[Incoming], cursor: str | None, now: datetime) -> tuple[InboxRow, ...]:
        """Store screened events not seen before, and the cursor; return the new rows to handle, in order."""

    async def echo(self, key: str, message: MessageRef, now: datetime) -> None:
        """Our own message came back: the post with this key is sent."""

    async def unseal(self, messages: Sequence[MessageRef]) -> None:
        """Let go of the ciphertext of messages that can be read now, or turned out to be nothing."""

    async def handled(self, inbox_id: int) -> None:
        """Mark a row done and blank its payload."""

    async def put_off(self, inbox_id: int, *, is_poison: bool) -> None:
        """Count a failed try; poison is set aside and not tried again."""

    async def create_group(self, space: SpaceRef, name: str, language: Language, timezone: str) -> GroupId:
        """Begin a group in a space; where one was, it goes on."""

    async def set_private(self, space: SpaceRef, user: UserRef) -> None:
        """Remember that `space` is the private chat with `user`."""

    async def store_person(self, person: Person) -> None:
        """Keep how someone wants to be spoken to in private, and about which group."""

    async def unqueue(self, queued: Queued) -> None:
        """Take a flow out of the queue: its turn has come."""

    async def forget_private(self, space: SpaceRef) -> None:
        """`space` is nobody's private chat any more; what waits for it waits for a new one."""

    async def leave_space(self, space: SpaceRef) -> None:
        """The bot is no longer there: what was to be said there is denied.

        Digests, edits and deletions wait.
        """

    async def move_group(self, group: GroupId, space: SpaceRef) -> None:
        """The group goes on in `space`; the flows in the room that it leaves end."""

    async def conversation(self, place: Place) -> ConversationId:
        """Return our key for the place, made on first use."""

    async def post(self, post: NewPost, now: datetime) -> DuePost:
        """Add an outbox row with a fresh transaction id; return it as the outbox will try it."""

    async def removed(self, message: MessageRef) -> None:
        """A message of ours was deleted by someone else."""

    async def cancel(self, post: PostId) -> None:
        """Take back a row that was never tried."""

    async def tried(self, post: PostId, *, now: datetime, next_try_at: datetime | None) -> None:
        """Count a try that did not settle the post."""

    async def settle(self, post: PostId, state: PostState, native: str, now: datetime, reason: str = "") -> None:
        """Write the final state, blank the payload."""

    async def fired(self, timer: int, now: datetime) -> None:
        """Mark a timer handled."""

    async def plan_again(self, post: PostId, due_at: datetime | None = None) -> bool:
        """Let the step that led to this waiting message wait again, until `due_at` or for the time it was due.

        False when no step did, or a part may be out.
        """

    async def postpone(self, timer: int, due_at: datetime) -> None:
        """Move a timer that may not go out yet; what it was planned for stays."""


class UnitOfWork(Protocol):
    """The door to the store."""

    def read(self) -> AbstractAsyncContextManager[Views]:
        """Give a look at the store as it is at the first question. Raises StoreUnavailable, Damaged."""

    def write(self) -> AbstractAsyncContextManager[Work]:
        """Commit at the end of the block, roll back when it raises. Raises StoreUnavailable, Damaged."""
