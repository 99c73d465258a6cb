"""From one input to what it leads to: loads what the decision needs, lets the pure core decide, changes nothing itself.

Called with the group's lock held.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from doetank_bot.commands.parser import Parsed, after_prefix
from doetank_bot.commands.permission import admit
from doetank_bot.commands.spec import AnyCommand, Call, Sources, Who
from doetank_bot.commands.usage import complaint
from doetank_bot.domain.cycle import Before
from doetank_bot.domain.effect import (
    NOTHING,
    Close,
    Effect,
    Open,
    Outcome,
    Record,
    Remember,
    Say,
    Show,
    StorePerson,
)
from doetank_bot.domain.error import UserError
from doetank_bot.domain.flow import FlowState, Said
from doetank_bot.domain.group import Group, MemberStatus
from doetank_bot.domain.hygiene import name
from doetank_bot.domain.personal_data import Kind
from doetank_bot.domain.reference import GroupId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.domain.wash import wash
from doetank_bot.flows import ADVANCE, attendance, capture, hint
from doetank_bot.flows.control import control
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    ChatPort,
    Clock,
    InboxRow,
    Incoming,
    Invited,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    RoomChanged,
    Talked,
    UnitOfWork,
    Views,
)
from doetank_bot.service.behind import is_behind, said_behind
from doetank_bot.service.changes import Changes, changed_by
from doetank_bot.service.interpreter import Origin
from doetank_bot.service.rooms import Rooms
from doetank_bot.service.router import (
    Advance,
    Correct,
    Decision,
    Ignore,
    NoText,
    RunCommand,
    TakeAnswer,
    route,
)
from doetank_bot.service.scene import Stage, load_scene
from doetank_bot.service.tie import tied
from doetank_bot.service.which import Picked, ask, chosen, picked
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

Decided = tuple[Sequence[Effect], Origin]

_LOOKED_AT = 2
"""The last prompt may not be in the room yet; then the one before it is the question that people see."""


class Handler:
    """Decides on inbox rows."""

    def __init__(
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        clock: Clock,
        rules: Rules,
        catalogue: Catalogue,
        words: WordTable,
        table: tuple[AnyCommand, ...],
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._clock = clock
        self._rules = rules
        self._catalogue = catalogue
        self._words = words
        self._table = table
        self._changes = Changes(uow, chat, clock, rules, words, table)
        self._rooms = Rooms(uow, chat, clock, rules)
        self._groups: dict[SpaceRef, GroupId] = {}
        """A room's group is its group for ever, also when it moves on: asked once."""

    async def group_of(self, incoming: Incoming) -> GroupId | None:
        """Return the group that an input is about: its room's; in private its author's only one, or that asked."""
        space = incoming.ref.space
        if isinstance(incoming, MessageReceived) and space in self._groups:
            return self._groups[space]
        async with self._uow.read() as views:
            if isinstance(incoming, MessageEdited | MessageDeleted):
                return await views.group_of_source(await changed_by(views, incoming))
            group = await views.group_in(space)
            if group is None and isinstance(incoming, MessageReceived):
                group = await self._group_in_private(views, incoming)
                if group is not None:
                    return group
        if group is None and isinstance(incoming, BotJoined):
            return await self._rooms.moving(incoming)
        if group is None and isinstance(incoming, MessageReceived):
            group = await self._rooms.heir(space)
        if group is not None:
            self._groups[space] = group
        return group

    async def _group_in_private(self, views: Views, message: MessageReceived) -> GroupId | None:
        space = await views.space(message.ref.space)
        if space is None or space.private_with is None:
            return None
        groups = await views.groups_of(message.sender)
        choice = await self._picked(views, message) if len(groups) > 1 else None
        if choice is not None:
            return choice.group
        typed = after_prefix(message.text, self._rules.prefix)
        is_command = typed is not None and control(typed, self._words) is None
        # The sponsor of one group may be a member of another: an answer goes to who asked.
        asking = None if is_command else await views.group_asking(Stage.of(message).place, message.sender)
        return asking or (groups[0] if len(groups) == 1 else None)

    async def _picked(self, views: Views, message: MessageReceived) -> Picked | None:
        person = await views.person(message.sender)
        return picked(message.text, person, await _groups(views, message.sender)) if person.waiting else None

    async def on_incoming(self, row: InboxRow, group: GroupId | None) -> Decided:
        """Return what the row leads to.

        Raises UserError for a slip, Unreachable when the chat must be asked and does not answer.
        """
        match row.incoming:
            case MessageReceived() as message:
                return await self._on_message(message, group, row.id)
            case MessageEdited() | MessageDeleted() as change:
                outcome = await self._changes.on_change(change, group)
            case Talked() as talked:
                outcome = await self._on_talk(talked, group)
            case MemberChanged() as change:
                outcome = await self._rooms.on_member(change, group)
            case Invited() | BotJoined() | BotLeft() | RoomChanged() as about_us:
                outcome = await self._rooms.decide(about_us, group)
            case _:
                outcome = NOTHING
        return outcome.effects, self._origin(await self._scene(row.incoming, group), row.id)

    async def on_slip(self, row: InboxRow, group: GroupId | None, slip: UserError) -> Decided:
        """Return the one line that answers a member's slip."""
        scene = await self._scene(row.incoming, group)
        if not isinstance(row.incoming, MessageReceived):
            return (), self._origin(scene, row.id)
        line = Say(scene.place, slip.key, {"prefix": self._rules.prefix, **slip.params}, reply_to=scene.source)
        return (*_nothing_waits(scene), line), self._origin(scene, row.id)

    async def on_fault(self, row: InboxRow, fault: str) -> Decided:
        """Return the calm sentence that says something went wrong with us; the row itself is set aside already."""
        slip = UserError("error.internal", fault=fault)
        effects, origin = await self.on_slip(row, await self.group_of(row.incoming), slip)
        return effects, replace(origin, inbox=None)

    async def _on_message(self, message: MessageReceived, group: GroupId | None, inbox: int) -> Decided:
        waited = await self._waited(message)
        if waited is not None:
            return await self._on_choice(message, waited, group, inbox)
        return await self._on_said(message, group, inbox)

    async def _waited(self, message: MessageReceived) -> Picked | None:
        """Return the choice of a group that the message is; None for most messages."""
        if message.ref.space in self._groups:
            return None
        async with self._uow.read() as views:
            space = await views.space(message.ref.space)
            is_private = space is not None and space.private_with is not None
            return await self._picked(views, message) if is_private else None

    async def _on_choice(self, message: MessageReceived, choice: Picked, group: GroupId | None, inbox: int) -> Decided:
        """Take the message that waited as said now, for the group that was chosen. Raises UserError when it is gone."""
        ref = MessageRef(message.ref.space, choice.waiting)
        shown = await self._chat.fetch(ref)
        async with self._uow.read() as views:
            scene = await load_scene(views, Stage.of(message), group, self._rules, self._clock.now())
            person = await views.person(message.sender)
        if shown is None or scene.group is None:
            raise UserError("which.gone")
        masked = wash(shown.text, scene.language)
        said = replace(message, ref=ref, text=masked.text, found=masked.found)
        effects, origin = await self._on_said(said, scene.group.id, inbox)
        return (*chosen(person, scene.group, scene), *effects), origin

    async def _on_said(self, message: MessageReceived, group: GroupId | None, inbox: int) -> Decided:
        async with self._uow.read() as views:
            scene = await load_scene(views, Stage.of(message), group, self._rules, self._clock.now())
            if is_behind(message, scene):
                effects = await said_behind(views, message, scene, self._rules, self._words, self._table)
                return effects, self._origin(scene, inbox)
            tie, scene = await tied(views, message, scene, self._rules)
            scene = await self._with_sender(scene, message.sender)
            decision = route(message, tie, self._rules, self._words, self._table)
            if scene.n_groups > 1 and scene.group is None and _needs_group(decision):
                groups, person = await _groups(views, message.sender), await views.person(message.sender)
                return ask(scene, person, groups, message.ref), self._origin(scene, inbox)
            if not self._asks_chat(decision):
                return self._decided(await self._decide(decision, message, scene, views), message, scene, inbox)
        # The homeserver is asked with no transaction open: it may take its time.
        if scene.group is not None:
            may = await self._chat.may_moderate(message.sender, scene.group.space)
            scene = replace(scene, is_moderator=may)
        async with self._uow.read() as views:
            return self._decided(await self._decide(decision, message, scene, views), message, scene, inbox)

    def _decided(self, effects: tuple[Effect, ...], message: MessageReceived, scene: Scene, inbox: int) -> Decided:
        effects = (*_nothing_waits(scene), *effects, *attendance.back(scene, effects))
        if message.is_cut and effects:
            effects = (*effects, Say(scene.lane, "error.cut", reply_to=message.ref))
        return effects, self._origin(scene, inbox)

    def _asks_chat(self, decision: Decision) -> bool:
        """Return whether the homeserver must say, now, what the sender may do in the room."""
        if not isinstance(decision, RunCommand):
            return False
        command, arguments = decision.parsed.command, decision.parsed.arguments
        return command.who_may(arguments) is Who.MODERATOR or command.shows_rights

    async def _decide(
        self, decision: Decision, message: MessageReceived, scene: Scene, views: Views
    ) -> tuple[Effect, ...]:
        match decision:
            case RunCommand(parsed):
                return (await self._run(parsed, message, scene, views)).effects
            case Correct(problem):
                is_typed = after_prefix(message.text.strip(), self._rules.prefix) is not None
                raise complaint(problem, self._words, scene.language, self._rules.prefix, is_typed=is_typed)
            case Advance(state, said):
                return self._advance(state, said, scene)
            case TakeAnswer(post, said):
                return capture.answer(said, post, scene, self._rules, self._words, message.found).effects
            case NoText():
                return capture.no_text(scene, self._rules).effects
            case Ignore():
                return ()

    async def _run(self, parsed: Parsed, message: MessageReceived, scene: Scene, views: Views) -> Outcome:
        command, arguments = parsed.command, parsed.arguments
        admit(command, arguments, scene, self._rules, message.sent_at)
        found = tuple(map(Kind, message.found))
        call = Call(scene, self._rules, arguments, self._catalogue, self._words, found)
        group = views.group(scene.group.id) if scene.group else None
        view: Any = await command.load(call, Sources(views, group, self._chat))
        outcome = command.decide(call, view)
        return Outcome((*_remembered(command, scene, outcome), *outcome.effects))

    def _advance(self, state: FlowState, said: Said, scene: Scene) -> tuple[Effect, ...]:
        """Take a turn in a flow and keep where it stands now."""
        if scene.sender is None:
            return ()
        step = ADVANCE[state.kind](state, said, scene, self._rules, self._words)
        member = scene.sender.id
        kept = Open(scene.place, member, step.state, goes_on=True) if step.state else Close(scene.place, member)
        return (*step.effects, kept)

    async def _on_talk(self, talked: Talked, group: GroupId | None) -> Outcome:
        """Show the way to who seems to answer in the room; of their message no more is known than that it is there."""
        scene = await self._scene(talked, group)
        if scene.group is None or scene.cycle is None:
            return NOTHING
        async with self._uow.read() as views:
            rows = views.group(scene.group.id)
            question = hint.open_question(scene, await rows.prompts_posted(scene.cycle.id, _LOOKED_AT))
            givers = await rows.gave_since(question.at) if question else frozenset()
        return hint.hint(scene, question, givers)

    async def _with_sender(self, scene: Scene, user: UserRef) -> Scene:
        """Someone who writes in a group's room is in it, also when we missed their coming."""
        known = scene.sender
        if scene.group is None or scene.is_private or (known is not None and known.status is MemberStatus.ACTIVE):
            return scene
        shown = name(None, user.native) if known is None else ""
        async with self._uow.write() as work:
            member = await work.group(scene.group.id).set_member(user, shown, is_in=True)
        return replace(scene, sender=member)

    async def _scene(self, incoming: Incoming, group: GroupId | None) -> Scene:
        stage = Stage.of(incoming) if isinstance(incoming, MessageReceived | Talked) else Stage(incoming.ref.space)
        async with self._uow.read() as views:
            return await load_scene(views, stage, group, self._rules, self._clock.now())

    def _origin(self, scene: Scene, inbox: int) -> Origin:
        """Return who the outcome is for; texts are as the scene is spoken to, in its zone or the configured one."""
        if scene.group is None:
            return Origin(scene.language, self._rules.timezone, None, inbox)
        zone = (scene.person.timezone if scene.person else None) or scene.group.timezone
        return Origin(scene.language, zone, scene.group.id, inbox)


def _nothing_waits(scene: Scene) -> tuple[Effect, ...]:
    """Whoever says something else in private no longer answers which group they meant."""
    person = scene.person
    return () if person is None or person.waiting is None else (StorePerson(replace(person, waiting=None)),)


def _remembered(command: AnyCommand, scene: Scene, outcome: Outcome) -> tuple[Effect, ...]:
    """Return the effect that keeps how things stood, when the command can be undone."""
    if not command.is_undoable or scene.group is None or _changes_nothing(outcome):
        return ()
    number = next((one.contribution.number for one in outcome.effects if isinstance(one, Record)), None)
    return (Remember(Before(command.name, scene.now, scene.group, scene.cycle, number)),)


def _changes_nothing(outcome: Outcome) -> bool:
    return all(isinstance(effect, Say | Show) for effect in outcome.effects)


def _needs_group(decision: Decision) -> bool:
    return isinstance(decision, RunCommand) and decision.parsed.command.needs_group


async def _groups(views: Views, user: UserRef) -> list[Group]:
    return [await views.group(one).group() for one in await views.groups_of(user)]
