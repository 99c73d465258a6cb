"""One card by its number (`!experiment 12`): the whole of it, with what belongs to it."""

import re
from dataclasses import dataclass

from doetank_bot.commands.answer import shown
from doetank_bot.commands.spec import Call, Sources
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.document import Bullets, Document, Line, Paragraph, Quote, Text
from doetank_bot.domain.effect import Outcome, Params
from doetank_bot.domain.error import UserError

_NUMBER = re.compile(r"#?(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands under the number that was typed; `card` is None when nothing does (any more)."""

    number: int
    card: Contribution | None
    parts: tuple[Contribution, ...] = ()


async def load(call: Call, sources: Sources) -> Asked | None:
    """Return what the sender asks to see; None when the words after the command are no number: then they are given."""
    match = _NUMBER.fullmatch((call.arguments.text("text") or "").strip())
    if match is None or sources.group is None:
        return None
    number = int(match[1])
    card = await sources.group.numbered(number)
    return Asked(number, card, await sources.group.parts_of([number]) if card else ())


def show(call: Call, asked: Asked) -> Outcome:
    """Show it whole, as far as everyone who reads the answer may see it. Raises UserError when there is no such."""
    if asked.card is None or not may_see(call, asked.card):
        raise UserError("lists.no_such", number=asked.number, prefix=call.rules.prefix)
    timezone = call.scene.group.timezone if call.scene.group else call.rules.timezone
    params: dict[str, Params] = {"number": asked.number, "on": asked.card.created_at or call.scene.now}
    head = call.catalogue.line("lists.card", params, call.scene.language, timezone)
    blocks = (Paragraph(lines=(head,)), Paragraph(lines=(_whole(asked.card),)))
    parts = tuple(_whole(part) for part in asked.parts if may_see(call, part))
    return Outcome((shown(call, Document(blocks=(*blocks, Bullets(items=parts)) if parts else blocks)),))


def may_see(call: Call, one: Contribution) -> bool:
    """Whether everyone who reads the answer may see it: in the room the group, in private also its author."""
    sender = call.scene.sender
    return one.is_for_group or (call.scene.is_private and sender is not None and one.author == sender.id)


def _whole(one: Contribution) -> Line:
    number = () if one.part_of is None else (Text(text=f"#{one.number} "),)
    return (*number, Quote(number=one.number, text=one.text, author=one.author_name, source=one.source, limit=0))
