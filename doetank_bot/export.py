"""A group's cycles as a document that outlives the bot: JSON (docs/export.schema.json) and Markdown.

Nothing private is in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.document import Document, filled, quotes
from doetank_bot.domain.group import Group
from doetank_bot.domain.reference import CycleId, GroupId
from doetank_bot.domain.schedule import phase_of, to_local
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import GroupViews, QuotingPost, Views
from doetank_bot.settings import Settings
from doetank_bot.store.migration import schema_is_current
from doetank_bot.store.uow import Store
from doetank_bot.text.markdown import escaped, markdown

SCHEMA = "doetank-export/1"


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of one group that may leave: cycles, contributions for the group or wider, digests with their words."""

    group: Group
    phases: Mapping[CycleId, str]
    cycles: tuple[Cycle, ...]
    contributions: tuple[Contribution, ...]
    digests: Mapping[CycleId, tuple[tuple[QuotingPost, Document], ...]]


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
    return Dossier(
        group=found,
        phases={cycle.id: _phase(cycle, found, rules, now) for cycle in cycles},
        cycles=cycles,
        contributions=tuple(filter(_may_leave, await rows.contributions())),
        digests={cycle.id: await _digests(rows, cycle.id) for cycle in cycles},
    )


def as_json(dossier: Dossier) -> str:
    """Return the dossier as JSON, two spaces deep, ending in a line break."""
    everything = {
        "schema": SCHEMA,
        "group": _group(dossier.group),
        "cycles": [_cycle(cycle, dossier) for cycle in dossier.cycles],
        "contributions": _entries(dossier, None),
    }
    return json.dumps(everything, ensure_ascii=False, indent=2) + "\n"


def as_markdown(dossier: Dossier) -> str:
    """Return the dossier as Markdown: per cycle the question, what was given, and the digests."""
    parts = [f"# {escaped(dossier.group.name or dossier.group.space.native)}"]
    for cycle in dossier.cycles:
        parts.append(f"## {escaped(cycle.title)}")
        parts.append(_listed([one for one in dossier.contributions if one.cycle == cycle.id]))
        parts += [markdown(document).rstrip() for _, document in dossier.digests[cycle.id]]
    parts.append(_listed([one for one in dossier.contributions if one.cycle is None]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _may_leave(contribution: Contribution) -> bool:
    """What was private stays out, also after it was withdrawn; a draft has not been checked by its teller yet."""
    return contribution.audience is not Audience.PRIVATE and contribution.status is not Status.DRAFT


async def _digests(rows: GroupViews, cycle: CycleId) -> tuple[tuple[QuotingPost, Document], ...]:
    posts = await rows.digests(cycle)
    words = await rows.words({quote.number for post in posts for quote in quotes(post.document)})
    return tuple((post, filled(post.document, words)) for post in posts)


def _phase(cycle: Cycle, group: Group, rules: Rules, now: datetime) -> str:
    """Return the name of the phase that the cycle is in (or ended in); empty when its pack is no longer there."""
    pack = rules.packs.get(cycle.pack)
    if pack is None:
        return ""
    today = to_local(cycle.ended_at or now, group.timezone).date()
    return phase_of(pack, len(cycle.weeks), cycle.week_on(today), cycle.phases).name


def _group(group: Group) -> dict[str, Any]:
    return {
        "room": group.space.native,
        "name": group.name,
        "language": group.language,
        "timezone": group.timezone,
    }


def _cycle(cycle: Cycle, dossier: Dossier) -> dict[str, Any]:
    own = [one for one in dossier.contributions if one.cycle == cycle.id]
    questions = [one for one in own if one.kind is ContributionKind.QUESTION and one.status is Status.ACTIVE]
    return {
        "title": cycle.title,
        "pack": cycle.pack,
        "phase": dossier.phases[cycle.id],
        "state": cycle.state.value,
        "weeks": [monday.isoformat() for monday in cycle.weeks],
        "questions": [
            {"version": version, "id": one.number, "text": one.text} for version, one in enumerate(questions, 1)
        ],
        "contributions": _entries(dossier, cycle.id),
        "digests": [_digest(post, document) for post, document in dossier.digests[cycle.id]],
    }


def _entries(dossier: Dossier, cycle: CycleId | None) -> list[dict[str, Any]]:
    return [_entry(one) for one in dossier.contributions if one.cycle == cycle]


def _entry(one: Contribution) -> dict[str, Any]:
    return {
        "id": one.number,
        "kind": one.kind.value,
        "text": one.text,
        "author": one.author_name if one.status is Status.ACTIVE else "",
        "audience": one.audience.value,
        "status": one.status.value,
        "part_of": one.part_of,
        "field": one.field,
        "source": one.source.native,
        "created_at": one.created_at.isoformat() if one.created_at else None,
    }


def _digest(post: QuotingPost, document: Document) -> dict[str, Any]:
    return {
        "number": post.about.digest,
        "audience": Audience.GROUP.value,
        "markdown": markdown(document),
        "sources": [quote.number for quote in quotes(document)],
    }


def _listed(contributions: Sequence[Contribution]) -> str:
    lines = (
        f"- #{one.number} {one.kind.value}, {escaped(one.author_name)}: {escaped(one.text)}"
        for one in contributions
        if one.status is Status.ACTIVE
    )
    return "\n".join(lines)
