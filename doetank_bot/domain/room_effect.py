"""Effects on the rooms that the bot is in: it comes and goes, and whose each of them is."""

from dataclasses import dataclass

from doetank_bot.domain.reference import SpaceRef, UserRef


@dataclass(frozen=True, slots=True)
class Join:
    """Accept an invitation."""

    space: SpaceRef


@dataclass(frozen=True, slots=True)
class Leave:
    """Decline an invitation or leave."""

    space: SpaceRef


@dataclass(frozen=True, slots=True)
class Found:
    """The bot came into a room: a group begins there (or goes on, when it was here before) with these people.

    `moved_from`: the group of that room goes on in this one; who is not here yet is still on the way.
    """

    space: SpaceRef
    name: str
    people: tuple[tuple[UserRef, str], ...]
    moved_from: SpaceRef | None = None


@dataclass(frozen=True, slots=True)
class KnowPrivate:
    """`space` is the private chat with `user`."""

    space: SpaceRef
    user: UserRef


@dataclass(frozen=True, slots=True)
class ForgetPrivate:
    """`space` is nobody's private chat any more; what still waits for it goes to a new one."""

    space: SpaceRef


@dataclass(frozen=True, slots=True)
class Forsake:
    """The bot is no longer in `space`: nothing goes out there."""

    space: SpaceRef


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The bot may write in `space` again: digests, edits and deletions that were refused there are tried once more."""

    space: SpaceRef
