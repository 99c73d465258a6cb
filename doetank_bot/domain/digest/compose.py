"""From a week's material to a digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from doetank_bot.domain.contribution import Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest import experiments, fitting, minute, said
from doetank_bot.domain.digest.cards import cards
from doetank_bot.domain.digest.experiments import IsNew
from doetank_bot.domain.digest.model import MAX_WORDS, Digest, ExperimentNow, NextStep, QuestionNow
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

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class _Section(Generic[_Shown]):
    shown: tuple[_Shown, ...]
    n_more: int


def compose(  # noqa: PLR0913 - the last three each say another thing about the same message
    cycle: Cycle,
    pack: Pack,
    material: Material,
    now: datetime,
    timezone: str,
    *,
    checked_by: str | None = None,
    week: int | None = None,
    max_words: int = MAX_WORDS,
) -> Digest:
    """Return the digest at the UTC instant `now`, of what the group may see; nothing else is in it.

    Members' lines come in rotation: at most two a member and eight in all, the newest; what is left out is counted.
    With the text layer's own words, carefully estimated, it stays within `max_words` (350: design.md section 3). `week`
    is the week it closes, when that is not the one of today: a digest can move past a weekend. `checked_by` is the name
    of who read it first.
    """
    on = to_local(now, timezone).date()
    week = min(max(cycle.week_on(on) if week is None else week, 1), len(cycle.weeks))
    shared = sorted((one for one in material.contributions if one.is_for_group), key=lambda one: one.number)
    is_new = _newer_than(material.since)
    if not any(is_new(one) or _is_news(one, material) for one in shared):
        # What was told last week is not told again: a week without anything new is a quiet one.
        shared = []
    title, phase = excerpt(cycle.title, MAX_TITLE), phase_of(pack, len(cycle.weeks), week, cycle.phases)
    question = _question(material, is_new)
    steps = next_steps(pack, cycle, material.next_steps, on, material.meetings, material.days_off)
    fixed = (title, max(phase.title.nl, phase.title.en, key=n_words), checked_by or "")
    room = Room(max_words - _FRAME - sum(map(n_words, fixed)) - _n_sections(question, steps))
    mine = minute.own(shared, is_new)
    own_limit = minute.own_limit(mine, room) if mine is not None else None
    all_cards = cards(shared, is_new, material.told, pack, on, timezone)
    first = fitting.first_of_each(all_cards, room)
    tried, told = _body(shared, is_new, room, material.n_digests)
    fitted = fitting.more(first, all_cards, room)
    lines = minute.lines(tried.shown, all_cards, on, timezone, room) if own_limit is None else ()
    return Digest(
        number=material.n_digests + 1,
        title=title,
        on=on,
        week=week,
        n_weeks=len(cycle.weeks),
        phase=phase,
        question=question,
        experiments=tried.shown,
        n_more_experiments=tried.n_more,
        said=told.shown,
        n_more_said=told.n_more,
        next=steps,
        checked_by=checked_by,
        minute=lines,
        own_minute=mine if own_limit else None,
        own_limit=own_limit or 0,
        story=fitted.story,
        lessons=fitted.lessons,
        barriers=fitted.barriers,
        decisions=fitted.decisions,
        asks=fitted.asks,
        n_more_cards=fitted.n_more,
    )


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


def _n_sections(question: QuestionNow | None, steps: Sequence[NextStep]) -> int:
    return (quoted(question.current) if question else 0) + len(steps) * _NEXT_STEP


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
