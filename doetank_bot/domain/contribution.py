"""A contribution: one message of one member, its text verbatim. Cards are composed from these, never copied."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doetank_bot.domain.reference import CycleId, MemberId, MessageRef, PostId


class ContributionKind(StrEnum):
    """What a member gave (design.md section 2)."""

    ANSWER = "answer"
    PLAN = "plan"
    OBSERVATION = "observation"
    STORY = "story"
    EXPERIMENT = "experiment"
    REFLECTION = "reflection"
    REVIEW = "review"
    LESSON = "lesson"
    BARRIER = "barrier"
    ASK = "ask"
    OFFER = "offer"
    DECISION = "decision"
    CHANGE_STORY = "change_story"
    QUESTION = "question"
    CHECKIN = "checkin"


class Audience(StrEnum):
    """Who may see it; wider includes narrower."""

    PRIVATE = "private"
    GROUP = "group"
    SPONSOR = "sponsor"
    PUBLIC = "public"


class Status(StrEnum):
    """A draft waits for its teller's check; a withdrawn one has lost its text for good."""

    DRAFT = "draft"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewContribution:
    """What is to be recorded; `number` is the next of the group's one series.

    `shown_as` is what stands in the place of the author's name: a role, when someone gave it for a person who is not
    in the chat; nothing at all (an empty text) for who wants to stay unnamed; None: the name.
    """

    number: int
    kind: ContributionKind
    text: str
    author: MemberId
    audience: Audience
    source: MessageRef
    cycle: CycleId | None = None
    status: Status = Status.ACTIVE
    part_of: int | None = None
    field: str | None = None
    prompted_by: PostId | None = None
    shown_as: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution(NewContribution):
    """A recorded contribution, with its author's name for display (`shown_as`, where it has that).

    All are UTC instants. `shared_at`: the group may see it since then, and not yet when it was given.
    """

    author_name: str = ""
    created_at: datetime | None = None
    edited_at: datetime | None = None
    shared_at: datetime | None = None

    @property
    def known_at(self) -> datetime | None:
        """The instant from which the group may see it."""
        return self.shared_at or self.created_at

    @property
    def is_for_group(self) -> bool:
        """Whether it may stand in the group's digest."""
        return self.status is Status.ACTIVE and self.audience is not Audience.PRIVATE
