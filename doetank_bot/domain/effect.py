"""What a decision wants done: changes to what is kept, and effects in the chat.

Data only; the interpreter does it, in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from doetank_bot.domain.contribution import Audience, NewContribution, Status
from doetank_bot.domain.document import Document, Mention, Quote
from doetank_bot.domain.reference import CycleId, MemberId, MessageRef, Place, UserRef
from doetank_bot.domain.room_effect import ForgetPrivate, Forsake, Found, Join, KnowPrivate, Leave, TryAgain

if TYPE_CHECKING:
    from doetank_bot.domain.cycle import Before, Cycle
    from doetank_bot.domain.digest.picture import CyclePicture
    from doetank_bot.domain.flow import FlowState
    from doetank_bot.domain.group import Group, Member, Person
    from doetank_bot.domain.schedule import Occurrence

Params = str | int | date | datetime | Mention | Quote
"""What a placeholder may hold: literal text, a number, a date, an instant (shown in the group's zone), a node."""


class Purpose(StrEnum):
    """Why something was posted: what a reply to it or a thread under it means."""

    ANSWER = "answer"
    PROMPT = "prompt"
    DIGEST = "digest"
    DRAFT = "draft"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class About:
    """What a post is about, so that answers to it and later changes find their way."""

    purpose: Purpose
    cycle: CycleId | None = None
    prompt: str | None = None
    digest: int | None = None


NOTICE = About(Purpose.NOTICE)
ANSWER = About(Purpose.ANSWER)


@dataclass(frozen=True, slots=True)
class Say:
    """Post the catalogue text `key`. Notices never ping; `mentions` are pinged and only allowed without `is_notice`."""

    to: Place
    key: str
    params: Mapping[str, Params] = field(default_factory=dict)
    reply_to: MessageRef | None = None
    mentions: tuple[UserRef, ...] = ()
    is_notice: bool = True
    about: About = NOTICE


@dataclass(frozen=True, slots=True)
class Show:
    """Post a document tree (a digest, a prompt, a list)."""

    to: Place
    document: Document
    reply_to: MessageRef | None = None
    mentions: tuple[UserRef, ...] = ()
    is_notice: bool = True
    about: About = NOTICE


@dataclass(frozen=True, slots=True)
class ShowPicture:
    """Post the picture of the cycle so far, with its text alternative; where a chat has no pictures, that text alone.

    `about` is a notice or an answer: a picture is never made again from its tree, as prompts and digests are.
    """

    to: Place
    picture: "CyclePicture"
    about: About = NOTICE

    def __post_init__(self) -> None:
        """Raise ValueError for a picture that would pass for a prompt or a digest."""
        if self.about.purpose not in {Purpose.NOTICE, Purpose.ANSWER}:
            raise ValueError(f"a picture is no {self.about.purpose}")


@dataclass(frozen=True, slots=True)
class React:
    """Put one short sign on a message; never for anything personal (reactions are not encrypted)."""

    to: MessageRef
    sign: str


@dataclass(frozen=True, slots=True)
class Record:
    """Keep a contribution."""

    contribution: NewContribution


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The author edited: contribution `number` now reads `text`, and every post that quotes it follows.

    `erases` when personal data went out: an edit would leave the old text readable, so those posts are removed and
    posted again.
    """

    number: int
    text: str
    erases: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """The author deleted: the text leaves the store, and every post that quoted it is redacted with all its edits."""

    number: int


@dataclass(frozen=True, slots=True)
class StoreCycle:
    """Store a new cycle (id 0) or the changed one, with its whole remaining schedule.

    Occurrences that are already fired stay as they are; waiting ones that are not in `schedule` go.
    """

    cycle: "Cycle"
    schedule: tuple["Occurrence", ...]


@dataclass(frozen=True, slots=True)
class Open:
    """Start a flow with `member` in the thread or private chat at `place`, or keep where it stands now (`goes_on`).

    It replaces an older one of theirs there; what the bot asked in private comes back after it.
    """

    place: Place
    member: MemberId
    state: "FlowState"
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """End the flow at `place` with `member`."""

    place: Place
    member: MemberId


@dataclass(frozen=True, slots=True)
class StoreGroup:
    """The group's language, zone and settings from now on."""

    group: "Group"


@dataclass(frozen=True, slots=True)
class StoreMember:
    """What a member wants to be asked and sent from now on (`SetMember` follows who is in the room)."""

    member: "Member"


@dataclass(frozen=True, slots=True)
class StorePerson:
    """How someone wants to be spoken to in private, and which group that is about."""

    person: "Person"


@dataclass(frozen=True, slots=True)
class KnowSponsor:
    """That person, who is usually no member, is who the group asks for a yes."""

    user: UserRef


@dataclass(frozen=True, slots=True)
class Reclassify:
    """Contribution `number` is for another audience, has another status, or is shown under another name.

    None leaves that as it is. Posts that showed it to people who may not see it any more, or with a name that goes,
    are removed (and the last digests posted again without it).
    """

    number: int
    audience: Audience | None = None
    status: Status | None = None
    shown_as: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask `member` something in private: now when nothing is open there, otherwise when its turn comes.

    `BEGIN[state.kind]` (flows) words the question, then.
    """

    member: "Member"
    state: "FlowState"


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Set a reminder of the open cycle, in the place of an older one with its key."""

    reminder: "Occurrence"


@dataclass(frozen=True, slots=True)
class ClearTimer:
    """Take back the waiting reminder with that key, if there is one."""

    key: str


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep how things stood before a moderator's act, so that `undo` can bring it back."""

    before: "Before"


@dataclass(frozen=True, slots=True)
class ForgetAct:
    """There is nothing to undo any more."""


@dataclass(frozen=True, slots=True)
class NoteRemoved:
    """A message of ours was deleted by someone else: it is not changed and not posted again."""

    message: MessageRef


@dataclass(frozen=True, slots=True)
class SetMember:
    """Someone came in, left, or has another name (cleaned; an empty one changes nothing)."""

    user: UserRef
    name: str
    is_in: bool


Effect = (
    Say
    | Show
    | ShowPicture
    | React
    | Join
    | Leave
    | Record
    | Rewrite
    | Forget
    | StoreCycle
    | Open
    | Close
    | StoreGroup
    | StoreMember
    | StorePerson
    | KnowSponsor
    | Reclassify
    | Ask
    | SetTimer
    | ClearTimer
    | Remember
    | ForgetAct
    | Found
    | KnowPrivate
    | ForgetPrivate
    | Forsake
    | TryAgain
    | NoteRemoved
    | SetMember
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything one decision wants, in order."""

    effects: tuple[Effect, ...] = ()


NOTHING = Outcome()
