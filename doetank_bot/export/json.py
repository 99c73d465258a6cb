"""The dossier as JSON, for programs: docs/export.schema.json. What was withdrawn keeps its row, without its words."""

import json
from typing import Any

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.document import Document, quotes
from doetank_bot.domain.group import Group
from doetank_bot.domain.reference import CycleId
from doetank_bot.export.dossier import Dossier
from doetank_bot.ports import QuotingPost
from doetank_bot.text.markdown import markdown

SCHEMA = "doetank-export/1"


def as_json(dossier: Dossier) -> str:
    """Return the dossier as JSON, two spaces deep, ending in a line break."""
    everything = {
        "schema": SCHEMA,
        "group": _group(dossier.group),
        "cycles": [_cycle(cycle, dossier) for cycle in dossier.cycles],
        "contributions": _entries(dossier, None),
    }
    return json.dumps(everything, ensure_ascii=False, indent=2) + "\n"


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
    # In the chat, a message shows who sent it.
    is_unnamed = one.shown_as == ""
    return {
        "id": one.number,
        "kind": one.kind.value,
        "text": one.text,
        "author": one.author_name if one.status is Status.ACTIVE else "",
        "audience": one.audience.value,
        "status": one.status.value,
        "part_of": one.part_of,
        "field": one.field,
        "source": "" if is_unnamed else one.source.native,
        "created_at": one.created_at.isoformat() if one.created_at else None,
    }


def _digest(post: QuotingPost, document: Document) -> dict[str, Any]:
    return {
        "number": post.about.digest,
        "audience": Audience.GROUP.value,
        "markdown": markdown(document),
        "sources": [quote.number for quote in quotes(document)],
    }
