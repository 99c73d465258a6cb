"""A digest put right: the coach's own first lines (`edit`), and who says that something is wrong (`correct`)."""

from dataclasses import replace

from doetank_bot.commands.answer import answer
from doetank_bot.commands.contribution import given
from doetank_bot.commands.cycle import load_stage, running
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who, nothing
from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.digest import CORRECTION
from doetank_bot.domain.digest.minute import MINUTE
from doetank_bot.domain.document import Quote
from doetank_bot.domain.effect import Outcome, Say
from doetank_bot.domain.reference import Private
from doetank_bot.flows.capture import recorded
from doetank_bot.flows.stage import Stage

_TEXT = Parameter("text", Shape.TEXT, is_required=True)


def _edit(call: Call, stage: Stage | None) -> Outcome:
    """Keep the coach's own first lines for the coming digest; they are for the group, wherever they were typed."""
    running(call)
    gift = replace(given(call, ContributionKind.REFLECTION), audience=Audience.GROUP, field=MINUTE)
    number = 1 if stage is None else stage.material.n_digests + 1
    return Outcome((recorded(gift, call.scene), answer(call, "command.digest_edited", number=number)))


def _correct(call: Call, _loaded: None) -> Outcome:
    """Keep what is wrong and tell the coach; of what was said in private only who said it."""
    now, sender = running(call), call.scene.sender
    gift = replace(given(call, ContributionKind.REFLECTION), field=CORRECTION)
    who = {"name": sender.name if sender else "", "title": now.cycle.title}
    told = Say(Private(now.cycle.coach), "digest.wrong_in_private", who)
    if gift.audience is not Audience.PRIVATE:
        quote = Quote(number=call.scene.next_number, text=gift.text, source=gift.source, shows_author=False, limit=0)
        told = Say(told.to, "digest.wrong", {**who, "words": quote, "prefix": call.rules.prefix})
    return Outcome((recorded(gift, call.scene), told, answer(call, "digest.wrong_noted")))


EDIT = Command(
    name="digest.edit",
    purpose="command.digest_edit",
    load=load_stage,
    decide=_edit,
    parameters=(_TEXT,),
    who=Who.MODERATOR,
    keeps=True,
    example={
        "nl": "De proef loopt. Dinsdag kijken we samen.",
        "en": "The experiment runs. On Tuesday we look together.",
    },
)
CORRECT = Command(
    name="digest.correct",
    purpose="command.digest_correct",
    load=nothing,
    decide=_correct,
    parameters=(_TEXT,),
    who=Who.MEMBER,
    keeps=True,
    example={"nl": "Het waren er vier, geen drie.", "en": "There were four, not three."},
)
