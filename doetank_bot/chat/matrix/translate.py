"""A room's part of a sync answer as what happened there, in order. Pure.

The bot acts on nothing from before its own join, by position in the room: where the join is in the answer (or in
the gap that was filled), what came before it is dropped and `BotJoined` stands at its place. Only edits and deletions
are told from before it: when the bot was there earlier, they may be of what it kept then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256

import structlog

from doetank_bot.chat.matrix.event import Event, Malformed, events, part, previous, text, text_or_none
from doetank_bot.chat.matrix.message import Reader
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import BotJoined, BotLeft, Incoming, Invited, MessageDeleted, MessageEdited

PRIVATE_MARK = "org.doetank.private"
"""In the creation content of private chats that the bot made: whom it is for."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """What one answer says of one room: `timeline` with its gap filled, `state` as it was before the timeline.

    `ended` is an id for the end of the bot's stay, in case the timeline holds no event for it.
    """

    space: SpaceRef
    timeline: Sequence[Event]
    state: Sequence[Event] = ()
    ended: str | None = None


@dataclass(slots=True)
class _Facts:
    """The room's state, as far as the answer tells."""

    me: UserRef
    name: str = ""
    create: Event = field(default_factory=dict)
    members: dict[str, Event] = field(default_factory=dict)

    def learn(self, event: Event) -> None:
        content = part(event, "content")
        match event.get("type"):
            case "m.room.member" if isinstance(user := event.get("state_key"), str):
                self.members[user] = event
            case "m.room.name" if event.get("state_key") == "":
                self.name = text_or_none(content, "name") or ""
            case "m.room.create":
                self.create = event
            case _:
                pass

    def membership(self, user: str) -> object:
        return part(self.members.get(user, {}), "content").get("membership")

    def people(self) -> tuple[tuple[UserRef, str | None], ...]:
        return tuple(
            (UserRef(self.me.account, user), text_or_none(part(event, "content"), "displayname"))
            for user, event in self.members.items()
            if user != self.me.native and self.membership(user) == "join"
        )

    def is_private(self, join: Event) -> bool:
        """A chat of two that was made as such, by us or by them. A room that merely holds two people is a group's."""
        people = [user for user in self.members if self.membership(user) in ("join", "invite")]
        is_ours = self.create.get("sender") == self.me.native and PRIVATE_MARK in part(self.create, "content")
        is_asked = previous(join).get("is_direct") is True
        return (is_ours or is_asked) and len(people) <= 2  # noqa: PLR2004 - two people

    def joined(self, join: Event, ref: MessageRef) -> BotJoined:
        inviter = text_or_none(part(join, "unsigned"), "prev_sender")
        is_asked = previous(join).get("membership") == "invite" and inviter is not None
        return BotJoined(
            ref,
            self.people(),
            self.name,
            self.is_private(join),
            UserRef(self.me.account, inviter) if is_asked and inviter else None,
            guest=self.guest(),
            predecessor=self.predecessor(),
        )

    def predecessor(self) -> SpaceRef | None:
        """Return the room that this one says it goes on from."""
        native = text_or_none(part(part(self.create, "content"), "predecessor"), "room_id")
        return None if native is None else SpaceRef(self.me.account, native)

    def guest(self) -> UserRef | None:
        """Return whom we made this chat for; None when it is not ours."""
        marked = text_or_none(part(self.create, "content"), PRIVATE_MARK)
        is_ours = self.create.get("sender") == self.me.native
        return UserRef(self.me.account, marked) if marked and is_ours else None


def happened(me: UserRef, room: Room) -> Iterator[Incoming]:
    """Yield what happened in a room the bot is in, or was in until it left."""
    reader = Reader(me, room.space)
    is_in = _was_in(me, room.timeline)
    if is_in:
        yield from _read(reader, _missed_members(me, room))
    for event in room.timeline:
        change = own_change(me, event)
        if change == "join":
            is_in = True
            yield from _bot_joined(me, room, event)
        elif change == "leave" and is_in:
            is_in = False
            yield BotLeft(reader.ref(event))
        else:
            told = _read(reader, [event])
            yield from told if is_in else (one for one in told if isinstance(one, MessageEdited | MessageDeleted))
    if is_in and room.ended:
        yield BotLeft(MessageRef(room.space, room.ended))


def standing(me: UserRef, room: Room) -> Iterator[BotJoined]:
    """Yield that the bot is in the room, for a bot that starts from nothing: what was said before is not for it."""
    facts = _facts(me, room)
    own = facts.members.get(me.native, {})
    if facts.membership(me.native) != "join":
        return
    try:
        yield facts.joined(own, MessageRef(room.space, f"state:{text(own, 'event_id')}"))
    except Malformed as trouble:
        _skip(trouble)


def invited(me: UserRef, space: SpaceRef, state: Iterable[Event], since: str, allowed: Sequence[str]) -> Invited | None:
    """Return the invitation in a room's stripped state, or None when there is none to be found.

    Stripped events may have no id; then the answer they came with (`since`) tells one invitation from the next.
    """
    for event in state:
        if event.get("type") != "m.room.member" or event.get("state_key") != me.native:
            continue
        content, inviter = part(event, "content"), event.get("sender")
        if content.get("membership") != "invite" or not isinstance(inviter, str):
            continue
        mark = sha256(since.encode()).hexdigest()[:16]
        native = text_or_none(event, "event_id") or f"invite:{space.native}:{inviter}:{mark}"
        return Invited(
            MessageRef(space, native),
            UserRef(me.account, inviter),
            is_direct=content.get("is_direct") is True,
            is_allowed=any(fnmatchcase(inviter, pattern) for pattern in allowed),
        )
    return None


def _was_in(me: UserRef, timeline: Iterable[Event]) -> bool:
    """Say whether the bot was in the room when the timeline begins: its first own change tells; none means it is."""
    for event in timeline:
        change = own_change(me, event)
        if change == "join":
            return False
        if change == "leave":
            return bool(previous(event).get("membership", "join") == "join")
    return True


def own_change(me: UserRef, event: Event) -> str | None:
    """Return `join` or `leave` when the event brings the bot in or out; new names and pictures do neither."""
    if event.get("type") != "m.room.member" or event.get("state_key") != me.native:
        return None
    membership, was = part(event, "content").get("membership"), previous(event).get("membership")
    if not isinstance(event.get("event_id"), str):
        return None
    if membership == "join":
        return None if was == "join" else "join"
    return "leave" if membership in ("leave", "ban") else None


def _bot_joined(me: UserRef, room: Room, event: Event) -> Iterator[BotJoined]:
    yield _facts(me, room).joined(event, MessageRef(room.space, text(event, "event_id")))


def _facts(me: UserRef, room: Room) -> _Facts:
    facts = _Facts(me)
    for event in (*room.state, *(event for event in room.timeline if "state_key" in event)):
        facts.learn(event)
    return facts


def _missed_members(me: UserRef, room: Room) -> list[Event]:
    """Return changes of members that are in the state alone: homeservers merge rooms without a word in the timeline."""
    if any(own_change(me, event) == "join" for event in room.timeline):
        return []
    seen = {text_or_none(event, "event_id") for event in room.timeline}
    return [
        event
        for event in room.state
        if event.get("type") == "m.room.member" and text_or_none(event, "event_id") not in seen
    ]


def _read(reader: Reader, timeline: Iterable[Event]) -> Iterator[Incoming]:
    for event in timeline:
        try:
            incoming = reader.read(event)
        except Malformed as trouble:
            _skip(trouble)
        else:
            if incoming:
                yield incoming


def _skip(trouble: Malformed) -> None:
    log.warning("event_skipped", field=str(trouble))


def timeline_of(section: Event) -> list[Event]:
    """Return the events of a room section's timeline, oldest first."""
    return events(part(section, "timeline"))
