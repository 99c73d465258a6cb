"""`!review 12`: look back on an experiment now, in a thread of its own."""

from dataclasses import dataclass

from doetank_bot.commands.answer import answer
from doetank_bot.commands.cycle import load_stage, running
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who
from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import ClearTimer, Outcome
from doetank_bot.domain.error import UserError
from doetank_bot.flows import series
from doetank_bot.flows.stage import Stage


@dataclass(frozen=True, slots=True)
class Look:
    """The cycle, and the experiment that was named."""

    stage: Stage | None
    experiment: Contribution | None


async def _load(call: Call, sources: Sources) -> Look:
    number = call.arguments.number("number")
    kept = await sources.group.numbered(number) if sources.group and number is not None else None
    return Look(await load_stage(call, sources), kept)


def _decide(call: Call, look: Look) -> Outcome:
    """Ask the first question of the look back. Raises UserError: no running cycle, no such experiment, no questions."""
    now, one = running(call), look.experiment
    if now.cycle.state is not CycleState.RUNNING or look.stage is None:
        raise UserError("cycle.not_running", prefix=call.rules.prefix)
    if one is None or one.kind is not ContributionKind.EXPERIMENT or not one.is_for_group:
        raise UserError("review.no_such", prefix=call.rules.prefix)
    asked = series.review(one.number, call.scene, call.rules, look.stage, call.catalogue)
    if not asked:
        raise UserError("review.no_questions")
    return Outcome((*asked, ClearTimer(f"look.{one.number}"), answer(call, "review.begun", number=one.number)))


REVIEW = Command(
    name="review",
    purpose="command.review",
    load=_load,
    decide=_decide,
    parameters=(Parameter("number", Shape.NUMBER, is_required=True),),
    who=Who.MEMBER,
    needs_room=True,
    example={"nl": "12", "en": "12"},
)
