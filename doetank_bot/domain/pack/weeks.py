"""Sharing the weeks of a cycle between the phases of its pack."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doetank_bot.domain.pack.model import Pack


def weeks_per_phase(pack: "Pack", weeks: int) -> list[int]:
    """Return the weeks of each phase, in order; together they are `weeks`. A phase of 0 weeks is left out.

    Up to the pack's default each phase grows from `min` to `default`; beyond it the extra weeks are shared
    by `stretch`. A longer cycle never makes a phase shorter.
    Raises ValueError for a number of weeks that the pack does not allow.
    """
    if not pack.weeks.min <= weeks <= pack.weeks.max:
        raise ValueError(f"{weeks} weeks: {pack.name} takes {pack.weeks.min} to {pack.weeks.max}")
    least = [phase.weeks.min for phase in pack.phases]
    room = [phase.weeks.default - phase.weeks.min for phase in pack.phases]
    stretch = [phase.weeks.stretch for phase in pack.phases]
    growth = min(weeks - sum(least), sum(room))
    extra = weeks - sum(least) - growth
    shares = zip(least, _shared(growth, room), _shared(extra, stretch), strict=True)
    return [sum(share) for share in shares]


def _shared(weeks: int, weights: Sequence[int]) -> list[int]:
    """Hand out `weeks` one by one, by Sainte-Laguë's quotients: with one more week nobody gets less."""
    given = [0] * len(weights)
    for _ in range(weeks):
        quotients = {index: (2 * given[index] + 1) / weight for index, weight in enumerate(weights) if weight}
        given[min(quotients, key=lambda index: quotients[index])] += 1
    return given
