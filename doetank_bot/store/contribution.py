"""What the members of one group gave. Each query here filters on the group's id: no group sees another's words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union_all

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, Status
from doetank_bot.domain.reference import CycleId, MemberId, MessageRef, PostId, SpaceRef
from doetank_bot.ports import Cards
from doetank_bot.store.sealed import OF_GROUP, SealedViews
from doetank_bot.store.tables import ACTIVE, PRIVATE, WITHDRAWN, contributions, members, search_words

# How many of each kind of card a digest looks back at: more than it can show, and its cost stays the same.
_LOOKED_BACK_AT = 100
# How many hits of a search are counted.
_COUNTED = 1000

_given = contributions.c
_OWN_ROWS = (
    select(contributions, members.c.name.label("author_name"))
    .join(members, and_(members.c.group_id == _given.group_id, members.c.id == _given.author_id))
    .where(_given.group_id == OF_GROUP)
)
_CONTRIBUTIONS = _OWN_ROWS.order_by(_given.number)
_KEPT = _CONTRIBUTIONS.where(_given.status != WITHDRAWN)
_NEWEST = _OWN_ROWS.order_by(_given.number.desc()).limit(bindparam("limit"))
_FOR_GROUP = and_(_given.status == ACTIVE, _given.audience != PRIVATE)
_IS_VISIBLE = or_(_FOR_GROUP, and_(_given.author_id == bindparam("viewer"), _given.status != WITHDRAWN))
NEXT_NUMBER = select(func.coalesce(func.max(_given.number), 0) + 1).where(_given.group_id == OF_GROUP)
_OF_CYCLE = _CONTRIBUTIONS.where(_given.cycle_id == bindparam("cycle"))
_FROM_SOURCE = _CONTRIBUTIONS.where(
    _given.account == bindparam("account"),
    _given.source_space == bindparam("space"),
    _given.source_native == bindparam("native"),
).limit(1)
_NUMBERED = _KEPT.where(_given.number.in_(bindparam("numbers", expanding=True)))
# In no order: to have them by number, SQLite would walk through all that was ever given.
_PARTS = _OWN_ROWS.where(_given.status != WITHDRAWN, _given.part_of.in_(bindparam("numbers", expanding=True)))
_OF_KINDS = and_(
    _given.group_id == OF_GROUP,
    _given.kind.in_(bindparam("kinds", expanding=True)),
    _given.field.is_(None),
    _IS_VISIBLE,
)
_CARDS = _NEWEST.where(_OF_KINDS)
_N_CARDS = select(func.count()).select_from(contributions).where(_OF_KINDS)
_IS_STORY = and_(
    _given.group_id == OF_GROUP,
    _given.kind == ContributionKind.STORY,
    _given.field.is_(None),
    _given.status != WITHDRAWN,
)
_STORIES = _NEWEST.where(_IS_STORY)
_N_STORIES = select(func.count()).select_from(contributions).where(_IS_STORY)
_BY_MEMBER = and_(_given.group_id == OF_GROUP, _given.author_id == bindparam("member"), _given.status != WITHDRAWN)
_GIVEN = _NEWEST.where(_BY_MEMBER)
_N_GIVEN = select(func.count()).select_from(contributions).where(_BY_MEMBER)
_GIVERS = (
    select(_given.author_id).where(_given.group_id == OF_GROUP, _given.created_at >= bindparam("since")).distinct()
)
_N_SINCE = select(func.count()).where(
    _given.group_id == OF_GROUP,
    _given.cycle_id == bindparam("cycle"),
    _given.created_at >= bindparam("first"),
    _given.created_at < bindparam("last"),
    _FOR_GROUP,
)
_HAS_ACTION = select(
    exists().where(
        _given.group_id == OF_GROUP,
        _given.cycle_id == bindparam("cycle"),
        _given.kind.in_((ContributionKind.PLAN, ContributionKind.CHECKIN)),
        _given.status != WITHDRAWN,
    )
)
_SHOWABLE = _OF_CYCLE.where(_FOR_GROUP)
_FRESH = tuple(
    _OWN_ROWS.where(_FOR_GROUP, _given.cycle_id == bindparam("cycle"), at >= bindparam("since"))
    for at in (_given.created_at, _given.edited_at, _given.shared_at)
)
_CARD_KINDS = (
    ContributionKind.QUESTION,
    ContributionKind.EXPERIMENT,
    ContributionKind.STORY,
    ContributionKind.BARRIER,
    ContributionKind.ASK,
    ContributionKind.OFFER,
    ContributionKind.DECISION,
    ContributionKind.LESSON,
)
_LAST_OF_KINDS = [
    _OWN_ROWS.where(_FOR_GROUP, _given.cycle_id == bindparam("cycle"), _given.kind == kind)
    .order_by(_given.number.desc())
    .limit(_LOOKED_BACK_AT)
    .subquery()
    .select()
    for kind in _CARD_KINDS
]
_RECENT = union_all(*_FRESH, *_LAST_OF_KINDS)


class ContributionViews(SealedViews):
    """Contributions, to read."""

    async def next_number(self) -> int:
        """Return the number of the group's next contribution, 1 and up."""
        return int(await self._own_value(NEXT_NUMBER))

    async def contributions(self, cycle: CycleId | None = None) -> tuple[Contribution, ...]:
        """Return all (or the cycle's), by number, withdrawn ones included (their text is empty)."""
        rows = await (self._own(_CONTRIBUTIONS) if cycle is None else self._own(_OF_CYCLE, cycle=cycle))
        return _all(rows)

    async def contribution(self, source: MessageRef) -> Contribution | None:
        """Return the one that was made from this message."""
        row = await self._own_first(
            _FROM_SOURCE, account=source.space.account, space=source.space.native, native=source.native
        )
        return None if row is None else _contribution(row)

    async def numbered(self, number: int) -> Contribution | None:
        """Return contribution `number`; None when there is none, or its words are withdrawn."""
        row = await self._own_first(_NUMBERED, numbers=[number])
        return None if row is None else _contribution(row)

    async def kept(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        """Return these contributions, by number, withdrawn ones not."""
        return _all(await self._own(_NUMBERED, numbers=sorted(set(numbers))))

    async def parts_of(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        """Return what is part of these cards, by number, withdrawn ones not."""
        return _all(sorted(await self._own(_PARTS, numbers=sorted(set(numbers))), key=lambda row: int(row.number)))

    async def words(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Return (text, name to show) of those contributions that are not withdrawn."""
        rows = await self._own(_NUMBERED, numbers=sorted(set(numbers)))
        return {row.number: (row.text, _name_of(row)) for row in rows}

    async def cards(self, kinds: Collection[ContributionKind], viewer: MemberId, limit: int) -> Cards:
        """Return the newest `limit` cards of these kinds that `viewer` may see, and how many there are in all."""
        asked = {"kinds": sorted(kinds), "viewer": viewer}
        shown = _all(await self._own(_CARDS, **asked, limit=limit))
        return Cards(shown, await self._own_value(_N_CARDS, **asked))

    async def stories(self, limit: int) -> Cards:
        """Return the newest stories, whoever may see them, drafts included; and how many there are in all."""
        shown = _all(await self._own(_STORIES, limit=limit))
        return Cards(shown, await self._own_value(_N_STORIES))

    async def given_by(self, member: MemberId, limit: int) -> Cards:
        """Return the newest contributions of a member, private ones and follow-ups included, and how many there are."""
        shown = _all(await self._own(_GIVEN, member=member, limit=limit))
        return Cards(shown, await self._own_value(_N_GIVEN, member=member))

    async def search(self, words: Sequence[str], viewer: MemberId, limit: int) -> Cards:
        """Return the newest contributions with all these words (or words that begin so) that `viewer` may see.

        `words` as `domain.search.words_of` gives them; none find nothing. `n_all` counts no further than a thousand.
        """
        if not words:
            return Cards()
        counted = [(await self._n_with(word), word) for word in words]
        (n_rarest, _), *_ = by_rarity = sorted(counted)
        find = _among if n_rarest < _COUNTED else _newest_first
        rows = await self._own(find([word for _, word in by_rarity]), viewer=viewer)
        numbers = [row.number for row in rows]
        shown = _all(await self._own(_NUMBERED, numbers=numbers[:limit]))
        return Cards(shown[::-1], len(numbers))

    async def n_given(self, cycle: CycleId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how much was given to the group from each UTC instant until the next (the last one: until now)."""
        ends = [*starts[1:], datetime.max.replace(tzinfo=starts[0].tzinfo)] if starts else []
        spans = zip(starts, ends, strict=True)
        return tuple([await self._own_value(_N_SINCE, cycle=cycle, first=first, last=last) for first, last in spans])

    async def gave_since(self, instant: datetime) -> frozenset[MemberId]:
        """Return who gave anything at or after that UTC instant, or wrote what cannot be read yet."""
        givers = frozenset(MemberId(row.author_id) for row in await self._own(_GIVERS, since=instant))
        return givers | await self._sealed_authors(instant)

    async def _n_with(self, word: str) -> int:
        """Return how many have a word, counted no further than a thousand."""
        some = select(search_words.c.number).where(search_words.c.group_id == OF_GROUP, _begins(word)).limit(_COUNTED)
        return int(await self._own_value(select(func.count()).select_from(some.subquery())))

    async def _has_action(self, cycle: CycleId) -> bool:
        return bool(await self._own_value(_HAS_ACTION, cycle=cycle))

    async def _showable(self, cycle: CycleId, since: datetime | None) -> tuple[Contribution, ...]:
        """Return what may stand in a digest (see `domain.view.Material`)."""
        recent = self._own(_SHOWABLE, cycle=cycle) if since is None else self._own(_RECENT, cycle=cycle, since=since)
        rows = {row.number: row for row in await recent}
        wholes = {row.part_of for row in rows.values() if row.part_of is not None} - rows.keys()
        if wholes:
            rows.update({row.number: row for row in await self._own(_NUMBERED, numbers=sorted(wholes))})
        if rows:
            rows.update({row.number: row for row in await self._own(_PARTS, numbers=sorted(rows))})
        found = _all(rows[number] for number in sorted(rows))
        return tuple(contribution for contribution in found if contribution.is_for_group)


def _among(words: Sequence[str]) -> Select[Any]:
    """Return the query for the numbers, newest first, of what has all these words; the first one is rare.

    What has that one is looked up; the others are looked for in each of those.
    """
    rarest = select(search_words.c.number).where(search_words.c.group_id == OF_GROUP, _begins(words[0]))
    return _visible(_given.number.in_(rarest), *map(_has, words[1:]))


def _newest_first(words: Sequence[str]) -> Select[Any]:
    """Return the same query for common words: from the newest on each is looked at, which soon has found enough."""
    return _visible(*map(_has, words))


def _visible(*found: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_given.number)
        .where(_given.group_id == OF_GROUP, _IS_VISIBLE, *found)
        .order_by(_given.number.desc())
        .limit(_COUNTED)
    )


def _has(word: str) -> ColumnElement[bool]:
    is_own = and_(search_words.c.group_id == OF_GROUP, search_words.c.number == _given.number)
    return exists().where(is_own, _begins(word)).correlate(contributions)


def _begins(word: str) -> ColumnElement[bool]:
    # A range and not LIKE, which SQLite would not look up in the index.
    return and_(search_words.c.word >= word, search_words.c.word < word + "\U0010ffff")


def _all(rows: Iterable[Any]) -> tuple[Contribution, ...]:
    return tuple(_contribution(row) for row in rows)


def _name_of(row: Any) -> str:
    return str(row.author_name if row.shown_as is None else row.shown_as)


def _contribution(row: Any) -> Contribution:
    return Contribution(
        number=row.number,
        kind=ContributionKind(row.kind),
        text=row.text,
        author=MemberId(row.author_id),
        audience=Audience(row.audience),
        source=MessageRef(SpaceRef(row.account, row.source_space), row.source_native),
        cycle=None if row.cycle_id is None else CycleId(row.cycle_id),
        status=Status(row.status),
        part_of=row.part_of,
        field=row.field,
        prompted_by=None if row.prompted_by is None else PostId(row.prompted_by),
        shown_as=row.shown_as,
        author_name=_name_of(row),
        created_at=row.created_at,
        edited_at=row.edited_at,
        shared_at=row.shared_at,
    )
