"""`!missed`: catching up in two minutes, in private: where the group is, its question, and the last digest."""

from collections.abc import Iterator
from dataclasses import dataclass

from doetank_bot.commands.answer import privately
from doetank_bot.commands.contribution import current_question, load_questions
from doetank_bot.commands.cycle import load_waiting, running, standing
from doetank_bot.commands.spec import Call, Command, Sources, Who
from doetank_bot.domain.document import Block, Document, filled, quotes
from doetank_bot.domain.effect import ANSWER, About, Outcome, Params, Purpose
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.ports import GroupViews

Said = tuple[str, dict[str, Params]]
"""A text by its key, with its parameters."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The steps to come, the text that says the question, and the last digest as it reads now."""

    waiting: tuple[Occurrence, ...] = ()
    question: Said = ("contribution.no_question", {})
    digest: Document | None = None
    number: int | None = None


async def _load(call: Call, sources: Sources) -> Missed:
    if sources.group is None or call.scene.cycle is None:
        return Missed()
    posts = await sources.group.digests(call.scene.cycle.id)
    number = max((post.about.digest or 0 for post in posts), default=None)
    parts = [post.document for post in posts if (post.about.digest or 0) == number]
    digest = await _as_now(Document(blocks=tuple(block for part in parts for block in part.blocks)), sources.group)
    question = current_question(await load_questions(call, sources))
    return Missed(await load_waiting(call, sources), question, digest if parts else None, number)


async def _as_now(document: Document, group: GroupViews) -> Document:
    """Return the digest with the words as they are now, of what the group may still see."""
    kept = await group.kept({quote.number for quote in quotes(document)})
    return filled(document, {one.number: (one.text, one.author_name) for one in kept if one.is_for_group})


def _decide(call: Call, missed: Missed) -> Outcome:
    """Show it in private; in the room only a line that it was sent. Raises UserError: no cycle, or no member."""
    cycle = running(call).cycle
    # As a copy of the digest: it follows edits, and takes a reply that something in it is not right.
    about = About(Purpose.DIGEST, cycle.id, digest=missed.number) if missed.digest else ANSWER
    return privately(call, Document(blocks=tuple(_blocks(call, missed))), about)


def _blocks(call: Call, missed: Missed) -> Iterator[Block]:
    ends: Said = ("missed.digest" if missed.digest else "missed.no_digest", {})
    timezone = call.scene.group.timezone if call.scene.group else call.rules.timezone
    for key, params in (standing(call, missed.waiting), missed.question, ends):
        yield from call.catalogue.document(
            key, {"prefix": call.rules.prefix, **params}, call.scene.language, timezone
        ).blocks
    if missed.digest:
        yield from missed.digest.blocks


MISSED = Command(name="missed", purpose="command.missed", load=_load, decide=_decide, who=Who.MEMBER)
