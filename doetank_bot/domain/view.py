"""Read models: snapshots that commands and flows decide on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.effect import About
from doetank_bot.domain.group import Group, Language, Meeting, Member, Person, Region
from doetank_bot.domain.reference import MessageRef, Place, PostId, Thread, UserRef

if TYPE_CHECKING:
    from doetank_bot.domain.calendar import Calendar
    from doetank_bot.domain.flow import FlowState
    from doetank_bot.domain.pack import Pack
    from doetank_bot.domain.school import School


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator configured and the packs say; the same for every message of a run.

    `school` are the school holidays by region, `region` the one of groups that chose none (None: they do not count).
    """

    me: UserRef
    prefix: str
    language: Language
    timezone: str
    packs: Mapping[str, "Pack"]
    calendar: "Calendar"
    moderators: frozenset[str] = frozenset()
    region: Region | None = None
    school: "School" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Post:
    """A message of the bot that another one is tied to; `root` is that of the thread it stands in.

    `number` is the card that the question in it is about.
    """

    id: PostId
    about: About
    message: MessageRef | None = None
    root: MessageRef | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when something was said, by whom, and how the group stands.

    `group` is None in a private chat with someone who is in none or in several groups (`n_groups` tells); `sender` is
    None when that person is no member. `place` is where an answer goes. `is_moderator` is None when nobody asked the
    homeserver. `next_number` is the number of the group's next contribution. `person` is the sender in private.
    """

    now: datetime
    place: Place
    language: Language
    is_private: bool = False
    group: Group | None = None
    sender: Member | None = None
    cycle: Cycle | None = None
    next_number: int = 1
    source: MessageRef | None = None
    reply_to: MessageRef | None = None
    is_moderator: bool | None = None
    n_groups: int = 0
    person: Person | None = None

    @property
    def lane(self) -> Place:
        """Where a follow-up goes: the thread it was said in, a new one under it, or simply the private chat."""
        if self.is_private or isinstance(self.place, Thread) or self.source is None:
            return self.place
        return Thread(self.source)


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A flow that waits for this member at this place."""

    state: "FlowState"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A message as the chat shows it now: cleaned, personal data masked. Deleted ones have no snapshot."""

    author: UserRef
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a digest is made from: everything the group may see of this cycle.

    Of `contributions` only what may stand in it: what came or changed since the digest before, and the cycle's cards
    (questions, experiments, stories, barriers, asks, offers, decisions, lessons; the last hundred of each) with their
    parts, whenever they were given. `since` is the instant of the digest before (None: the first). `has_action`: the
    group has a plan or a check-in. `told` holds the numbers of stories that stood in an earlier digest; `meetings` are
    the group's, `days_off` those ahead by their name in the texts. `was_quiet`: the digest before had none of the
    group's words; `readers` are who got a draft of the coming one. `n_sealed` messages since cannot be read yet.
    """

    contributions: tuple[Contribution, ...]
    members: tuple[Member, ...]
    n_digests: int = 0
    since: datetime | None = None
    next_steps: tuple[tuple[str, date], ...] = field(default_factory=tuple)
    has_action: bool = False
    told: frozenset[int] = frozenset()
    meetings: tuple[Meeting, ...] = ()
    days_off: tuple[tuple[date, str], ...] = ()
    was_quiet: bool = False
    readers: frozenset[UserRef] = frozenset()
    n_sealed: int = 0


@dataclass(frozen=True, slots=True)
class Privacy:
    """Who may see what is said in a room."""

    is_encrypted: bool
    is_public: bool = False
    is_world_readable: bool = False


@dataclass(frozen=True, slots=True)
class Encryption:
    """Whether a room is encrypted, and whether the account vouches for our device: else others may leave it out."""

    is_on: bool
    is_trusted: bool = True


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many messages wait for the key to read them, and since which UTC instant the oldest does."""

    n: int = 0
    since: datetime | None = None
