"""In one minute: the next look at an experiment, the ask that is open, the barrier that nobody took up."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest.cards import Cards, day_of
from doetank_bot.domain.digest.experiments import IsNew
from doetank_bot.domain.digest.model import ExperimentNow, MinuteKind, MinuteLine
from doetank_bot.domain.digest.room import Room, n_words
from doetank_bot.domain.hygiene import excerpt

MINUTE = "minute"
"""The field in which the coach's own first lines are kept."""
MINUTE_EXCERPT = 60
_LIMITS = (360, 160, MINUTE_EXCERPT)
_LABELS = 16
_HEADING = 3
_OWN = 6


def own(shared: Iterable[Contribution], is_new: IsNew) -> Contribution | None:
    """Return what the coach wrote for this digest, or None."""
    found = [one for one in shared if one.field == MINUTE and one.part_of is None and is_new(one)]
    return max(found, key=lambda one: one.number, default=None)


def own_limit(mine: Contribution, room: Room) -> int | None:
    """Return at how many characters the coach's lines are cut to fit; None when there is no room at all."""
    for limit in _LIMITS:
        if room.take(_OWN + len(excerpt(mine.text, limit).split()) + n_words(mine.author_name)):
            return limit
    return None


def lines(experiments: Sequence[ExperimentNow], cards: Cards, today: date, room: Room) -> tuple[MinuteLine, ...]:
    """Return the lines for which there is room."""
    found = tuple(one for one in _lines(experiments, cards, today) if room.take(_cost(one)))
    return found if found and room.take(_HEADING) else ()


def _lines(experiments: Sequence[ExperimentNow], cards: Cards, today: date) -> Iterator[MinuteLine]:
    looks = [(day, one.title) for one in experiments if (day := day_of(one.look_on)) is not None and day >= today]
    for day, title in sorted(looks, key=lambda look: look[0])[:1]:
        yield MinuteLine(MinuteKind.LOOK, title, day)
    waiting = [one for one in cards.asks if one.is_open and one.ask.kind is ContributionKind.ASK]
    for ask in waiting[:1]:
        yield MinuteLine(MinuteKind.ASK, ask.ask, day_of(ask.by))
    for barrier in [one for one in cards.barriers if one.owner is None and one.solved is None][:1]:
        yield MinuteLine(MinuteKind.BARRIER, barrier.barrier)


def _cost(one: MinuteLine) -> int:
    return _LABELS + len(excerpt(one.card.text, MINUTE_EXCERPT).split())
