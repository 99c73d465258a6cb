"""What a reminder leads to when its time has come. Pure; what it is about was loaded by service/reminders.py."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.document import Quote
from doetank_bot.domain.effect import NOTHING, Ask, Effect, Outcome, Params, Say, SetTimer, StoreGroup
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Meeting, Member
from doetank_bot.domain.progress import is_over
from doetank_bot.domain.reference import MemberId, MessageRef, Place, Private, Room
from doetank_bot.domain.schedule import Occurrence, Run, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import BEGIN, course, series, sponsor
from doetank_bot.flows.consequence import opening_after
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.sponsor import SponsorState
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a reminder is about: the card with its parts, the member, what is being asked of them, a series' thread.

    `givers` are who gave something since the prompt that a nudge, or a put-off, is about.
    """

    card: Contribution | None = None
    parts: tuple[Contribution, ...] = ()
    member: Member | None = None
    asking: tuple[tuple[Place, FlowState], ...] = ()
    root: MessageRef | None = None
    givers: frozenset[MemberId] = frozenset()


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder whose time has come, and everything that is needed to carry it out."""

    step: Occurrence
    about: Reminded
    scene: Scene
    rules: Rules
    stage: Stage


def remind(due: Reminder, catalogue: Catalogue, words: WordTable) -> Outcome:
    """Return what a due reminder leads to; nothing when what it is about is gone or over."""
    member = due.about.member
    is_gone = due.step.run is not Run.ASK and member is not None and not member.may_be_written_to
    if is_gone or is_over(due.about.parts):
        return NOTHING
    if due.step.run is Run.LATER:
        return _asked_again(due, words)
    if due.step.run in {Run.LOOK, Run.SERIES}:
        return (_look if due.step.run is Run.LOOK else _next_question)(due, catalogue)
    return _SIMPLE[due.step.run](due)


def _asked_again(due: Reminder, words: WordTable) -> Outcome:
    """Ask everything that is still open of the member once more, each in its own place; or remind of a prompt."""
    if due.about.member is None or due.about.member.id in due.about.givers:
        return NOTHING
    if due.step.prompts:
        params: dict[str, Params] = {"title": due.stage.cycle.title, "prefix": due.rules.prefix}
        return Outcome((Say(Private(due.about.member.user), "nudge.prompt", params),))
    effects: list[Effect] = []
    for place, state in due.about.asking:
        is_private = isinstance(place, Private)
        there = replace(due.scene, place=place, sender=due.about.member, is_private=is_private, source=None)
        effects += BEGIN[state.kind](state, there, due.rules, words).effects
    return Outcome(tuple(effects))


def _plan(due: Reminder) -> Outcome:
    """Repeat a plan to its author in private, and ask how it goes."""
    pack, card, member = course.pack_of(due.stage.cycle, due.rules), due.about.card, due.about.member
    if card is None or member is None:
        return NOTHING
    if pack.checkin is None:
        quote = Quote(number=card.number, text=card.text, shows_author=False)
        return Outcome((Say(Private(member.user), "plan.reminder", {"plan": quote}),))
    asked = QuestionState(pack=pack.name, prompts=(pack.checkin,), cycle=due.stage.cycle.id, about=card.number)
    return Outcome((Ask(member, asked),))


def _look(due: Reminder, catalogue: Catalogue) -> Outcome:
    if due.about.card is None:
        return NOTHING
    return Outcome(series.review(due.about.card.number, due.scene, due.rules, due.stage, catalogue))


def _next_question(due: Reminder, catalogue: Catalogue) -> Outcome:
    _first, prompt = due.step.prompts
    if due.about.root is None or prompt not in course.pack_of(due.stage.cycle, due.rules).prompts:
        return NOTHING
    root, number = due.about.root, due.step.number
    return Outcome(series.following(prompt, root, number, due.scene, due.rules, due.stage, catalogue))


def _sponsor(due: Reminder) -> Outcome:
    """Put one ask a week to the sponsor; who has none on the chat gets a text to forward."""
    card, group = due.about.card, due.stage.group
    if card is None:
        return NOTHING
    day = course.today(group, due.scene.now)
    last = group.settings.sponsor_asked_on
    if last is not None and monday_of(last) == monday_of(day):
        return Outcome((SetTimer(_next_week(due)),))
    state = SponsorState(number=card.number, cycle=due.stage.cycle.id, by=_by(due))
    noted = StoreGroup(group.with_settings(sponsor_asked_on=day))
    if due.about.member is not None and due.about.member.may_be_written_to:
        return Outcome((noted, Ask(due.about.member, state)))
    worded = sponsor.worded(state, due.scene, due.rules, ("sponsor.forward", "sponsor.forward_by"))
    return Outcome((noted, Say(Private(due.stage.cycle.coach), *worded)))


def _next_week(due: Reminder) -> Occurrence:
    monday = due.scene.now + timedelta(days=7 - due.step.planned_local.weekday())
    at = opening_after(monday, replace(due.scene, cycle=due.stage.cycle), due.rules)
    local = due.step.planned_local + (at - due.step.due_at)
    return replace(due.step, planned_local=local, due_at=at)


def _by(due: Reminder) -> date | None:
    by = next((part for part in due.about.parts if part.field == "by"), None)
    day = parse_day(by.text) if by is not None else None
    return None if day is None else day.on(course.today(due.stage.group, due.scene.now))


def _meeting(due: Reminder) -> Outcome:
    """Say in the room that the group meets soon, unless that was undone or is over; the reminder's key holds when."""
    at = datetime.fromisoformat(due.step.key.partition(".")[2])
    is_on = Meeting(at.date(), at.time()) in due.stage.group.settings.meetings
    if not is_on or to_utc(at, due.stage.group.timezone) <= due.scene.now:
        return NOTHING
    params: dict[str, Params] = {"at": to_utc(at, due.stage.group.timezone), "title": due.stage.cycle.title}
    return Outcome((Say(Room(due.stage.group.space), "meeting.soon", params),))


def _nudge(due: Reminder) -> Outcome:
    """Remind, in private and once, who was asked and gave nothing since; nobody once the group wants no reminders."""
    if not due.stage.group.settings.nudges:
        return NOTHING
    today = course.today(due.stage.group, due.scene.now)
    silent = (
        member
        for member in due.stage.material.members
        if member.is_asked(today) and member.id not in due.about.givers and member not in due.stage.quiet
    )
    params: dict[str, Params] = {"title": due.stage.cycle.title, "prefix": due.rules.prefix}
    return Outcome(tuple(Say(Private(member.user), "nudge.prompt", params) for member in silent))


_SIMPLE = {Run.PLAN: _plan, Run.ASK: _sponsor, Run.MEETING: _meeting, Run.NUDGE: _nudge}
