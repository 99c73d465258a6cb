"""What members did and saw: in rotation, so that nobody fills the digest and nobody is missed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.digest.experiments import NO_LINE, IsNew
from doetank_bot.domain.digest.room import Room, quoted
from doetank_bot.domain.reference import MemberId

MAX_LINES = 8
MAX_LINES_A_MEMBER = 2


def lines(shared: Iterable[Contribution], is_new: IsNew, experiments: Collection[int], turn: int) -> list[Contribution]:
    """Return the new lines, each member's newest first and members in rotation; `turn` moves who begins.

    What belongs to one of `experiments` (numbers) stands with it; a follow-up's answer stands in no line of its own.
    """
    by_member: defaultdict[MemberId, list[Contribution]] = defaultdict(list)
    for one in shared:
        if is_new(one) and one.kind not in NO_LINE and one.field is None and one.part_of not in experiments:
            by_member[one.author].insert(0, one)
    queues = [by_member[member] for member in _turned(sorted(by_member), turn)]
    return [one for round_ in zip_longest(*queues) for one in round_ if one is not None]


def fitted(rotation: Sequence[Contribution], room: Room) -> list[Contribution]:
    """Return the lines that fit, by number."""
    return sorted((one for one in capped(rotation) if room.take(line_cost(one))), key=lambda one: one.number)


def capped(rotation: Sequence[Contribution]) -> list[Contribution]:
    """Return the first eight lines, at most two a member."""
    shown: list[Contribution] = []
    for one in rotation:
        if sum(other.author == one.author for other in shown) < MAX_LINES_A_MEMBER:
            shown.append(one)
    return shown[:MAX_LINES]


def line_cost(one: Contribution) -> int:
    """Return the words of a line, a label of two ("Van plan:") included."""
    return quoted(one) + 2


def _turned(members: Sequence[MemberId], turn: int) -> Sequence[MemberId]:
    first = turn % len(members) if members else 0
    return [*members[first:], *members[:first]]
