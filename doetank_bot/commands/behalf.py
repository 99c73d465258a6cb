"""`!for "ROLE" TEXT`: the coach writes down what someone said who is not in the chat; a role, never a name."""

from dataclasses import replace

from doetank_bot.commands.answer import answer
from doetank_bot.commands.contribution import given
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who, nothing
from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.effect import Outcome, Record
from doetank_bot.flows.capture import next_question, recorded


def _decide(call: Call, _loaded: None) -> Outcome:
    """Keep it as an observation, shown with the role in the place of a name."""
    gift = given(call, ContributionKind.OBSERVATION)
    role = call.arguments.text("role") or ""
    kept = Record(replace(recorded(gift, call.scene).contribution, shown_as=role))
    done = answer(call, "behalf.kept", number=call.scene.next_number)
    return Outcome((kept, done, *next_question(gift, call.scene, call.rules)))


FOR = Command(
    name="for",
    purpose="command.for",
    load=nothing,
    decide=_decide,
    parameters=(Parameter("role", Shape.TITLE, is_required=True), Parameter("text", Shape.TEXT, is_required=True)),
    who=Who.MODERATOR,
    keeps=True,
    example={"nl": '"mantelzorger" Ik werd eindelijk gebeld.', "en": '"carer" At last someone called me.'},
)
