"""What the core asks of the store: consistent looks at it, and transactions that happen whole or not at all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, NewContribution, Status
from doetank_bot.domain.cycle import Before, Cycle
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Language, Member, Person
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
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Material, Post, Sealed
from doetank_bot.ports.incoming import Incoming, Undecryptable
from doetank_bot.ports.rows import (
    AskedPrompt,
    Cards,
    DuePost,
    InboxRow,
    Known,
    NewPost,
    PostState,
    Queued,
    QuotingPost,
    SpaceInfo,
    Standing,
    TimerRow,
)


class GroupViews(Protocol):
    """Everything of one group; the only way to its rows."""

    async def group(self) -> Group:
        """Return the group itself."""

    async def standing(self, user: UserRef | None) -> Standing:
        """Return all that most messages of `user` are decided on, in one question."""

    async def member(self, user: UserRef) -> Member | None:
        """Return the person as a member, also one who left."""

    async def members(self) -> tuple[Member, ...]:
        """Return active members, in order of joining."""

    async def cycle(self) -> Cycle | None:
        """Return the running or paused cycle."""

    async def cycles(self) -> tuple[Cycle, ...]:
        """Return all cycles, oldest first."""

    async def next_number(self) -> int:
        """Return the number that the next contribution gets."""

    async def contributions(self, cycle: CycleId | None = None) -> tuple[Contribution, ...]:
        """Return all (or the cycle's), by number, withdrawn ones included (their text is empty)."""

    async def contribution(self, source: MessageRef) -> Contribution | None:
        """Return the one that was made from this message."""

    async def material(self, cycle: CycleId) -> Material:
        """Return what a digest of the cycle is made from."""

    async def fired(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps that have been handled, in order."""

    async def waiting(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the cycle's steps to come, in order."""

    async def prompts_asked(self, cycle: CycleId) -> tuple[str, ...]:
        """Return the ids of prompts that were posted, in order."""

    async def posts_quoting(self, number: int) -> tuple[QuotingPost, ...]:
        """Return the messages that quote a contribution, waiting or sent, deleted ones not."""

    async def digests(self, cycle: CycleId) -> tuple[QuotingPost, ...]:
        """Return the digests posted to the group (each part), in order, waiting ones included."""

    async def words(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Return (text, name to show) of those contributions that are not withdrawn."""

    async def kept(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        """Return these contributions, by number, withdrawn ones not."""

    async def numbered(self, number: int) -> Contribution | None:
        """Return contribution `number`; None when there is none, or its words are withdrawn."""

    async def parts_of(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        """Return what is part of these cards, by number, withdrawn ones not."""

    async def cards(self, kinds: Collection[ContributionKind], viewer: MemberId, limit: int) -> Cards:
        """Return the newest `limit` cards of these kinds that `viewer` may see, and how many there are in all."""

    async def stories(self, limit: int) -> Cards:
        """Return the newest stories, whoever may see them, drafts included; and how many there are in all."""

    async def given_by(self, member: MemberId, limit: int) -> Cards:
        """Return the newest contributions of a member, private ones and follow-ups included, and how many there are."""

    async def search(self, words: Sequence[str], viewer: MemberId, limit: int) -> Cards:
        """Return the newest contributions with all these words (or words that begin so) that `viewer` may see.

        `n_all` counts no further than a thousand.
        """

    async def n_given(self, cycle: CycleId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how much the whole group gave from each UTC instant until the next (the last one: until now)."""

    async def prompts_posted(self, cycle: CycleId, limit: int) -> tuple[AskedPrompt, ...]:
        """Return the last prompts that were posted to the room, newest first."""

    async def gave_since(self, instant: datetime) -> frozenset[MemberId]:
        """Return who gave anything at or after that UTC instant, or wrote what cannot be read yet."""

    async def sealed(self, since: datetime | None) -> Sealed:
        """Return what waits for its key, in the room or in private, and came since that UTC instant (None: ever)."""

    async def reminders(self, cycle: CycleId) -> tuple[Occurrence, ...]:
        """Return the reminders (`SetTimer`) that wait, in order."""

    async def flows_of(self, member: MemberId) -> tuple[tuple[Place, FlowState], ...]:
        """Return what is being asked of a member, with where: not what waits for its turn."""

    async def member_by_id(self, member: MemberId) -> Member | None:
        """Return the member with that id, also one who left, or the sponsor."""

    async def last_act(self) -> Before | None:
        """Return how things stood before the last moderator's act."""

    async def asked_anything_since(self, instant: datetime) -> bool:
        """Whether a prompt or digest was posted to the group at or after that UTC instant."""


class GroupWork(GroupViews, Protocol):
    """The same inside a write transaction, with what may be changed."""

    async def record(self, contribution: NewContribution, now: datetime) -> None:
        """Keep a contribution."""

    async def rewrite(self, number: int, text: str, now: datetime) -> None:
        """Replace a contribution's text."""

    async def forget(self, number: int, now: datetime) -> None:
        """Withdraw a contribution: its text leaves the store."""

    async def store_cycle(self, cycle: Cycle, schedule: Sequence[Occurrence]) -> CycleId:
        """Store a new cycle (id 0) or the changed one, with its whole remaining schedule."""

    async def open_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None:
        """Keep a flow's state, in place of an older one there with this member."""

    async def close_flow(self, conversation: ConversationId, member: MemberId) -> None:
        """End the flow there with this member, if there is one."""

    async def close_flows_about(self, number: int) -> None:
        """End the flows that have nothing left to ask once this contribution is gone."""

    async def store_group(self, group: Group) -> None:
        """Keep the group's language, zone, name and settings."""

    async def store_member(self, member: Member) -> None:
        """Keep what a member wants to be asked and sent: attendance, absence, copy of the digest."""

    async def know_sponsor(self, user: UserRef, name: str) -> Member:
        """Keep someone who is no member as the group's sponsor; a member stays one."""

    async def reclassify(
        self,
        number: int,
        audience: Audience | None,
        status: Status | None,
        shown_as: str | None,
        shared_at: datetime | None = None,
    ) -> None:
        """Change who may see a contribution, since when, its status, or the name shown; None leaves that as it is."""

    async def queue_flow(self, conversation: ConversationId, member: MemberId, state: FlowState) -> None:
        """Keep a flow that waits for its turn behind others in this private chat."""

    async def set_timer(self, cycle: CycleId, reminder: Occurrence) -> None:
        """Set a reminder, in the place of a waiting one with its key."""

    async def clear_timer(self, cycle: CycleId, key: str) -> None:
        """Take back the waiting reminder with that key, if there is one."""

    async def remember(self, before: Before) -> None:
        """Keep how things stood before the last moderator's act, in the place of the one before."""

    async def forget_act(self) -> None:
        """There is nothing to undo any more."""

    async def set_member(self, user: UserRef, name: str, *, is_in: bool, now: datetime | None = None) -> Member:
        """Write down that someone is in (from `now` on) or has left, and their name unless it is empty."""


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
