"""Doing once what a post says: where it goes, and what the chat is asked for it.

A post whose first try may be so long ago that the platform forgot its key is looked up before it is done.
"""

from datetime import timedelta

from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.ports import Act, ChatPort, Clock, Deferred, DuePost, Rejected, Result, Sent, UnitOfWork

TRUSTED_FOR = timedelta(hours=12)
"""How long the homeserver surely still knows a transaction id: half of Synapse's 24 hours."""


class Delivery:
    """Does posts; remembers nothing."""

    def __init__(self, uow: UnitOfWork, chat: ChatPort, clock: Clock) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._clock = clock

    async def once(self, post: DuePost) -> Result:
        """Do it, under its own key; what comes of it."""
        try:
            space = await self._place(post)
            if not isinstance(space, SpaceRef):
                return space
            is_old = self._clock.now() - post.created_at > TRUSTED_FOR
            found = await self._found_in(space, post) if is_old else None
            return Sent(found) if found else await self._act(post, space)
        except Unreachable as trouble:
            return Deferred(reason=str(trouble))

    async def found(self, post: DuePost) -> str | None:
        """Look up whether it is done already; its id, or None. Raises Unreachable."""
        space = await self._known(post)
        return await self._found_in(space, post) if space else None

    async def _found_in(self, space: SpaceRef, post: DuePost) -> str | None:
        if post.act not in {Act.SEND, Act.EDIT}:
            return None
        return await self._chat.find(space, post.key, post.created_at - timedelta(hours=1))

    async def _place(self, post: DuePost) -> SpaceRef | Result:
        return await self._known(post) or await self._opened(post)

    async def _known(self, post: DuePost) -> SpaceRef | None:
        """Return where the post goes; a private chat that is private no more is not it. None: it is not open yet."""
        if post.user is None or (post.space is not None and post.act is not Act.SEND):
            return post.space
        async with self._uow.read() as views:
            there = await views.space(post.space) if post.space else None
            is_private = there is not None and there.private_with == post.user
            return post.space if is_private else await views.private_space(post.user)

    async def _opened(self, post: DuePost) -> SpaceRef | Result:
        """Return the private chat that this post waits for, opened with the post's own key."""
        user = post.user
        if user is None:
            return Rejected("no place")
        result = await self._chat.private(user, post.key)
        if not isinstance(result, Sent):
            return result
        space = SpaceRef(user.account, result.native)
        async with self._uow.write() as work:
            await work.set_private(space, user)
        return space

    async def _act(self, post: DuePost, space: SpaceRef) -> Result:
        match post.act:
            case Act.SEND:
                return await self._chat.send(space, post.payload or {}, post.key)
            case Act.JOIN:
                return await self._chat.join(space)
            case Act.LEAVE:
                return await self._chat.leave(space)
            case Act.REACT | Act.EDIT | Act.DELETE:
                message = post.message or await self._message_of(post)
                return Rejected("nothing to act on") if message is None else await self._on(message, post)

    async def _on(self, message: MessageRef, post: DuePost) -> Result:
        match post.act:
            case Act.REACT:
                return await self._chat.react(message, post.sign, post.key)
            case Act.EDIT:
                return await self._chat.edit(message, post.payload or {}, post.key)
            case _:
                return await self._chat.delete(message, post.key)

    async def _message_of(self, post: DuePost) -> MessageRef | None:
        if post.target is None:
            return None
        async with self._uow.read() as views:
            return await views.message_of(post.target)
