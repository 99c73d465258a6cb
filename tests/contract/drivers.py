"""The same people in two chats: what the contract suite needs of each, as another user does and sees it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from homeserver import Person, RefusedError

from doetank_bot.chat.matrix import MatrixChat
from doetank_bot.chat.memory import MemoryChat
from doetank_bot.chat.memory import Person as MemoryPerson
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import Batch, ChatPort, Incoming

Kind = TypeVar("Kind", bound=Incoming)


@dataclass
class Seen:
    """A message as another user sees it now."""

    text: str
    is_notice: bool
    mentions: list[str]
    thread: str | None
    reply_to: str | None
    is_edited: bool
    reactions: list[str]


class Someone(Protocol):
    user: UserRef

    async def create_room(self, name: str = "", *, version: str = "12") -> SpaceRef: ...
    async def open_private(self) -> SpaceRef: ...
    async def invite_bot(self, space: SpaceRef) -> None: ...
    async def kick_bot(self, space: SpaceRef) -> None: ...
    async def bring(self, space: SpaceRef, other: "Someone") -> None: ...
    async def leave(self, space: SpaceRef) -> None: ...
    async def rename(self, name: str) -> None: ...
    async def set_power(self, space: SpaceRef, other: "Someone", level: int) -> None: ...
    async def mute_bot(self, space: SpaceRef) -> None: ...
    async def forbid_deleting(self, space: SpaceRef) -> None: ...
    async def upgrade(self, space: SpaceRef) -> SpaceRef: ...
    async def say(
        self,
        space: SpaceRef,
        text: str,
        *,
        thread: MessageRef | None = None,
        reply_to: MessageRef | None = None,
        mentions: UserRef | None = None,
    ) -> MessageRef: ...
    async def send_picture(self, space: SpaceRef) -> MessageRef: ...
    async def edit(self, message: MessageRef, text: str) -> MessageRef: ...
    async def delete(self, message: MessageRef) -> MessageRef: ...
    async def sees(self, message: MessageRef) -> Seen | None: ...
    async def said(self, space: SpaceRef, by: UserRef) -> list[str]: ...
    async def looks_at(self, message: MessageRef) -> bytes | None: ...


@dataclass
class World:
    """A chat, its people, and what the bot heard."""

    chat: ChatPort
    person: Callable[[str], Awaitable[Someone]]
    heard: list[Incoming] = field(default_factory=list)
    cursor: str | None = None
    _batches: AsyncIterator[Batch] | None = None

    async def listen(self) -> Batch:
        """Take up the next batch; the first time after `cursor`."""
        if self._batches is None:
            self._batches = self.chat.batches(self.cursor)
        async with asyncio.timeout(40):
            batch = await anext(self._batches)
        self.cursor = batch.cursor
        self.heard += batch.incoming
        return batch

    def restart(self, cursor: str | None) -> None:
        """Forget what was heard and begin again from a cursor, as a new process does."""
        self._batches, self.heard, self.cursor = None, [], cursor

    async def hear(self, kind: type[Kind], ref: MessageRef | None = None, space: SpaceRef | None = None) -> Kind:
        """Return the first thing of that kind (about that message or space), heard already or to come."""

        def fits(item: Incoming) -> bool:
            return (ref is None or item.ref == ref) and (space is None or item.ref.space == space)

        while True:
            for item in self.heard:
                if isinstance(item, kind) and fits(item):
                    return item
            await self.listen()

    async def enter(self, space: SpaceRef, by: Someone) -> None:
        """The bot is invited and joins."""
        await by.invite_bot(space)
        result = await self.chat.join(space)
        assert type(result).__name__ == "Sent", result


class InMemory:
    def __init__(self, chat: MemoryChat, person: MemoryPerson) -> None:
        self._chat, self._person = chat, person
        self.user = person.user

    async def create_room(self, name: str = "", *, version: str = "12") -> SpaceRef:
        del version
        return self._person.create_room(name)

    async def open_private(self) -> SpaceRef:
        return self._person.open_private()

    async def invite_bot(self, space: SpaceRef) -> None:
        self._person.invite_bot(space)

    async def kick_bot(self, space: SpaceRef) -> None:
        self._person.kick_bot(space)

    async def bring(self, space: SpaceRef, other: Someone) -> None:
        self._chat.person(other.user.native).join(space)

    async def leave(self, space: SpaceRef) -> None:
        self._person.leave(space)

    async def rename(self, name: str) -> None:
        self._person.rename(name)

    async def set_power(self, space: SpaceRef, other: Someone, level: int) -> None:
        self._person.set_power(space, self._chat.person(other.user.native), level)

    async def mute_bot(self, space: SpaceRef) -> None:
        self._person.mute_bot(space)

    async def forbid_deleting(self, space: SpaceRef) -> None:
        self._person.let_bot_delete(space, may_delete=False)

    async def upgrade(self, space: SpaceRef) -> SpaceRef:
        return self._person.upgrade(space)

    async def say(
        self,
        space: SpaceRef,
        text: str,
        *,
        thread: MessageRef | None = None,
        reply_to: MessageRef | None = None,
        mentions: UserRef | None = None,
    ) -> MessageRef:
        pinged = [mentions] if mentions else []
        return self._person.say(space, text, thread=thread, reply_to=reply_to, mentions=pinged)

    async def send_picture(self, space: SpaceRef) -> MessageRef:
        return self._person.say(space, "foto.jpg", is_text=False)

    async def edit(self, message: MessageRef, text: str) -> MessageRef:
        return self._person.edit(message, text)

    async def delete(self, message: MessageRef) -> MessageRef:
        return self._person.delete(message)

    async def sees(self, message: MessageRef) -> Seen | None:
        for shown in self._person.sees(message.space):
            if shown.ref == message:
                return Seen(
                    text=shown.text,
                    is_notice=shown.is_notice,
                    mentions=[user.native for user in shown.mentions],
                    thread=shown.thread.native if shown.thread else None,
                    reply_to=shown.reply_to.native if shown.reply_to else None,
                    is_edited=shown.is_edited,
                    reactions=[sign for _, sign in shown.reactions],
                )
        return None

    async def said(self, space: SpaceRef, by: UserRef) -> list[str]:
        return [shown.text for shown in self._person.sees(space) if shown.sender == by]

    async def looks_at(self, message: MessageRef) -> bytes | None:
        return next(shown.picture for shown in self._person.sees(message.space) if shown.ref == message)


class OnMatrix:
    def __init__(self, chat: MatrixChat, person: Person) -> None:
        self._me, self._person = chat.me, person
        self.user = UserRef(chat.me.account, person.user_id)

    async def create_room(self, name: str = "", *, version: str = "12") -> SpaceRef:
        room = await self._person.create_room(version, name=name or None)
        return SpaceRef(self._me.account, room)

    async def open_private(self) -> SpaceRef:
        room = await self._person.create_room(invite=[self._me.native], is_direct=True)
        return SpaceRef(self._me.account, room)

    async def invite_bot(self, space: SpaceRef) -> None:
        await self._person.invite(space.native, self._me.native)

    async def kick_bot(self, space: SpaceRef) -> None:
        await self._person.kick(space.native, self._me.native)

    async def bring(self, space: SpaceRef, other: Someone) -> None:
        await self._person.invite(space.native, other.user.native)
        assert isinstance(other, OnMatrix)
        await other._person.join(space.native)

    async def leave(self, space: SpaceRef) -> None:
        await self._person.leave(space.native)

    async def rename(self, name: str) -> None:
        await self._person.set_name(name)

    async def set_power(self, space: SpaceRef, other: Someone, level: int) -> None:
        await self._person.set_power(space.native, other.user.native, level)

    async def mute_bot(self, space: SpaceRef) -> None:
        await self._set_levels(space, {"events_default": 50})

    async def forbid_deleting(self, space: SpaceRef) -> None:
        await self._set_levels(space, {"events": {"m.room.redaction": 50}})

    async def _set_levels(self, space: SpaceRef, changes: dict[str, Any]) -> None:
        levels = await self._person.state(space.native, "m.room.power_levels")
        path = f"/rooms/{quote(space.native)}/state/m.room.power_levels/"
        await self._person.call("PUT", path, levels | changes)

    async def upgrade(self, space: SpaceRef) -> SpaceRef:
        path = f"/rooms/{quote(space.native)}/upgrade"
        answer = await self._person.call("POST", path, {"new_version": "12"})
        return SpaceRef(self._me.account, answer["replacement_room"])

    async def say(
        self,
        space: SpaceRef,
        text: str,
        *,
        thread: MessageRef | None = None,
        reply_to: MessageRef | None = None,
        mentions: UserRef | None = None,
    ) -> MessageRef:
        event_id = await self._person.send(
            space.native,
            text,
            thread=thread.native if thread else None,
            reply_to=reply_to.native if reply_to else None,
            mentions=[mentions.native] if mentions else [],
        )
        return MessageRef(space, event_id)

    async def send_picture(self, space: SpaceRef) -> MessageRef:
        content = {"msgtype": "m.image", "body": "foto.jpg", "url": "mxc://doetank.test/x"}
        return MessageRef(space, await self._person.send_event(space.native, "m.room.message", content))

    async def edit(self, message: MessageRef, text: str) -> MessageRef:
        return MessageRef(message.space, await self._person.edit(message.space.native, message.native, text))

    async def delete(self, message: MessageRef) -> MessageRef:
        try:
            event_id = await self._person.redact(message.space.native, message.native)
        except RefusedError:
            raise PermissionError from None
        return MessageRef(message.space, event_id)

    async def sees(self, message: MessageRef) -> Seen | None:
        room = message.space.native
        event = await self._person.event(room, message.native)
        content: dict[str, Any] = event["content"]
        if not content:
            return None
        relation = content.get("m.relates_to", {})
        edited = event.get("unsigned", {}).get("m.relations", {}).get("m.replace")
        if edited:
            content = edited["content"]["m.new_content"]
        # Without m.mentions a homeserver looks for names in the text, so the bot's own must have it.
        is_ours = event["sender"] == self._me.native
        mentions = content["m.mentions"] if is_ours else content.get("m.mentions", {})
        falls_back = relation.get("is_falling_back", False)
        return Seen(
            text=content["body"],
            is_notice=content["msgtype"] == "m.notice",
            mentions=mentions.get("user_ids", []),
            thread=relation.get("event_id") if relation.get("rel_type") == "m.thread" else None,
            reply_to=None if falls_back else relation.get("m.in_reply_to", {}).get("event_id"),
            is_edited=bool(edited),
            reactions=[
                other["content"]["m.relates_to"]["key"]
                for other in await self._person.messages(room)
                if other["type"] == "m.reaction" and other["content"]["m.relates_to"]["event_id"] == message.native
            ],
        )

    async def said(self, space: SpaceRef, by: UserRef) -> list[str]:
        return [
            event["content"]["body"]
            for event in await self._person.messages(space.native)
            if event["type"] == "m.room.message" and event["sender"] == by.native and event["content"]
        ]

    async def looks_at(self, message: MessageRef) -> bytes | None:
        """Return the picture as their client shows it, by authenticated media (Matrix 1.11)."""
        content = (await self._person.event(message.space.native, message.native))["content"]
        assert content["msgtype"] == "m.image"
        info = content["info"]
        address = self._person._base.replace("/v3", "/v1/media/download/") + content["url"].removeprefix("mxc://")
        async with self._person._session.get(address) as response:
            assert response.status == 200
            file = await response.read()
            assert response.content_type == info["mimetype"] == "image/png"
        assert info["size"] == len(file)
        return file

    async def highlights(self, space: SpaceRef) -> int:
        """How often this person was pinged there since they last read."""
        narrow = {"room": {"rooms": [space.native], "timeline": {"limit": 1}}}
        tag = f"{uuid.uuid4()}"  # a homeserver caches first syncs
        narrow["room"]["state"] = {"types": [tag]}
        answer = await self._person.call("GET", "/sync", filter=json.dumps(narrow), timeout=0)
        return int(answer["rooms"]["join"][space.native]["unread_notifications"]["highlight_count"])

    async def membership(self, space: SpaceRef, user: UserRef) -> str:
        return str((await self._person.state(space.native, "m.room.member", user.native))["membership"])

    async def state(self, space: SpaceRef, kind: str) -> dict[str, Any]:
        return await self._person.state(space.native, kind)

    async def accept(self, space: SpaceRef) -> None:
        await self._person.join(space.native)

    async def may_write(self, space: SpaceRef) -> bool:
        return bool(await self._person.send(space.native, "hoi"))


def now() -> datetime:
    return datetime.now(UTC)
