"""What the core asks of the store about one group: a door through which no other group's rows come."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, NewContribution, Status
from doetank_bot.domain.cycle import Before, Cycle
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Member
from doetank_bot.domain.reference import (
    ConversationId,
    CycleId,
    MemberId,
    MessageRef,
    Place,
    UserRef,
)
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Material, Sealed
from doetank_bot.ports.rows import (
    AskedPrompt,
    Cards,
    QuotingPost,
    Standing,
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
