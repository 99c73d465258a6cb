"""One card by its number: shown whole (`!experiment 12`), or told how far it is (`!experiment 12 finished`)."""

from dataclasses import dataclass

from doetank_bot.commands.answer import answer, shown
from doetank_bot.commands.progress import Said, said_of_card
from doetank_bot.commands.spec import Call, Sources
from doetank_bot.domain.contribution import Contribution, ContributionKind, NewContribution
from doetank_bot.domain.document import Bullets, Document, Line, Paragraph, Quote, Text
from doetank_bot.domain.effect import Outcome, Params, Record
from doetank_bot.domain.error import UserError
from doetank_bot.domain.progress import HAS_PROGRESS, OWNER, STATUS, Progress, progress


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands under the number that was typed; `card` is None when nothing does (any more)."""

    said: Said
    card: Contribution | None
    parts: tuple[Contribution, ...] = ()


async def load(call: Call, sources: Sources) -> Asked | None:
    """Return what the sender asks to see; None when the words after the command are no card's: then they are given."""
    said = said_of_card(call.arguments.text("text") or "", call.words)
    if said is None or sources.group is None:
        return None
    card = await sources.group.numbered(said.number)
    if said.slip and (card is None or card.kind not in HAS_PROGRESS or not may_see(call, card)):
        return None
    return Asked(said, card, await sources.group.parts_of([said.number]) if card else ())


def decide(call: Call, asked: Asked) -> Outcome:
    """Show the card, or keep what is said of it. Raises UserError: no such card to be seen here, or no such word."""
    if asked.card is None or not may_see(call, asked.card):
        raise UserError("lists.no_such", number=asked.said.number, prefix=call.rules.prefix)
    if asked.said.slip:
        raise _unknown_word(call, asked.said.number)
    return _show(call, asked, asked.card) if asked.said.field is None else _keep(call, asked.said, asked.card)


def _unknown_word(call: Call, number: int) -> UserError:
    language = call.scene.language
    words = ", ".join(call.words.word(meaning, language) for meaning in Progress)
    return UserError("lists.no_such_status", number=number, words=words, owner=call.words.word(OWNER, language))


def _keep(call: Call, said: Said, card: Contribution) -> Outcome:
    """Keep the status or the owner; of a card of the group everyone there must see that it was said.

    Raises UserError: no card that has a status, or said in private of what is the group's.
    """
    scene = call.scene
    if scene.sender is None or scene.source is None or card.kind not in HAS_PROGRESS:
        raise UserError("lists.no_status", number=said.number, prefix=call.rules.prefix)
    if scene.is_private and card.is_for_group:
        raise UserError("error.in_room")
    part = NewContribution(
        number=scene.next_number,
        kind=ContributionKind.ANSWER,
        text=said.text,
        author=scene.sender.id,
        audience=card.audience,
        source=scene.source,
        cycle=card.cycle,
        part_of=card.number,
        field=said.field,
    )
    if said.field == STATUS:
        status = call.catalogue.plain(f"status.{said.text}", {}, scene.language)
        return Outcome((Record(part), answer(call, "lists.status_kept", number=card.number, status=status)))
    owner = Quote(number=part.number, text=said.text, source=scene.source, shows_author=False, marks=False)
    return Outcome((Record(part), answer(call, "lists.owner_kept", number=card.number, owner=owner)))


def _show(call: Call, asked: Asked, card: Contribution) -> Outcome:
    """Show it whole, as far as everyone who reads the answer may see it."""
    timezone = call.scene.group.timezone if call.scene.group else call.rules.timezone
    params: dict[str, Params] = {"number": card.number, "on": card.created_at or call.scene.now}
    head = call.catalogue.line("lists.card", params, call.scene.language, timezone)
    blocks = (Paragraph(lines=(head,)), Paragraph(lines=(_whole(card),)))
    parts = tuple(_part(call, card.kind, part) for part in asked.parts if may_see(call, part))
    return Outcome((shown(call, Document(blocks=(*blocks, Bullets(items=parts)) if parts else blocks)),))


def may_see(call: Call, one: Contribution) -> bool:
    """Whether everyone who reads the answer may see it: in the room the group, in private also its author."""
    sender = call.scene.sender
    return one.is_for_group or (call.scene.is_private and sender is not None and one.author == sender.id)


def _part(call: Call, kind: ContributionKind, part: Contribution) -> Line:
    """Return a part as it is; a status, or a choice that was kept by its name, in the reader's words."""
    status = progress(part)
    if status is not None:
        return (Text(text=f"#{part.number} {call.catalogue.plain(f'status.{status}', {}, call.scene.language)}"),)
    pack = call.rules.packs.get(call.scene.cycle.pack) if call.scene.cycle else None
    choice = pack.choice(kind, part.field, part.text) if pack and part.field else None
    return _whole(part) if choice is None else (Text(text=f"#{part.number} {choice.get(call.scene.language)}"),)


def _whole(one: Contribution) -> Line:
    number = () if one.part_of is None else (Text(text=f"#{one.number} "),)
    return (*number, Quote(number=one.number, text=one.text, author=one.author_name, source=one.source, limit=0))
