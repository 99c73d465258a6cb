"""A group (a Doetank in its room) and the people in it."""

from dataclasses import dataclass
from enum import StrEnum

from doetank_bot.domain.reference import GroupId, MemberId, SpaceRef, UserRef

Language = str
"""`nl` or `en`."""


class MemberStatus(StrEnum):
    """`left` members keep their contributions; only `active` ones are asked things."""

    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one group; `name` is cleaned for display."""

    id: MemberId
    user: UserRef
    name: str
    status: MemberStatus = MemberStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Group:
    """A Doetank; `timezone` is an IANA name, `name` the room's name or empty."""

    id: GroupId
    space: SpaceRef
    language: Language
    timezone: str
    name: str = ""
