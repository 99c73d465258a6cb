"""`!share`: who may see what someone gave. Its author widens; anyone it concerns may narrow it."""

from dataclasses import replace

from doetank_bot.commands import card
from doetank_bot.commands.answer import answer
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who
from doetank_bot.domain.contribution import Contribution, Status
from doetank_bot.domain.effect import Outcome, Reclassify
from doetank_bot.domain.error import UserError
from doetank_bot.flows.audience import RANK, parse_audience


async def _load(call: Call, sources: Sources) -> Contribution | None:
    number = call.arguments.number("number")
    if number is None or sources.group is None:
        return None
    return await sources.group.numbered(number)


def _decide(call: Call, one: Contribution | None) -> Outcome:
    """Change who may see it. Raises UserError: no such number, words that do not fit, or not theirs to widen."""
    number, typed = call.arguments.number("number"), call.arguments.text("text") or ""
    if one is None or not card.may_see(replace_private(call), one):
        raise UserError("lists.no_such", number=number or 0, prefix=call.rules.prefix)
    shared = parse_audience(typed, call.words)
    if shared is None or typed.strip().isdigit():
        raise UserError("share.how", prefix=call.rules.prefix, number=one.number)
    is_author = call.scene.sender is not None and one.author == call.scene.sender.id
    if not is_author and (RANK[shared.audience] > RANK[one.audience] or one.status is Status.DRAFT):
        raise UserError("share.not_yours", number=one.number)
    status = Status.ACTIVE if one.status is Status.DRAFT else None
    shown_as = "" if shared.is_unnamed else None
    changed = Reclassify(one.number, shared.audience, status, shown_as)
    return Outcome((changed, answer(call, f"share.{shared.audience}", number=one.number)))


def replace_private(call: Call) -> Call:
    """Return the call as in private: an author may name what only they may see; it is not shown here."""
    return replace(call, scene=replace(call.scene, is_private=True))


SHARE = Command(
    name="share",
    purpose="command.share",
    load=_load,
    decide=_decide,
    parameters=(Parameter("number", Shape.NUMBER, is_required=True), Parameter("text", Shape.TEXT, is_required=True)),
    who=Who.MEMBER,
    example={"nl": "12 groep", "en": "12 group"},
)
