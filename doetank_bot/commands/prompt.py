"""`!prompt now` and `!prompt skip`: the coach asks something now, or leaves the next prompt out."""

from doetank_bot.commands.answer import answer
from doetank_bot.commands.cycle import load_stage, running
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Who
from doetank_bot.domain.cycle import CycleState, monday_of, without
from doetank_bot.domain.effect import Effect, Outcome, StoreCycle
from doetank_bot.domain.error import UserError
from doetank_bot.domain.pack import Pack, Prompt
from doetank_bot.domain.schedule import Occurrence, Run, choose, phase_of
from doetank_bot.flows import course
from doetank_bot.flows.asking import asked
from doetank_bot.flows.stage import Stage


def decide(call: Call, stage: Stage | None) -> Outcome:
    """Post a prompt: the one that is named, or the next one. The next one of this week is then not asked again.

    Raises UserError: no cycle, a paused one, no such prompt, nothing to ask.
    """
    now = running(call)
    if now.cycle.state is not CycleState.RUNNING or stage is None:
        raise UserError("cycle.not_running")
    pack = course.pack_of(now.cycle, call.rules)
    named = call.arguments.text("code")
    step = None if named else _next_step(stage)
    chosen = _named(named, pack, call) if named else _chosen(step, stage, pack, call)
    effects = asked(chosen, call.scene, call.rules, stage, call.catalogue)
    return Outcome((*effects, *_brought_forward(step, stage, call), answer(call, _done(pack.prompts[chosen], call))))


def _done(prompt: Prompt, call: Call) -> str:
    """Return the text that says where it is asked."""
    if prompt.is_private:
        return "prompt.asked_each"
    return "prompt.posted" if call.scene.is_private else "prompt.posted_here"


def _skip(call: Call, stage: Stage | None) -> Outcome:
    """Leave out the next prompt of the plan. Raises UserError: no running cycle, or nothing to come."""
    now = running(call)
    step = _next_step(stage) if stage is not None else None
    if now.cycle.state is not CycleState.RUNNING or stage is None or step is None:
        raise UserError("prompt.none_to_skip", prefix=call.rules.prefix)
    kept = StoreCycle(without(stage.cycle, step.key), stage.after(step))
    return Outcome((kept, answer(call, "prompt.skipped", at=step.due_at)))


def _named(name: str, pack: Pack, call: Call) -> str:
    for prompt_id in pack.prompts:
        if prompt_id.casefold() == name.casefold():
            return prompt_id
    raise UserError("prompt.no_such", code=name, codes=", ".join(pack.prompts), prefix=call.rules.prefix)


def _next_step(stage: Stage) -> Occurrence | None:
    return next((one for one in stage.waiting if one.run is Run.PROMPT), None)


def _chosen(step: Occurrence | None, stage: Stage, pack: Pack, call: Call) -> str:
    """Return the next prompt in turn; without a step to come, the phase's own that was asked longest ago."""
    if step is not None:
        chosen = choose(step, stage.asked, stage.material.has_action)
        if chosen is not None:
            return chosen
    cycle = stage.cycle
    phase = phase_of(pack, len(cycle.weeks), cycle.week_on(course.today(stage.group, call.scene.now)), cycle.phases)
    last = {prompt: place for place, prompt in enumerate(stage.asked)}
    picks = [prompt for one in phase.steps for prompt in one.pick]
    if not picks:
        raise UserError("prompt.nothing", codes=", ".join(pack.prompts), prefix=call.rules.prefix)
    return min(picks, key=lambda prompt: last.get(prompt, -1))


def _brought_forward(step: Occurrence | None, stage: Stage, call: Call) -> tuple[Effect, ...]:
    """Return the effect that takes this week's next prompt out of the schedule: it was just asked."""
    today = course.today(stage.group, call.scene.now)
    if step is None or monday_of(step.planned_local.date()) != monday_of(today):
        return ()
    return (StoreCycle(without(stage.cycle, step.key), stage.after(step)),)


NOW = Command(
    name="prompt.now",
    purpose="command.prompt_now",
    load=load_stage,
    decide=decide,
    parameters=(Parameter("code", Shape.WORD),),
    who=Who.MODERATOR,
    example={"nl": "V1", "en": "V1"},
)
SKIP = Command(
    name="prompt.skip",
    purpose="command.prompt_skip",
    load=load_stage,
    decide=_skip,
    who=Who.MODERATOR,
    is_undoable=True,
)
