"""Keeping the members' words and changing who may see them; every message that quotes them follows at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doetank_bot.domain.contribution import Audience, Contribution, NewContribution, Status
from doetank_bot.domain.effect import Forget, Reclassify, Record, Rewrite
from doetank_bot.domain.reference import MemberId
from doetank_bot.flows.audience import RANK
from doetank_bot.ports import DuePost, GroupWork, Work
from doetank_bot.service.follow import Follow


@dataclass(frozen=True, slots=True)
class Kept:
    """The posts that bring messages up to date, and whose conversations may have ended with the words."""

    posts: Sequence[DuePost] = ()
    freed: Sequence[MemberId] = ()


class Keeping:
    """Carries out what is decided about members' words. Called inside a write transaction."""

    def __init__(self, follow: Follow) -> None:
        """Take what finds and mends the messages that quote; no I/O."""
        self._follow = follow

    async def keep(
        self, effect: Record | Rewrite | Forget | Reclassify, work: Work, group: GroupWork, now: datetime
    ) -> Kept:
        """Change the words, or who may see them; `now` is a UTC instant."""
        match effect:
            case Record(contribution):
                await group.record(await _like_its_card(group, contribution), now)
                return Kept()
            case Rewrite(number, text, erases):
                await group.rewrite(number, text, now)
                return Kept(await (self._follow.erase if erases else self._follow.edit)(work, group, number, now))
            case Forget(number):
                return await self._forgotten(number, work, group, now)
            case Reclassify():
                return await self._reclassified(effect, work, group, now)

    async def _forgotten(self, number: int, work: Work, group: GroupWork, now: datetime) -> Kept:
        """Who wants words forgotten that they deleted in the chat meanwhile has their way already."""
        for one in await group.kept([number]):
            await group.forget(number, now)
            await group.close_flows_about(number)
            return Kept(await self._follow.erase(work, group, number, now), (one.author,))
        return Kept()

    async def _reclassified(self, change: Reclassify, work: Work, group: GroupWork, now: datetime) -> Kept:
        posts: list[DuePost] = []
        for one in await _card_and_fields(group, change.number):
            shared_at = now if _is_shared_now(one, change.audience, change.status) else None
            await group.reclassify(one.number, change.audience, change.status, change.shown_as, shared_at)
            is_unnamed = change.shown_as is not None and change.shown_as != one.shown_as
            posts += await (self._follow.erase if is_unnamed else self._follow.narrow)(work, group, one.number, now)
        return Kept(posts)


async def _like_its_card(group: GroupWork, one: NewContribution) -> NewContribution:
    """Return an answer that belongs to its author's own card as unnamed, and for as few people, as that card is now."""
    card = await group.numbered(one.part_of) if one.part_of is not None and one.field is not None else None
    if card is None or card.author != one.author:
        return one
    shown_as = card.shown_as if one.shown_as is None else one.shown_as
    return replace(one, audience=min(card.audience, one.audience, key=RANK.__getitem__), shown_as=shown_as)


async def _card_and_fields(group: GroupWork, number: int) -> tuple[Contribution, ...]:
    """Return a card with the answers that belong to it: they are seen by the same people."""
    parts = await group.parts_of([number])
    return (*await group.kept([number]), *(part for part in parts if part.field is not None))


def _is_shared_now(one: Contribution, audience: Audience | None, status: Status | None) -> bool:
    """Whether the group may see it from now on, and could not before."""
    changed = replace(one, audience=audience or one.audience, status=status or one.status)
    return changed.is_for_group and not one.is_for_group
