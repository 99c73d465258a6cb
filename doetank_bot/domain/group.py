"""A group (a Doetank in its room), how it wants to be spoken to and when, and the people in it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

from doetank_bot.domain.reference import GroupId, MemberId, SpaceRef, UserRef

Language = str
"""`nl`, `en`, or `nl@formal`: Dutch with u in place of je. What a text does not have in the last, it has in `nl`."""

FORMAL = "nl@formal"


def language_of(speech: Language) -> Language:
    """Return the language itself, for what knows no form of address: dates, words to type, the chat."""
    return "nl" if speech == FORMAL else speech


class MemberStatus(StrEnum):
    """`left` members keep their contributions; only `active` ones are asked things.

    The `sponsor` is usually not in the room, and only gets the group's asks.
    """

    ACTIVE = "active"
    LEFT = "left"
    SPONSOR = "sponsor"


class Attendance(StrEnum):
    """Whether an active member is asked things.

    `reading`: was silent twice, and is back with the first thing given. `resting`: asked for it, and is back when
    they say so. Both still get the digest. `stopped`: is in the room and takes no part; nothing is sent in private.
    """

    ASKED = "asked"
    READING = "reading"
    RESTING = "resting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one group; `name` is cleaned for display.

    `away_until` is the first local date on which they are asked again. `asked_since` is the UTC instant from which
    silence counts: they came, came back or skipped then. `wants_digest`: a private copy of every digest. `is_hinted`:
    they were told that answers go into the thread, which nobody is told twice.
    """

    id: MemberId
    user: UserRef
    name: str
    status: MemberStatus = MemberStatus.ACTIVE
    attendance: Attendance = Attendance.ASKED
    away_until: date | None = None
    asked_since: datetime | None = None
    wants_digest: bool = False
    is_hinted: bool = False

    @property
    def may_be_written_to(self) -> bool:
        """Whether anything may still be sent to them in private: not to who left, or asked to hear nothing more."""
        return self.status is not MemberStatus.LEFT and self.attendance is not Attendance.STOPPED

    def is_asked(self, today: date) -> bool:
        """Whether prompts on that local date mention them."""
        is_here = self.away_until is None or self.away_until <= today
        return self.status is MemberStatus.ACTIVE and self.attendance is Attendance.ASKED and is_here


class Address(StrEnum):
    """How Dutch texts speak to the group."""

    JE = "je"
    U = "u"


class Region(StrEnum):
    """The three regions of the Dutch school holidays; `none`: they do not count, whatever the operator says."""

    NOORD = "noord"
    MIDDEN = "midden"
    ZUID = "zuid"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Break:
    """Days on which the group is asked nothing: local dates, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Meeting:
    """When the group meets, on its own clock."""

    on: date
    at: time


@dataclass(frozen=True, slots=True)
class Access:
    """What the bot may do in a group's room, as the chat last said.

    `may_delete`: its own messages. `has_moderator`: somebody there can lead the cycle. `successor`: the room goes on in
    that one, says who moderated here at that moment; nothing is said in this one any more.
    """

    may_post: bool = True
    may_delete: bool = True
    has_moderator: bool = True
    successor: SpaceRef | None = None

    @property
    def is_open(self) -> bool:
        """Whether what is due can be said there."""
        return self.may_post and self.successor is None

    @property
    def keeps_words(self) -> bool:
        """Whether the bot can say there what it cannot take back."""
        return self.may_post and not self.may_delete


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """What moderators set for their group. None means as the operator configured.

    `opens` and `closes` bound the sending window (local times). `rhythm` moves a pack's weekly steps: (step id,
    `tue 10:00`). `nudges`: one private reminder a prompt. `shows_picture`: digests come with a picture of the cycle.
    `sponsor_asked_on` is the local date on which the sponsor was last asked something: once a week is the most.
    `access` is what the room's moderators let the bot do; a change of it is told once.
    `sealed_told_on` is when the coach last heard that there are messages that cannot be read: once a day.
    """

    address: Address = Address.JE
    region: Region | None = None
    opens: time | None = None
    closes: time | None = None
    rhythm: tuple[tuple[str, str], ...] = ()
    nudges: bool = False
    shows_picture: bool = False
    sponsor: UserRef | None = None
    sponsor_asked_on: date | None = None
    sealed_told_on: date | None = None
    breaks: tuple[Break, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, slots=True)
class Group:
    """A Doetank; `timezone` is an IANA name, `name` the room's name or empty."""

    id: GroupId
    space: SpaceRef
    language: Language
    timezone: str
    name: str = ""
    settings: GroupSettings = field(default_factory=GroupSettings)

    @property
    def speech(self) -> Language:
        """The language of texts to the whole group, with its form of address."""
        is_formal = self.language == "nl" and self.settings.address is Address.U
        return FORMAL if is_formal else self.language

    def with_settings(self, **changes: object) -> "Group":
        """Return the group with some settings changed. Raises TypeError for a name that is none."""
        return replace(self, settings=replace(self.settings, **changes))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in private, whatever groups they are in. None: as the group has it.

    `group` is the one that private talk is about now; `waiting` is the id of a private message that waits until they
    said which group it is for.
    """

    user: UserRef
    language: Language | None = None
    timezone: str | None = None
    group: GroupId | None = None
    waiting: str | None = None

    def speech(self, around: Language) -> Language:
        """Return the language of texts to them alone, where others are spoken to as `around`.

        Who chose Dutch is spoken to as their group is: with u where that says u.
        """
        own = self.language
        return around if own is None or own == language_of(around) else own
