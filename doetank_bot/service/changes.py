"""Edits and deletions of messages that something was kept from: what is kept follows the chat.

Called with the group's lock held; changes nothing itself.
"""

from doetank_bot.commands.parser import own_words
from doetank_bot.commands.spec import AnyCommand
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.effect import NOTHING, NoteRemoved, Outcome, Rewrite
from doetank_bot.domain.reference import GroupId, MessageRef, Room
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.domain.wash import wash
from doetank_bot.flows import correction, revision
from doetank_bot.ports import ChatPort, Clock, MessageDeleted, MessageEdited, UnitOfWork, Views
from doetank_bot.service.router import unaddressed
from doetank_bot.text.words import WordTable


class Changes:
    """Decides on edits and deletions."""

    def __init__(
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        clock: Clock,
        rules: Rules,
        words: WordTable,
        table: tuple[AnyCommand, ...],
    ) -> None:
        """Take the collaborators; no I/O."""
        self._clock = clock
        self._uow = uow
        self._chat = chat
        self._rules = rules
        self._words = words
        self._table = table

    async def on_change(self, change: MessageEdited | MessageDeleted, group: GroupId | None) -> Outcome:
        """Return what the change leads to for what was kept from its message, for `group` (None: nothing was)."""
        if group is None:
            return Outcome((NoteRemoved(change.target),)) if isinstance(change, MessageDeleted) else NOTHING
        async with self._uow.read() as views:
            rows = views.group(group)
            changed = await changed_by(views, change)
            contribution = await rows.contribution(changed)
        if contribution is None:
            return NOTHING
        if isinstance(change, MessageDeleted):
            is_edit = changed != change.target
            return await self._without_edit(contribution, group) if is_edit else correction.deleted(contribution)
        return await self._edited(change, contribution, group)

    async def _edited(self, change: MessageEdited, contribution: Contribution, group: GroupId) -> Outcome:
        async with self._uow.read() as views:
            rows = views.group(group)
            standing = await rows.standing(change.editor)
            card = await rows.numbered(contribution.part_of) if contribution.part_of is not None else None
            reminders = await rows.reminders(standing.cycle.id) if standing.cycle else ()
        here = Room(standing.group.space)
        scene = Scene(
            self._clock.now(),
            here,
            standing.group.speech,
            group=standing.group,
            sender=standing.member,
            cycle=standing.cycle,
        )
        edited = revision.Edited(contribution, card, frozenset(one.key for one in reminders))
        typed = self._own_words(change, contribution)
        text = revision.words(edited, typed, scene, self._rules)
        effects = correction.edited(contribution, standing.member, text).effects
        if not effects:
            return NOTHING
        is_new = any(isinstance(effect, Rewrite) for effect in effects)
        later = revision.moved(edited, typed, scene, self._rules) if is_new else ()
        return Outcome((*effects, *later, *correction.told(change, standing.group.language)))

    async def _without_edit(self, contribution: Contribution, group: GroupId) -> Outcome:
        """Follow the deletion of an edit: the words before it count again. A deleted message follows by itself."""
        shown = await self._chat.fetch(contribution.source)
        if shown is None:
            return NOTHING
        async with self._uow.read() as views:
            rows = views.group(group)
            author, language = await rows.member(shown.author), (await rows.group()).language
        text = wash(shown.text, language).text
        change = MessageEdited(contribution.source, contribution.source, shown.author, text)
        return correction.edited(contribution, author, self._own_words(change, contribution), erases=True)

    def _own_words(self, change: MessageEdited, contribution: Contribution) -> str:
        """Return the member's words in an edit, without the command or the mention they were given by."""
        spoken = unaddressed(change.text)
        is_addressed = change.mentions_me or spoken != change.text
        if is_addressed and not correction.is_answer(contribution):
            own = own_words(spoken, self._rules.prefix, self._words, self._table, is_bare=True)
            if own != spoken:
                return own
        is_bare = correction.was_bare(contribution)
        return own_words(change.text, self._rules.prefix, self._words, self._table, is_bare=is_bare)


async def changed_by(views: Views, change: MessageEdited | MessageDeleted) -> MessageRef:
    """Return the message that reads otherwise now: a deletion may be of an edit alone."""
    edited = await views.edited_by(change.target) if isinstance(change, MessageDeleted) else None
    return edited or change.target
