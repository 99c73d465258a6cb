"""What of a group may leave, read from its database: the one place that decides it, for every format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from doetank_bot.domain.contribution import Audience, Contribution, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.domain.document import Document, filled
from doetank_bot.domain.group import Group, MemberStatus
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import CycleId, GroupId, MemberId
from doetank_bot.domain.schedule import phase_of, to_local
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.flows.course import fitting_pack
from doetank_bot.flows.picture import so_far, week_starts
from doetank_bot.flows.stage import Stage
from doetank_bot.ports import GroupViews, QuotingPost, Views
from doetank_bot.settings import Settings
from doetank_bot.store.migration import schema_is_current
from doetank_bot.store.uow import Store

Words = Mapping[int, tuple[str, str]]
"""Of each contribution its text and the name to show, by number."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of one group that may leave: cycles, contributions for the group or wider, digests with their words.

    `packs` has no entry for a cycle whose pack is no longer there, or no longer fits; `pictures` has one for each cycle
    of a group that switched them on. `made_at` is a UTC instant. `sponsor` is set when that is no member: then only
    the account is known, and no name.
    """

    group: Group
    phases: Mapping[CycleId, str]
    cycles: tuple[Cycle, ...]
    contributions: tuple[Contribution, ...]
    digests: Mapping[CycleId, tuple[tuple[QuotingPost, Document], ...]]
    made_at: datetime
    packs: Mapping[CycleId, Pack] = field(default_factory=dict)
    pictures: Mapping[CycleId, CyclePicture] = field(default_factory=dict)
    sponsor: MemberId | None = None

    def standing(self) -> tuple[Contribution, ...]:
        """Return what is there to read, by number: nothing that was withdrawn, and no field of what was."""
        gone = {one.number for one in self.contributions if one.status is not Status.ACTIVE}
        return tuple(one for one in self.contributions if not {one.number, _card_of_field(one)} & gone)


class NoSuchGroup(Exception):
    """No group, or more than one, goes by that name; the text says what to type."""


async def read(settings: Settings, rules: Rules, named: str, now: datetime) -> Dossier:
    """Return the dossier of the group in the room `named`. Reads only, never migrates. Raises NoSuchGroup."""
    if not await schema_is_current(settings.database.url):
        raise NoSuchGroup("There is no up-to-date database here. Start the bot once with `doetank-bot run`")
    store = Store(settings.database.url, rules.me.account, FLOW_STATES)
    await store.open()
    try:
        async with store.read() as views:
            return await gather(views, await _find(views, named), rules, now)
    finally:
        await store.close()


async def _find(views: Views, named: str) -> GroupId:
    groups = await views.groups()
    found = [group for group in groups if named in {group.space.native, group.name}]
    if len(found) == 1:
        return found[0].id
    known = ", ".join(f"{group.space.native} ({group.name})" for group in groups) or "none yet"
    raise NoSuchGroup(
        f"No single group goes by {named}. Give the room id, which starts with !; the groups are: {known}"
    )


async def gather(views: Views, group: GroupId, rules: Rules, now: datetime) -> Dossier:
    """Read a group's dossier."""
    rows = views.group(group)
    found, cycles = await rows.group(), await rows.cycles()
    packs = {cycle.id: pack for cycle in cycles if (pack := fitting_pack(cycle, rules))}
    contributions = tuple(filter(_may_leave, await rows.contributions()))
    words = {one.number: (one.text, one.author_name) for one in contributions if one.status is Status.ACTIVE}
    return Dossier(
        group=found,
        phases={cycle.id: _phase(cycle, found, packs.get(cycle.id), now) for cycle in cycles},
        cycles=cycles,
        contributions=contributions,
        digests={cycle.id: await _digests(rows, cycle.id, words) for cycle in cycles},
        made_at=now,
        packs=packs,
        pictures={
            cycle.id: await _picture(rows, found, cycle, packs[cycle.id], now)
            for cycle in cycles
            if found.settings.shows_picture and cycle.id in packs
        },
        sponsor=await _sponsor(rows, found),
    )


def _may_leave(contribution: Contribution) -> bool:
    """What was private stays in, also after it was withdrawn; a draft has not been checked by its teller yet."""
    return contribution.audience is not Audience.PRIVATE and contribution.status is not Status.DRAFT


def _card_of_field(one: Contribution) -> int | None:
    return one.part_of if one.field is not None else None


async def _digests(rows: GroupViews, cycle: CycleId, words: Words) -> tuple[tuple[QuotingPost, Document], ...]:
    return tuple((post, filled(post.document, words)) for post in await rows.digests(cycle))


async def _sponsor(rows: GroupViews, group: Group) -> MemberId | None:
    sponsor = await rows.member(group.settings.sponsor) if group.settings.sponsor else None
    return sponsor.id if sponsor and sponsor.status is MemberStatus.SPONSOR else None


async def _picture(rows: GroupViews, group: Group, cycle: Cycle, pack: Pack, now: datetime) -> CyclePicture:
    per_week = await rows.n_given(cycle.id, week_starts(cycle, group))
    stage = Stage(cycle, group, await rows.material(cycle.id), per_week=per_week)
    return so_far(stage, pack, cycle.ended_at or now)


def _phase(cycle: Cycle, group: Group, pack: Pack | None, now: datetime) -> str:
    """Return the name of the phase that the cycle is in (or ended in); empty when its pack is no longer there."""
    if pack is None:
        return ""
    today = to_local(cycle.ended_at or now, group.timezone).date()
    return phase_of(pack, len(cycle.weeks), cycle.week_on(today), cycle.phases).name
