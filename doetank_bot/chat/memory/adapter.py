"""The bot's port to the chat in memory. Nothing waits here, except `batches` for news."""

from base64 import b64decode, b64encode
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from doetank_bot.chat.literal import literal
from doetank_bot.chat.memory.room import Shown
from doetank_bot.chat.memory.world import World
from doetank_bot.chat.split import split
from doetank_bot.domain.document import Document
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Encryption, Privacy, Snapshot
from doetank_bot.ports import (
    Ambiguous,
    AuthLost,
    Batch,
    Capabilities,
    Deferred,
    Denied,
    MessageReceived,
    Payload,
    Picture,
    Rejected,
    Rendered,
    Result,
    Sent,
    Style,
)
from doetank_bot.text.plain import plain


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the bot's next act meets: `result` is what it is told, `is_done` whether it happened all the same."""

    result: Deferred | Ambiguous | Denied | Rejected
    is_done: bool = False


class MemoryChat(World):
    """The world, and the bot's port to it. `troubles` are met one by one by what the bot does next."""

    def __init__(self, clock: Callable[[], datetime], me: str = "@doetank:test", max_bytes: int = 32_768) -> None:
        super().__init__(clock, me)
        self.troubles: deque[Trouble] = deque()
        self._is_reachable = True
        self._is_back = False
        self.is_auth_lost = False
        self._max_bytes = max_bytes
        self._n_taken = -1
        self._done: dict[tuple[str, str], str] = {}

    def lose_login(self) -> None:
        """From now on the homeserver refuses the bot."""
        self.is_auth_lost = True
        self.news.set()

    @property
    def me(self) -> UserRef:
        """The bot's own user."""
        return self._me

    @property
    def is_reachable(self) -> bool:
        """Whether it answers; a test says so. Once it does again, `batches` tells."""
        return self._is_reachable

    @is_reachable.setter
    def is_reachable(self, is_reachable: bool) -> None:
        self._is_back = is_reachable and not self._is_reachable
        self._is_reachable = is_reachable
        self.news.set()

    @property
    def is_away(self) -> bool:
        """Whether it does not answer."""
        return not self._is_reachable

    @property
    def is_heard(self) -> bool:
        """Whether the bot took up all that happened: it came back for more after the last of it."""
        return self._n_taken == len(self.log) and not self.has_new_keys

    def capabilities(self) -> Capabilities:
        """As a Matrix room."""
        return Capabilities(max_bytes=self._max_bytes, has_threads=True, has_reactions=True, has_pictures=True)

    async def batches(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield the log after `cursor`, a position in it."""
        self._n_taken = -1
        position = len(self.log) if cursor is None else int(cursor)
        if cursor is None:
            yield Batch(str(position), tuple(self.standing()))
        elif position == len(self.log):
            yield Batch(cursor, ())
        while True:
            self._n_taken = position
            if self.is_auth_lost:
                raise AuthLost("told so")
            if position < len(self.log):
                fresh = tuple(self.log[position:])
                position += len(fresh)
                yield Batch(str(position), fresh)
            elif self._is_back:
                self._is_back = False
                yield Batch(str(position), ())
            elif self.has_new_keys:
                self.has_new_keys, self._n_taken = False, -1
                yield Batch(str(position), (), keys_came=True)
            else:
                self.news.clear()
                await self.news.wait()

    def render(self, document: Document, style: Style) -> Sequence[Rendered]:
        """Return plain text, in parts of at most `max_bytes`."""
        parts = split(literal(document), lambda part: len(plain(part).encode()) <= self._max_bytes)
        return [
            Rendered(part, _payload(plain(part), style if index == 0 else replace(style, mentions=(), reply_to=None)))
            for index, part in enumerate(parts)
        ]

    def picture(self, picture: Picture, style: Style) -> Payload:
        """Return the alternative as its text, with the picture."""
        return _payload(picture.alternative, style) | {"picture": b64encode(picture.png).decode()}

    def echo(self, space: SpaceRef, payload: Payload) -> MessageReceived:
        """Return it as the log would hold it."""
        is_text = "picture" not in payload
        return MessageReceived(
            MessageRef(space, ""),
            self._me,
            payload["text"] if is_text else "",
            self.now(),
            thread=MessageRef(space, payload["thread"]) if payload["thread"] else None,
            reply_to=MessageRef(space, payload["reply_to"]) if payload["reply_to"] else None,
            is_text=is_text,
        )

    def link(self, message: MessageRef) -> str:
        """Return an address that no program opens."""
        return f"memory:{message.space.native}/{message.native}"

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        """Post, once for each key."""

        def post() -> str:
            message = Shown(
                ref=self.new_ref(space),
                sender=self._me,
                text=payload["text"],
                sent_at=self.now(),
                is_notice=payload["is_notice"],
                is_text="picture" not in payload,
                picture=b64decode(payload["picture"]) if "picture" in payload else None,
                mentions=tuple(UserRef(self._me.account, user) for user in payload["mentions"]),
                thread=MessageRef(space, payload["thread"]) if payload["thread"] else None,
                reply_to=MessageRef(space, payload["reply_to"]) if payload["reply_to"] else None,
            )
            self.said(message, key)
            return message.ref.native

        return self._act(space, key, post)

    async def edit(self, message: MessageRef, payload: Payload, key: str) -> Result:
        """Edit one of the bot's own messages."""
        return self._act(message.space, key, lambda: self.edited(message, self._me, payload["text"], key).native)

    async def delete(self, message: MessageRef, key: str) -> Result:
        """Delete one of the bot's own messages."""
        if message.space in self._rooms and self._rooms[message.space].keeps_words:
            return Denied("not allowed to delete")
        return self._act(message.space, key, lambda: self.deleted(message, key).native)

    async def react(self, message: MessageRef, sign: str, key: str) -> Result:
        """Put a sign on a message; the same sign twice is one."""

        def put() -> str:
            self.signed(message, self._me, sign)
            return self.new_ref(message.space).native

        return self._act(message.space, key, put)

    async def join(self, space: SpaceRef) -> Result:
        """Join where the bot is invited."""
        if trouble := self._trouble():
            if trouble.is_done:
                self.enter(space)
            return trouble.result
        return Sent(space.native) if self.enter(space) else Denied("not invited")

    async def leave(self, space: SpaceRef) -> Result:
        """Leave, or decline."""
        if trouble := self._trouble():
            return trouble.result
        if space in self._rooms:
            self.put_out(self._rooms[space])
        return Sent(space.native)

    async def private(self, user: UserRef, key: str) -> Result:
        """Make a private room, once for each key; whoever takes private chats comes in at once."""
        trouble = self._trouble()
        if trouble and not trouble.is_done:
            return trouble.result
        if ("private", key) not in self._done:
            self._done["private", key] = self.open_private(user)
        return trouble.result if trouble else Sent(self._done["private", key])

    async def find(self, space: SpaceRef, key: str, since: datetime) -> str | None:
        """Look up what went out with `key`."""
        self._need_answer()
        native = self._done.get((space.native, key))
        shown = self._rooms[space].messages.get(MessageRef(space, native)) if native else None
        return None if shown and shown.sent_at < since else native

    async def may_moderate(self, user: UserRef, space: SpaceRef) -> bool:
        """Look at the room's power levels; whoever is not in the room has none."""
        self._need_answer()
        room = self._rooms.get(space)
        return room is not None and self._me in room.names and room.is_moderator(user)

    async def access(self, space: SpaceRef) -> Access | None:
        """Look at the room."""
        self._need_answer()
        room = self._rooms.get(space)
        return room.access(self._me) if room is not None and self._me in room.names else None

    async def encryption(self, _space: SpaceRef) -> Encryption | None:
        """Tell nothing: there is none here."""
        return None

    async def privacy(self, space: SpaceRef) -> Privacy | None:
        """Return what was set for the room, if anything."""
        self._need_answer()
        return self._rooms[space].privacy if space in self._rooms else None

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        """Return the message as it is shown now."""
        self._need_answer()
        room = self._rooms.get(message.space)
        shown = room.messages.get(message) if room and self._me in room.names else None
        is_text = shown is not None and shown.is_text and not shown.is_deleted
        return Snapshot(shown.sender, shown.text) if shown and is_text else None

    async def close(self) -> None:
        """Nothing is open."""

    def _act(self, space: SpaceRef, key: str, act: Callable[[], str]) -> Result:
        trouble = self._trouble()
        if trouble and not trouble.is_done:
            return trouble.result
        room = self._rooms.get(space)
        if room is None or self._me not in room.names or room.is_muted:
            return Denied("not in the room")
        if (space.native, key) not in self._done:
            try:
                self._done[space.native, key] = act()
            except KeyError:
                return Rejected("no such message")
        return trouble.result if trouble else Sent(self._done[space.native, key])

    def _trouble(self) -> Trouble | None:
        if self.is_auth_lost:
            raise AuthLost("told so")
        if not self.is_reachable:
            return Trouble(Deferred(timedelta(seconds=1), "unreachable"))
        return self.troubles.popleft() if self.troubles else None

    def _need_answer(self) -> None:
        if not self.is_reachable:
            raise Unreachable("told so")


def _payload(text: str, style: Style) -> dict[str, Any]:
    return {
        "text": text,
        "is_notice": style.is_notice,
        "mentions": [user.native for user in style.mentions],
        "reply_to": style.reply_to.native if style.reply_to else None,
        "thread": style.root.native if style.root else None,
    }
