"""`!digest preview`, `hold` and `send`: the coach's hand on the weekly digest; `subscribe`: a private copy of it."""

from dataclasses import replace

from doetank_bot.commands.answer import answer, privately
from doetank_bot.commands.cycle import load_stage, running
from doetank_bot.commands.spec import Call, Command, Who, nothing
from doetank_bot.domain.cycle import CycleState, without
from doetank_bot.domain.effect import About, Effect, Outcome, Purpose, StoreCycle, StoreMember
from doetank_bot.domain.error import UserError
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage
from doetank_bot.flows.weekly import composed, draft, sent


def _preview(call: Call, stage: Stage | None) -> Outcome:
    """Show the draft to whoever asked, in private; in the room only a line that it was sent."""
    running(call)
    if stage is None:
        raise UserError("cycle.none")
    about = About(Purpose.DRAFT, stage.cycle.id, digest=stage.material.n_digests + 1)
    return privately(call, draft(call.scene, call.rules, stage, call.catalogue), about)


def _send(call: Call, stage: Stage | None) -> Outcome:
    """Post the digest now; the scheduled one of this week does not go again. It says who read it first, if anyone did.

    Raises UserError: no cycle, a paused one, or nothing new to send.
    """
    now = running(call)
    if now.cycle.state is not CycleState.RUNNING or stage is None:
        raise UserError("cycle.not_running")
    if composed(call.scene, call.rules, stage).is_empty or not _has_news(stage):
        raise UserError("command.digest_nothing_new", prefix=call.rules.prefix)
    settled = {one.key for one in course.digest_until(stage.waiting, now.cycle.week_on(now.today(call)))}
    stage = replace(stage, waiting=tuple(one for one in stage.waiting if one.key not in settled))
    sender = call.scene.sender
    checked_by = sender.name if sender is not None and sender.user in stage.material.readers else None
    posts = sent(call.scene, call.rules, stage, call.catalogue, checked_by=checked_by)
    cycle = replace(without(now.cycle, *sorted(settled)), is_held=False)
    kept = course.stored(cycle, stage.waiting, now.group, call.scene.now)
    done: tuple[Effect, ...] = (answer(call, "command.digest_sent"),)
    return Outcome((*posts, *done, *kept))


def _hold(call: Call, stage: Stage | None) -> Outcome:
    """Let the next digest wait: at its time the coach is told, and the one after takes everything along.

    Raises UserError: no cycle, or a paused one.
    """
    now = running(call)
    if now.cycle.state is not CycleState.RUNNING or stage is None:
        raise UserError("cycle.not_running", prefix=call.rules.prefix)
    held = replace(now.cycle, is_held=True)
    return Outcome((StoreCycle(held, stage.waiting), answer(call, "command.digest_held")))


def _subscribe(call: Call, _loaded: None) -> Outcome:
    return _copies(call, "digest.subscribed", wanted=True)


def _unsubscribe(call: Call, _loaded: None) -> Outcome:
    return _copies(call, "digest.unsubscribed", wanted=False)


def _copies(call: Call, key: str, *, wanted: bool) -> Outcome:
    if call.scene.sender is None:
        raise UserError("error.members_only")
    return Outcome((StoreMember(replace(call.scene.sender, wants_digest=wanted)), answer(call, key)))


def _has_news(stage: Stage) -> bool:
    """Return whether the group gave anything since the digest before."""
    since = stage.material.since
    given = (one.known_at for one in stage.material.contributions)
    return since is None or any(at is not None and at > since for at in given)


PREVIEW = Command(
    name="digest.preview", purpose="command.digest_preview", load=load_stage, decide=_preview, who=Who.MEMBER
)
HOLD = Command(
    name="digest.hold",
    purpose="command.digest_hold",
    load=load_stage,
    decide=_hold,
    who=Who.MODERATOR,
    is_undoable=True,
)
SEND = Command(name="digest.send", purpose="command.digest_send", load=load_stage, decide=_send, who=Who.MODERATOR)
SUBSCRIBE = Command(
    name="digest.subscribe", purpose="command.digest_subscribe", load=nothing, decide=_subscribe, who=Who.MEMBER
)
UNSUBSCRIBE = Command(
    name="digest.unsubscribe", purpose="command.digest_unsubscribe", load=nothing, decide=_unsubscribe, who=Who.MEMBER
)
