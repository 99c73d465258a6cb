"""From a week's material to a digest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, TypeVar

from doetank_bot.domain.contribution import Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest import experiments, fitting, minute, said
from doetank_bot.domain.digest.cards import cards
from doetank_bot.domain.digest.experiments import IsNew
from doetank_bot.domain.digest.model import CORRECTION, USUAL, Digest, Edition, ExperimentNow, QuestionNow
from doetank_bot.domain.digest.next_steps import next_steps
from doetank_bot.domain.digest.room import Room, n_words, quoted
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.schedule import phase_of, to_local
from doetank_bot.domain.view import Material

MAX_TITLE = 80

# Words of ours: that it comes late, headings, the line with the date, small print, "en nog 5"; and in each next step.
_FRAME = 104
_NEXT_STEP = 11
# That there is something that cannot be read yet.
_SEALED = 24

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class _Section(Generic[_Shown]):
    shown: tuple[_Shown, ...]
    n_more: int


def compose(
    cycle: Cycle, pack: Pack, material: Material, now: datetime, timezone: str, edition: Edition = USUAL
) -> Digest:
    """Return the digest at the UTC instant `now`, of what the group may see; nothing else is in it.

    Members' lines come in rotation: at most two a member and eight in all, the newest; what is left out is counted.
    With the text layer's own words, carefully estimated, it stays within the words of `edition`.
    """
    framed = _framed(cycle, pack, material, to_local(now, timezone).date(), edition)
    return _filled(framed, material, pack, timezone, Room(edition.max_words - _frame_cost(framed)))


def _framed(cycle: Cycle, pack: Pack, material: Material, on: date, edition: Edition) -> Digest:
    """Return it with all that is always there."""
    week = min(max(cycle.week_on(on) if edition.week is None else edition.week, 1), len(cycle.weeks))
    return Digest(
        number=material.n_digests + 1,
        title=excerpt(cycle.title, MAX_TITLE),
        on=on,
        week=week,
        n_weeks=len(cycle.weeks),
        phase=phase_of(pack, len(cycle.weeks), week, cycle.phases),
        question=_question(material, _newer_than(material.since)),
        next=next_steps(pack, cycle, material.next_steps, on, material.meetings, material.days_off),
        checked_by=edition.checked_by,
        n_sealed=material.n_sealed,
    )


def _frame_cost(digest: Digest) -> int:
    """Return the words of what is always there; of the phase's title in the longer language."""
    phase = digest.phase.title
    fixed = (digest.title, max(phase.nl, phase.en, key=n_words), digest.checked_by or "")
    question = quoted(digest.question.current) if digest.question else 0
    sealed = _SEALED if digest.n_sealed else 0
    return _FRAME + sum(map(n_words, fixed)) + question + len(digest.next) * _NEXT_STEP + sealed


def _filled(framed: Digest, material: Material, pack: Pack, timezone: str, room: Room) -> Digest:
    """Return it with the group's words that find room: first a card of each kind, then members' lines, then more."""
    shared, is_new = _told_now(material), _newer_than(material.since)
    mine = minute.own(shared, is_new)
    own_limit = minute.own_limit(mine, room) if mine is not None else None
    all_cards = cards(shared, is_new, material.told, pack, framed.on, timezone)
    first = fitting.first_of_each(all_cards, room)
    tried, told = _body(shared, is_new, room, material.n_digests)
    fitted = fitting.more(first, all_cards, room)
    return replace(
        framed,
        experiments=tried.shown,
        n_more_experiments=tried.n_more,
        said=told.shown,
        n_more_said=told.n_more,
        minute=minute.lines(tried.shown, all_cards, framed.on, timezone, room) if own_limit is None else (),
        own_minute=mine if own_limit else None,
        own_limit=own_limit or 0,
        story=fitted.story,
        lessons=fitted.lessons,
        barriers=fitted.barriers,
        decisions=fitted.decisions,
        asks=fitted.asks,
        n_more_cards=fitted.n_more,
    )


def _told_now(material: Material) -> Sequence[Contribution]:
    """Return what the group may see, by number; nothing in a week without anything new: it is not told again."""
    shared = sorted((one for one in material.contributions if one.is_for_group), key=lambda one: one.number)
    is_new = _newer_than(material.since)
    has_news = any(_is_told(one) and (is_new(one) or _is_news(one, material)) for one in shared)
    return shared if has_news else ()


def _is_told(one: Contribution) -> bool:
    """Whether it can be told at all: what someone finds wrong in a digest goes to the coach alone."""
    return one.field != CORRECTION


def _newer_than(since: datetime | None) -> IsNew:
    def is_new(one: Contribution) -> bool:
        return since is None or one.known_at is None or one.known_at > since

    return is_new


def _question(material: Material, is_new: IsNew) -> QuestionNow | None:
    """Return the latest version that the group may see; versions that were withdrawn keep their number."""
    asked = sorted(
        (one for one in material.contributions if one.kind is ContributionKind.QUESTION and _is_version(one)),
        key=lambda one: one.number,
    )
    for version, one in reversed(list(enumerate(asked, 1))):
        if one.is_for_group:
            is_changed = material.since is not None and (is_new(one) or _edited(one, material.since))
            return QuestionNow(one, version, is_changed)
    return None


def _is_version(one: Contribution) -> bool:
    return one.field is None and one.status is not Status.DRAFT


def _is_news(one: Contribution, material: Material) -> bool:
    """Whether it changed since the digest before, or is a story that waits for its turn."""
    return _edited(one, material.since) or (one.kind is ContributionKind.STORY and one.number not in material.told)


def _edited(one: Contribution, since: datetime | None) -> bool:
    return since is not None and one.edited_at is not None and one.edited_at > since


def _body(
    shared: Sequence[Contribution], is_new: IsNew, room: Room, turn: int
) -> tuple[_Section[ExperimentNow], _Section[Contribution]]:
    """Return experiments and members' lines; each side can count on half of the room."""
    cards = experiments.running(shared, is_new)
    expected = said.lines(shared, is_new, {card.title.number for card in cards}, turn)
    for_lines = sum(map(said.line_cost, said.capped(expected)))
    for_cards = Room(max(room.n_left // 2, room.n_left - for_lines))
    shown = experiments.fitted(cards, for_cards)
    # What belongs to an experiment that found no room is still a line of its member.
    lines = said.lines(shared, is_new, {card.title.number for card in shown}, turn)
    room.take(sum(map(experiments.cost, shown)))
    kept = said.fitted(lines, room)
    return _Section(tuple(shown), len(cards) - len(shown)), _Section(tuple(kept), len(lines) - len(kept))
