"""One question at a time in private: what is asked of someone waits for its turn, whatever group it comes from."""

from dataclasses import dataclass
from datetime import datetime

from doetank_bot.domain.effect import Effect, Open, Say
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Member
from doetank_bot.domain.reference import GroupId, MemberId, Place, Private, UserRef
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import BEGIN, course
from doetank_bot.flows.question import QuestionState
from doetank_bot.ports import Work
from doetank_bot.text.words import WordTable


@dataclass(frozen=True, slots=True)
class Turn:
    """A question whose turn has come: what it leads to, in which group's name, and in whose language and zone."""

    group: GroupId
    scene: Scene
    timezone: str
    effects: tuple[Effect, ...]


class Turns:
    """Whose turn it is. Called inside a write transaction."""

    def __init__(self, rules: Rules, words: WordTable) -> None:
        """Take what flows need to word their questions."""
        self._rules = rules
        self._words = words

    async def queue(self, member: Member, state: FlowState, group: GroupId, work: Work, now: datetime) -> None:
        """Let a question wait for its turn. What was asked on an earlier day and not answered gives way to it."""
        place = Private(member.user)
        conversation = await work.conversation(place)
        asking, open_ = await work.group_asking(place, member.user), await work.flow(place, member.user)
        if asking is not None and open_ is not None:
            theirs = work.group(asking)
            known = await theirs.member(member.user)
            if known is not None and open_.gives_way(course.today(await theirs.group(), now)):
                await theirs.close_flow(conversation, known.id)
        await work.group(group).queue_flow(conversation, member.id, state)

    async def open(self, opened: Open, group: GroupId, work: Work, now: datetime) -> None:
        """Keep where a flow stands, and when that was."""
        if not opened.goes_on:
            await self._put_aside(opened.place, opened.member, group, work)
        theirs = work.group(group)
        dated = opened.state.model_copy(update={"asked_on": course.today(await theirs.group(), now)})
        await theirs.open_flow(await work.conversation(opened.place), opened.member, dated)

    async def _put_aside(self, place: Place, member: MemberId, group: GroupId, work: Work) -> None:
        """Let what the bot asks there wait behind what the member begins now; a follow-up of the same group is over."""
        begins = await work.group(group).member_by_id(member)
        asking = await work.group_asking(place, begins.user) if begins else None
        if begins is None or asking is None:
            return
        theirs, state = work.group(asking), await work.flow(place, begins.user)
        known = await theirs.member(begins.user)
        if state is None or known is None or (asking == group and not isinstance(state, QuestionState)):
            return
        conversation = await work.conversation(place)
        await theirs.close_flow(conversation, known.id)
        await theirs.queue_flow(conversation, known.id, state)

    async def next(self, user: UserRef, work: Work, now: datetime) -> Turn | None:
        """Take the next question out of the queue; None when something is open in private, or nothing waits."""
        queued = await work.next_question(user)
        if queued is None:
            return None
        await work.unqueue(queued)
        standing = await work.group(queued.group).standing(user)
        person = await work.person(user)
        groups = await work.groups_of(user)
        scene = Scene(
            now,
            Private(user),
            person.speech(standing.group.speech),
            is_private=True,
            group=standing.group,
            sender=queued.member,
            cycle=standing.cycle,
            next_number=standing.next_number,
            n_groups=len(groups),
            person=person,
        )
        step = BEGIN[queued.state.kind](queued.state, scene, self._rules, self._words)
        about = (Say(scene.place, "which.about", {"group": standing.group.name}),) if len(groups) > 1 else ()
        opened = (Open(scene.place, queued.member.id, step.state),) if step.state is not None else ()
        asked = (*about, *step.effects, *opened) if step.effects else ()
        return Turn(queued.group, scene, person.timezone or standing.group.timezone, asked)
