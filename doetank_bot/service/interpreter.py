"""The one place where decisions become rows: all that an outcome wants, and the input it answers, in one transaction.

Posts are rendered and frozen here. After the commit they go to the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from doetank_bot.domain.document import Document, filled, linked_within, quotes
from doetank_bot.domain.effect import (
    Ask,
    ClearTimer,
    Close,
    Effect,
    Forget,
    ForgetAct,
    KnowSponsor,
    NoteRemoved,
    Open,
    React,
    Reclassify,
    Record,
    Remember,
    Rewrite,
    Say,
    SetMember,
    SetTimer,
    Show,
    ShowPicture,
    StoreCycle,
    StoreGroup,
    StoreMember,
    StorePerson,
)
from doetank_bot.domain.group import Attendance, Language, language_of
from doetank_bot.domain.hygiene import name as name_of
from doetank_bot.domain.reference import GroupId, MemberId, Place, PostId, Private, SpaceRef, Thread, UserRef
from doetank_bot.domain.room_effect import ForgetPrivate, Forsake, Found, Join, KnowPrivate, Leave, TryAgain
from doetank_bot.domain.view import Rules
from doetank_bot.ports import Act, ChatPort, DuePost, GroupWork, NewPost, PostState, Style, UnitOfWork, Work
from doetank_bot.service.follow import Follow
from doetank_bot.service.illustration import Illustrated, Illustrator
from doetank_bot.service.keeping import Keeping
from doetank_bot.service.posting import addressed, pictured, rendered
from doetank_bot.service.turns import Turns
from doetank_bot.service.way_out import WayOut
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

log = structlog.get_logger(__name__)


Ready = Effect | Illustrated


@dataclass(slots=True)
class Origin:
    """What an outcome answers: an inbox row or a timer, done in the same transaction; and the group it is about.

    `dead` is a post that is given up in it, with the reason.

    `language` and `timezone` are for the texts.
    """

    language: Language
    timezone: str
    group: GroupId | None = None
    inbox: int | None = None
    timer: int | None = None
    dead: tuple[PostId, str] | None = None


@dataclass(slots=True)
class _Writing:
    work: Work
    origin: Origin
    now: datetime
    posts: list[DuePost] = field(default_factory=list)
    opened: list[SpaceRef] = field(default_factory=list)


class Interpreter:
    """Carries outcomes out."""

    def __init__(
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        outbox: WayOut,
        catalogue: Catalogue,
        words: WordTable,
        rules: Rules,
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._outbox = outbox
        self._catalogue = catalogue
        self._rules = rules
        self._keeping = Keeping(Follow(chat, outbox))
        self._turns = Turns(rules, words)
        self._illustrator = Illustrator(chat, catalogue)

    async def carry_out(self, effects: Sequence[Effect], origin: Origin, now: datetime) -> None:
        """Store everything that `effects` want and mark the input done: all or nothing."""
        ready = [
            await self._illustrator.illustrated(effect, origin.language) if isinstance(effect, ShowPicture) else effect
            for effect in effects
        ]
        try:
            writing = await self._written(ready, origin, now)
        except BaseException:
            self._outbox.withheld(is_committed=False)
            raise
        self._outbox.withheld(is_committed=True)
        for space in writing.opened:
            self._outbox.try_again(space)
        self._outbox.offer(writing.posts)

    async def _written(self, effects: Sequence[Ready], origin: Origin, now: datetime) -> _Writing:
        async with self._uow.write() as work:
            writing = _Writing(work, origin, now)
            for effect in effects:
                await self._do(effect, writing)
            if origin.inbox is not None:
                await work.handled(origin.inbox)
            if origin.timer is not None:
                await work.fired(origin.timer, now)
            if origin.dead is not None:
                post, reason = origin.dead
                await work.settle(post, PostState.DEAD, "", now, reason)
        return writing

    async def _do(self, effect: Ready, writing: _Writing) -> None:
        match effect:
            case Say() | Show():
                await self._say(effect, writing)
            case Illustrated():
                await self._show_picture(effect, writing)
            case React(to, sign):
                await self._post(NewPost(Act.REACT, None, to.space, message=to, sign=sign), writing)
            case Join(space):
                log.info("invitation_accepted", room=space.native)
                await self._post(NewPost(Act.JOIN, None, space), writing)
            case Leave(space):
                log.info("left_or_declined", room=space.native)
                await self._post(NewPost(Act.LEAVE, None, space), writing)
            case Found() | KnowPrivate() | ForgetPrivate() | Forsake() | TryAgain() | NoteRemoved():
                await self._move(effect, writing)
            case StorePerson() | Ask():
                await self._in_private(effect, writing)
            case _:
                await self._change(effect, writing)

    async def _move(
        self, effect: Found | KnowPrivate | ForgetPrivate | Forsake | TryAgain | NoteRemoved, writing: _Writing
    ) -> None:
        """Follow the bot itself into and out of spaces, and what becomes of its messages there."""
        match effect:
            case Found(space):
                await self._found(effect, writing)
                writing.opened.append(space)
            case TryAgain(space):
                writing.opened.append(space)
            case KnowPrivate(space, user):
                await writing.work.set_private(space, user)
            case ForgetPrivate(space):
                await writing.work.forget_private(space)
            case Forsake(space):
                await writing.work.leave_space(space)
            case NoteRemoved(message):
                await writing.work.removed(message)

    async def _found(self, found: Found, writing: _Writing) -> None:
        """Begin a group, or go on with one: who left it while we were away is no member any more."""
        moved = None if found.moved_from is None else await writing.work.group_in(found.moved_from)
        if moved is not None:
            await writing.work.move_group(moved, found.space)
        group_id = await writing.work.create_group(found.space, found.name, self._rules.language, self._rules.timezone)
        writing.origin.group = group_id
        group = writing.work.group(group_id)
        for user, shown in found.people:
            await group.set_member(user, shown, is_in=True, now=writing.now)
        if moved is not None:
            return
        present = {user for user, _ in found.people}
        for member in await group.members():
            if member.user not in present:
                await group.set_member(member.user, "", is_in=False)

    async def _change(self, effect: Ready, writing: _Writing) -> None:
        """Change what is kept of the group."""
        if writing.origin.group is None:
            msg = f"{type(effect).__name__} needs a group"
            raise ValueError(msg)
        group = writing.work.group(writing.origin.group)
        match effect:
            case Record() | Rewrite() | Forget() | Reclassify():
                await self._keep(effect, group, writing)
            case Open():
                await self._turns.open(effect, writing.origin.group, writing.work, writing.now)
            case Close(place, member):
                await group.close_flow(await writing.work.conversation(place), member)
                await self._next_of_member(group, member, writing)
            case StoreGroup() | StoreMember() | KnowSponsor() | Remember() | ForgetAct():
                await _set(effect, group)
            case StoreCycle() | SetTimer() | ClearTimer():
                await _schedule(effect, group)
            case SetMember(user, name, is_in):
                await group.set_member(user, name, is_in=is_in, now=writing.now)

    async def _in_private(self, effect: StorePerson | Ask, writing: _Writing) -> None:
        match effect:
            case StorePerson(person):
                await writing.work.store_person(person)
            case Ask(member, state) if writing.origin.group and member.attendance is not Attendance.STOPPED:
                await self._turns.queue(member, state, writing.origin.group, writing.work, writing.now)
                await self._next_question(member.user, writing)

    async def _next_of_member(self, group: GroupWork, member: MemberId, writing: _Writing) -> None:
        known = await group.member_by_id(member)
        if known is not None:
            await self._next_question(known.user, writing)

    async def _next_question(self, user: UserRef, writing: _Writing) -> None:
        """Ask what waits for its turn in private, when nothing else is open there."""
        while (turn := await self._turns.next(user, writing.work, writing.now)) is not None:
            own = replace(writing, origin=Origin(turn.scene.language, turn.timezone, turn.group))
            for effect in turn.effects:
                await self._do(effect, own)

    async def _keep(self, effect: Record | Rewrite | Forget | Reclassify, group: GroupWork, writing: _Writing) -> None:
        kept = await self._keeping.keep(effect, writing.work, group, writing.now)
        writing.posts += kept.posts
        for member in kept.freed:
            await self._next_of_member(group, member, writing)

    async def _say(self, effect: Say | Show, writing: _Writing) -> None:
        origin = writing.origin
        language, timezone = await self._voice(effect.to, writing)
        document = (
            effect.document
            if isinstance(effect, Show)
            else self._catalogue.document(effect.key, effect.params, language, timezone)
        )
        document = await _with_words(document, writing)
        style = Style(
            is_notice=effect.is_notice,
            mentions=effect.mentions,
            reply_to=effect.reply_to,
            root=effect.to.root if isinstance(effect.to, Thread) else None,
            language=language_of(language),
        )
        template = await addressed(writing.work, effect.to, origin.group, effect.about)
        document = await _without_foreign_links(document, template.space, writing)
        for new in rendered(self._chat, document, style, template):
            await self._post(new, writing)

    async def _voice(self, to: Place, writing: _Writing) -> tuple[Language, str]:
        """Return the language and zone for texts there; someone in private may have their own."""
        origin = writing.origin
        if not isinstance(to, Private):
            return origin.language, origin.timezone
        person = await writing.work.person(to.user)
        return person.speech(origin.language), person.timezone or origin.timezone

    async def _show_picture(self, shown: Illustrated, writing: _Writing) -> None:
        to, origin = shown.effect.to, writing.origin
        style = Style(root=to.root if isinstance(to, Thread) else None, language=language_of(origin.language))
        template = await addressed(writing.work, to, origin.group, shown.effect.about)
        for new in pictured(self._chat, shown, style, template):
            await self._post(new, writing)

    async def _post(self, new: NewPost, writing: _Writing) -> None:
        writing.posts.append(await writing.work.post(new, writing.now))


async def _with_words(document: Document, writing: _Writing) -> Document:
    """Fill in the quotes that came without words: those of something else than what is decided about."""
    missing = {quote.number for quote in quotes(document) if not quote.text}
    if not missing or writing.origin.group is None:
        return document
    words = await writing.work.group(writing.origin.group).words(missing)
    given = {quote.number: (quote.text, quote.author) for quote in quotes(document) if quote.text}
    return filled(document, {**words, **given})


async def _without_foreign_links(document: Document, space: SpaceRef | None, writing: _Writing) -> Document:
    """Leave out links into a private chat that is not the one the message goes to."""
    group = writing.origin.group
    if group is None or all(quote.source is None or quote.source.space == space for quote in quotes(document)):
        return document
    return linked_within(document, {(await writing.work.group(group).group()).space, space})


async def _set(effect: StoreGroup | StoreMember | KnowSponsor | Remember | ForgetAct, group: GroupWork) -> None:
    """Change how the group and its members want it, and what can be undone."""
    match effect:
        case StoreGroup(changed):
            await group.store_group(changed)
        case StoreMember(member):
            await group.store_member(member)
        case KnowSponsor(user):
            await group.know_sponsor(user, name_of(None, user.native))
        case Remember(before):
            await group.remember(before)
        case ForgetAct():
            await group.forget_act()


async def _schedule(effect: StoreCycle | SetTimer | ClearTimer, group: GroupWork) -> None:
    """Keep a cycle and its plan, or a reminder; without an open cycle there is nothing to be reminded of."""
    cycle = await group.cycle()
    match effect:
        case StoreCycle(changed, schedule):
            await group.store_cycle(changed, schedule)
        case SetTimer(reminder) if cycle is not None:
            await group.set_timer(cycle.id, reminder)
        case ClearTimer(key) if cycle is not None:
            await group.clear_timer(cycle.id, key)
