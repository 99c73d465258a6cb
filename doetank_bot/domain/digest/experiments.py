"""The experiments section: each with what was expected, what was seen so far, and when the group looks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest.model import ExperimentNow
from doetank_bot.domain.digest.room import Room, quoted
from doetank_bot.domain.progress import is_over, status_of

MAX_EXPERIMENTS = 3
MAX_SO_FAR = 4
LABELS = 24
"""Words of ours around one experiment ("Nu: loopt", "We dachten", "Tot nu toe", "Dan kijken we", "En nog 3")."""

# These have a section of their own; how someone is doing is never shown to all (domain.md 3.2: no mood scores).
NO_LINE = frozenset({
    ContributionKind.QUESTION,
    ContributionKind.EXPERIMENT,
    ContributionKind.CHECKIN,
    ContributionKind.STORY,
    ContributionKind.LESSON,
    ContributionKind.BARRIER,
    ContributionKind.DECISION,
    ContributionKind.ASK,
    ContributionKind.OFFER,
})  # fmt: skip

IsNew = Callable[[Contribution], bool]


def running(shared: Sequence[Contribution], is_new: IsNew) -> list[ExperimentNow]:
    """Return the whole cards of the experiments that run, those with something new first, then the latest.

    An experiment runs until the digest that shows its review. `shared` is what the group may see, by number.
    """
    parts: defaultdict[int, list[Contribution]] = defaultdict(list)
    for one in shared:
        if one.part_of is not None and one.kind not in NO_LINE:
            parts[one.part_of].append(one)
    titles = [one for one in shared if one.kind is ContributionKind.EXPERIMENT and one.field is None]
    alive = [one for one in titles if not _is_over(parts[one.number], is_new)]
    alive.sort(key=lambda one: (any(map(is_new, (one, *parts[one.number]))), one.number), reverse=True)
    return [_card(one, parts[one.number]) for one in alive]


def under_way(shared: Sequence[Contribution]) -> list[Contribution]:
    """Return the experiments that are neither over nor looked back on, among what the group may see, by number."""
    return sorted((card.title for card in running(shared, _nothing_is_new)), key=lambda one: one.number)


def _nothing_is_new(_one: Contribution) -> bool:
    return False


def fitted(cards: Iterable[ExperimentNow], room: Room) -> list[ExperimentNow]:
    """Return the first cards that fit, each with the latest observations that fit, by number."""
    bare = [card for card in list(cards)[:MAX_EXPERIMENTS] if room.take(_bare_cost(card))]
    kept: dict[int, tuple[Contribution, ...]] = {card.title.number: () for card in bare}
    # One round a turn, so that no experiment has two observations while another has none.
    for turn in range(1, MAX_SO_FAR + 1):
        for card in bare:
            so_far = kept[card.title.number]
            is_next = len(so_far) == turn - 1 < len(card.so_far)
            if is_next and room.take(quoted(card.so_far[-turn])):
                kept[card.title.number] = (card.so_far[-turn], *so_far)
    return sorted((_with_so_far(card, kept) for card in bare), key=lambda card: card.title.number)


def cost(card: ExperimentNow) -> int:
    """Return the words of a card as it is shown."""
    return _bare_cost(card) + sum(map(quoted, card.so_far))


def _is_over(parts: Sequence[Contribution], is_new: IsNew) -> bool:
    status = status_of(parts)
    is_reviewed = any(one.kind is ContributionKind.REVIEW and not is_new(one) for one in parts)
    return is_reviewed or (status is not None and is_over(parts) and not is_new(status))


def _card(title: Contribution, parts: Sequence[Contribution]) -> ExperimentNow:
    fields = {one.field: one for one in parts if one.field is not None}
    so_far = tuple(one for one in parts if one.field is None)
    is_reviewed = any(one.kind is ContributionKind.REVIEW for one in so_far)
    look_on = None if is_reviewed else fields.get("look_on")
    return ExperimentNow(title, fields.get("expectation"), look_on, so_far, status=status_of(parts))


def _bare_cost(card: ExperimentNow) -> int:
    shown = (card.title, card.expectation, card.look_on)
    return LABELS + sum(quoted(one) for one in shown if one is not None)


def _with_so_far(card: ExperimentNow, kept: Mapping[int, tuple[Contribution, ...]]) -> ExperimentNow:
    so_far = kept[card.title.number]
    return replace(card, so_far=so_far, n_more=len(card.so_far) - len(so_far))
