"""Which cards find room: one of each kind first, so that none crowds out another; members keep room for their lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.digest.cards import Cards
from doetank_bot.domain.digest.model import AskNow, BarrierNow, Chosen, LessonNow
from doetank_bot.domain.digest.room import Room, n_words
from doetank_bot.domain.hygiene import excerpt

STORY_EXCERPT = 360
"""Characters of the story of the week: about sixty words."""
CARD_EXCERPT = 110
FOR_LINES = 100
"""Words that stay for experiments and members' lines, whatever cards there are."""
MAX_OF_A_KIND = 3
_HEADING = 5
# Words of ours: "Dat zagen we aan"; "We zoeken nog iemand die dit oppakt. Het staat 9 dagen open."; "Nu: klaar".
_SEEN_IN = 4
_TAKEN_UP = 12
_BECAME = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fitted:
    """The cards that found room, and how many did not."""

    story: Contribution | None = None
    lessons: tuple[LessonNow, ...] = ()
    barriers: tuple[BarrierNow, ...] = ()
    decisions: tuple[Contribution, ...] = ()
    asks: tuple[AskNow, ...] = ()
    n_more: int = 0


def first_of_each(cards: Cards, room: Room) -> Fitted:
    """Return the story and the first card of each kind, as far as they leave room for the members' lines."""
    spare = Room(max(room.n_left - FOR_LINES, 0))
    before = spare.n_left
    fitted = Fitted(
        story=next((one for one in cards.stories[:1] if spare.take(_HEADING + _story_cost(one))), None),
        decisions=_taken(cards.decisions[:1], _decision_cost, spare),
        asks=_taken(cards.asks[:1], _ask_cost, spare),
        barriers=_taken(cards.barriers[:1], _barrier_cost, spare),
        lessons=_taken(cards.lessons[:1], _lesson_cost, spare),
    )
    room.take(before - spare.n_left)
    return fitted


def more(fitted: Fitted, cards: Cards, room: Room) -> Fitted:
    """Return the fitted cards with what else there is room for, at most three of a kind, and how many are left out."""
    whole = replace(
        fitted,
        decisions=_filled(fitted.decisions, cards.decisions, _decision_cost, room),
        asks=_filled(fitted.asks, cards.asks, _ask_cost, room),
        barriers=_filled(fitted.barriers, cards.barriers, _barrier_cost, room),
        lessons=_filled(fitted.lessons, cards.lessons, _lesson_cost, room),
    )
    n_shown = len(whole.decisions) + len(whole.asks) + len(whole.barriers) + len(whole.lessons)
    n_all = len(cards.decisions) + len(cards.asks) + len(cards.barriers) + len(cards.lessons)
    return replace(whole, n_more=n_all - n_shown)


def _taken(few: Sequence[T], cost: Callable[[T], int], room: Room) -> tuple[T, ...]:
    return tuple(one for one in few if room.take(_HEADING + cost(one)))


def _filled(shown: tuple[T, ...], all_: Sequence[T], cost: Callable[[T], int], room: Room) -> tuple[T, ...]:
    if not shown:
        return _taken(all_[:1], cost, room)
    return (*shown, *(one for one in all_[len(shown) : MAX_OF_A_KIND] if room.take(cost(one))))


def _story_cost(one: Contribution) -> int:
    return len(excerpt(one.text, STORY_EXCERPT).split()) + n_words(one.author_name) + 1


def _card_cost(one: Contribution) -> int:
    return len(excerpt(one.text, CARD_EXCERPT).split()) + n_words(one.author_name) + 1


def _decision_cost(one: Contribution) -> int:
    return _card_cost(one)


def _lesson_cost(one: LessonNow) -> int:
    evidence = _SEEN_IN + _card_cost(one.evidence) if one.evidence else 0
    return _card_cost(one.lesson) + evidence + _choice_cost(one.sure)


def _barrier_cost(one: BarrierNow) -> int:
    return _card_cost(one.barrier) + _TAKEN_UP + (_card_cost(one.owner) if one.owner else 0)


def _ask_cost(one: AskNow) -> int:
    parts = (one.by, one.answer)
    became = sum(_card_cost(part) + 1 for part in parts if part is not None)
    return _card_cost(one.ask) + _BECAME + became + _choice_cost(one.to)


def _choice_cost(one: Chosen | None) -> int:
    """Return the words of a choice, in the longer language, with three of ours before it ("We weten dit")."""
    if one is None:
        return 0
    title = one.choices[one.answer.text]
    return 3 + max(len(title.nl.split()), len(title.en.split()))
