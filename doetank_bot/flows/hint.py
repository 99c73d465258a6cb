"""Who seems to answer beside the thread is shown the way, once. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import NOTHING, Outcome, Say, StoreMember
from doetank_bot.domain.group import Member
from doetank_bot.domain.reference import MemberId
from doetank_bot.domain.view import Scene
from doetank_bot.flows.course import today
from doetank_bot.ports import AskedPrompt

OPEN_FOR = timedelta(hours=24)
"""How long after a question what is said in the room may be meant as an answer to it."""


def open_question(scene: Scene, posted: Sequence[AskedPrompt]) -> AskedPrompt | None:
    """Return the newest of `posted` that is there to be seen, while its cycle runs and for as long as it is open."""
    if scene.cycle is None or scene.cycle.state is not CycleState.RUNNING:
        return None
    shown = next((one for one in posted if one.message is not None), None)
    return shown if shown is not None and scene.now - shown.at <= OPEN_FOR else None


def hint(scene: Scene, question: AskedPrompt | None, givers: Collection[MemberId]) -> Outcome:
    """Return one line to the sender of what was said in the room, and that they had it; mostly nothing.

    `question` is the open one; `givers` are who gave anything since.
    """
    member = scene.sender
    if question is None or member is None or scene.group is None or scene.cycle is None or member.id in givers:
        return NOTHING
    if member.user == scene.cycle.coach:
        # The coach leads the group, and says much that is no answer.
        return NOTHING
    if member.is_hinted or not _is_asked_it(member, question.at, today(scene.group, scene.now)):
        return NOTHING
    line = Say(scene.place, "capture.hint", reply_to=scene.source)
    return Outcome((StoreMember(replace(member, is_hinted=True)), line))


def _is_asked_it(member: Member, asked_at: datetime, on: date) -> bool:
    """Who skipped the question has answered it; who came or came back later was not asked it."""
    return member.is_asked(on) and (member.asked_since is None or member.asked_since <= asked_at)
