"""`!keep`, as a reply: a message that was said elsewhere is kept too, in its author's own words."""

from dataclasses import dataclass

from doetank_bot.commands.answer import answer
from doetank_bot.commands.spec import Call, Command, Sources, Who
from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.effect import Effect, Outcome, Params
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Member
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.view import Snapshot
from doetank_bot.domain.wash import wash
from doetank_bot.flows.capture import Gift, audience_at, next_question, recorded


@dataclass(frozen=True, slots=True)
class Found:
    """The message that was replied to, as it is shown now; who wrote it; and what was made of it before."""

    message: Snapshot | None = None
    author: Member | None = None
    earlier: Contribution | None = None


async def _load(call: Call, sources: Sources) -> Found:
    reply_to = call.scene.reply_to
    if reply_to is None or sources.group is None:
        return Found()
    message = await sources.chat.fetch(reply_to)
    author = await sources.group.member(message.author) if message else None
    return Found(message, author, await sources.group.contribution(reply_to))


def _decide(call: Call, found: Found) -> Outcome:
    """Keep it. Raises UserError: no reply, a message that is gone or no text, ours, or of someone who is no member."""
    earlier = found.earlier
    if earlier is not None:
        return Outcome((answer(call, "keep.already", number=earlier.number),))
    message, author = _message(call, found)
    masked = wash(message.text, call.scene.language)
    if is_blank(masked.text) or call.scene.reply_to is None:
        raise UserError("keep.no_text")
    gift = Gift(
        kind=ContributionKind.ANSWER,
        text=masked.text,
        author=author.id,
        source=call.scene.reply_to,
        cycle=call.scene.cycle.id if call.scene.cycle else None,
        audience=audience_at(call.scene),
        found=masked.found,
    )
    return Outcome((recorded(gift, call.scene), *_said(call, gift, author)))


def _message(call: Call, found: Found) -> tuple[Snapshot, Member]:
    if call.scene.reply_to is None:
        raise UserError("keep.reply", prefix=call.rules.prefix)
    if found.message is None:
        raise UserError("keep.gone")
    if found.message.author == call.rules.me:
        raise UserError("keep.mine")
    if found.author is None:
        raise UserError("keep.no_member")
    return found.message, found.author


def _said(call: Call, gift: Gift, author: Member) -> tuple[Effect, ...]:
    """Answer, and let the author choose about personal data; someone else is told only that it was left out."""
    params: dict[str, Params] = {"number": call.scene.next_number, "name": author.name}
    if call.scene.sender is not None and author.id == call.scene.sender.id:
        return (answer(call, "keep.kept_own", **params), *next_question(gift, call.scene, call.rules))
    return (answer(call, "keep.kept_masked" if gift.found else "keep.kept", **params),)


KEEP = Command(name="keep", purpose="command.keep", load=_load, decide=_decide, who=Who.MEMBER)
