"""The cards of a digest beside its experiments: story, lessons, barriers, decisions, asks and what became of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.digest.experiments import IsNew
from doetank_bot.domain.digest.model import AskNow, BarrierNow, Chosen, LessonNow
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.progress import OWNER, is_over, status_of
from doetank_bot.domain.schedule import to_local

K = ContributionKind


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards that may stand in a digest, each kind in the order in which it is shown."""

    stories: tuple[Contribution, ...]
    lessons: tuple[LessonNow, ...]
    barriers: tuple[BarrierNow, ...]
    decisions: tuple[Contribution, ...]
    asks: tuple[AskNow, ...]


def cards(
    shared: Sequence[Contribution], is_new: IsNew, told: Iterable[int], pack: Pack, today: date, timezone: str
) -> Cards:
    """Return the cards among what the group may see (by number)."""
    parts = _parts(shared)
    of_kind = {kind: [one for one in shared if one.kind is kind and one.field is None] for kind in K}
    known = set(told)
    asks = (*of_kind[K.ASK], *of_kind[K.OFFER])
    asked = {one.number for one in asks}
    return Cards(
        stories=tuple(one for one in reversed(of_kind[K.STORY]) if one.number not in known),
        lessons=tuple(_lesson(one, parts, pack) for one in reversed(of_kind[K.LESSON]) if is_new(one)),
        barriers=tuple(_barriers(of_kind[K.BARRIER], parts, is_new, today, timezone)),
        decisions=tuple(one for one in reversed(of_kind[K.DECISION]) if is_new(one) and one.part_of not in asked),
        asks=tuple(_asks(asks, parts, is_new, pack, today, timezone)),
    )


def day_of(field: Contribution | None, timezone: str) -> date | None:
    """Return the local date that a member wrote in a date field, seen from the local day they wrote it."""
    day, given = parse_day(field.text) if field is not None else None, _given_on(field, timezone)
    return None if day is None or given is None else day.on(given)


def _given_on(one: Contribution | None, timezone: str) -> date | None:
    return None if one is None or one.created_at is None else to_local(one.created_at, timezone).date()


def _parts(shared: Iterable[Contribution]) -> Mapping[int, list[Contribution]]:
    parts: defaultdict[int, list[Contribution]] = defaultdict(list)
    for one in shared:
        if one.part_of is not None:
            parts[one.part_of].append(one)
    return parts


def _of(parts: Mapping[int, list[Contribution]], card: Contribution) -> Sequence[Contribution]:
    return parts.get(card.number, [])


def _field(parts: Mapping[int, list[Contribution]], card: Contribution, name: str) -> Contribution | None:
    return next((part for part in reversed(_of(parts, card)) if part.field == name), None)


def _lesson(one: Contribution, parts: Mapping[int, list[Contribution]], pack: Pack) -> LessonNow:
    sure = _field(parts, one, "sure")
    return LessonNow(one, _field(parts, one, "evidence"), _chosen(pack, "lesson", "sure", sure))


def _barriers(
    barriers: Sequence[Contribution],
    parts: Mapping[int, list[Contribution]],
    is_new: IsNew,
    today: date,
    timezone: str,
) -> Iterator[BarrierNow]:
    """Yield open barriers, the oldest first, after those that were solved since the last digest."""
    ended = {one.number: _ended(_of(parts, one)) for one in barriers}
    solved = [one for one in barriers if _is_fresh(ended[one.number], is_new)]
    for one in (*solved, *(one for one in barriers if ended[one.number] is None)):
        days = (today - (_given_on(one, timezone) or today)).days
        yield BarrierNow(one, _field(parts, one, OWNER), max(days, 0), ended[one.number])


def _asks(
    asks: Sequence[Contribution],
    parts: Mapping[int, list[Contribution]],
    is_new: IsNew,
    pack: Pack,
    today: date,
    timezone: str,
) -> Iterator[AskNow]:
    """Yield what was answered since the last digest, then what is open, the newest first; offers while they are new."""
    for one in sorted(asks, key=lambda each: each.number, reverse=True):
        answer = next((part for part in reversed(_of(parts, one)) if part.kind is K.DECISION), None)
        by = _field(parts, one, "by")
        is_past = (day := day_of(by, timezone)) is not None and day < today
        now = AskNow(one, _chosen(pack, "ask", "to", _field(parts, one, "to")), by, answer, _ended(_of(parts, one)))
        is_told = _is_fresh(answer or status_of(_of(parts, one)), is_new) or is_new(one)
        if is_told or (now.is_open and one.kind is K.ASK and not is_past):
            yield now


def _ended(parts: Sequence[Contribution]) -> Contribution | None:
    """Return the status that ended a card, or None."""
    return status_of(parts) if is_over(parts) else None


def _is_fresh(one: Contribution | None, is_new: IsNew) -> bool:
    return one is not None and is_new(one)


def _chosen(pack: Pack, form: str, name: str, given: Contribution | None) -> Chosen | None:
    choices = pack.choices(form, name)
    return Chosen(given, choices) if given is not None and given.text in choices else None
