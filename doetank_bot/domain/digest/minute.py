"""In one minute: the next look at an experiment, the ask that is open, the barrier that nobody took up."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest.cards import Cards, day_of
from doetank_bot.domain.digest.experiments import IsNew
from doetank_bot.domain.digest.fitting import CARD_EXCERPT
from doetank_bot.domain.digest.model import ExperimentNow, MinuteKind, MinuteLine
from doetank_bot.domain.digest.room import Room, n_words
from doetank_bot.domain.hygiene import excerpt

MINUTE = "minute"
"""The field in which the coach's own first lines are kept."""
MINUTE_EXCERPT = 60
_LIMITS = (360, 160, MINUTE_EXCERPT)
# Words of ours: "We gaan kijken hoe het ging met. Dat doen we op", "We wachten op een antwoord op. Graag vóór".
_LABELS = 12
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


def lines(
    experiments: Sequence[ExperimentNow], cards: Cards, today: date, timezone: str, room: Room
) -> tuple[MinuteLine, ...]:
    """Return the lines for which there is room."""
    found = tuple(one for one in _lines(experiments, cards, today, timezone) if room.take(_cost(one)))
    return found if found and room.take(_HEADING) else ()


def _lines(experiments: Sequence[ExperimentNow], cards: Cards, today: date, timezone: str) -> Iterator[MinuteLine]:
    dated = [(day_of(one.look_on, timezone), one) for one in experiments]
    looks = [(day, one) for day, one in dated if day is not None and day >= today]
    for _, one in sorted(looks, key=lambda look: look[0])[:1]:
        yield MinuteLine(MinuteKind.LOOK, one.title, one.look_on)
    waiting = [one for one in cards.asks if one.is_open and one.ask.kind is ContributionKind.ASK]
    for ask in waiting[:1]:
        yield MinuteLine(MinuteKind.ASK, ask.ask, ask.by if day_of(ask.by, timezone) else None)
    for barrier in [one for one in cards.barriers if one.owner is None and one.solved is None][:1]:
        yield MinuteLine(MinuteKind.BARRIER, barrier.barrier)


def _cost(one: MinuteLine) -> int:
    on = len(excerpt(one.on.text, CARD_EXCERPT).split()) if one.on is not None else 0
    return _LABELS + on + len(excerpt(one.card.text, MINUTE_EXCERPT).split())
