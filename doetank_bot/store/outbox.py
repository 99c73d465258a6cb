"""What the bot does in the chat: a row with its transaction id, there before the first try and after the last."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, func, insert, select, update

from doetank_bot.domain.document import emptied
from doetank_bot.domain.effect import NOTICE, About, Purpose
from doetank_bot.domain.reference import CycleId, GroupId, MessageRef, PostId, SpaceRef, UserRef
from doetank_bot.domain.view import Post
from doetank_bot.ports import Act, DuePost, NewPost, PostState
from doetank_bot.store.place import PlaceViews
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import WAITING, conversations, outbox, quotes
from doetank_bot.store.transaction import Values

_WAITING_POSTS = select(outbox).where(outbox.c.state == WAITING).order_by(outbox.c.id)
_MESSAGE = select(outbox.c.account, outbox.c.space, outbox.c.native).where(outbox.c.id == bindparam("post"))
_AT = (
    select(outbox, conversations.c.anchor)
    .outerjoin(conversations, conversations.c.id == outbox.c.conversation_id)
    .where(
        outbox.c.native == bindparam("native"),
        outbox.c.account == bindparam("account"),
        outbox.c.space == bindparam("space"),
        outbox.c.act == Act.SEND,
    )
)
_UNDER = (
    select(outbox, conversations.c.anchor)
    .join(conversations, conversations.c.id == outbox.c.conversation_id)
    .where(
        conversations.c.account == bindparam("account"),
        conversations.c.native == bindparam("space"),
        conversations.c.anchor == bindparam("native"),
        outbox.c.act == Act.SEND,
        outbox.c.purpose == Purpose.PROMPT,
        outbox.c.state.in_((PostState.WAITING, PostState.SENT)),
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_CARD = select(func.min(quotes.c.number)).where(quotes.c.post_id == bindparam("post"))
_ECHOED = (
    update(outbox)
    .where(outbox.c.key == bindparam("echo"), outbox.c.native.is_(None))
    .values(native=bindparam("message"), space=func.coalesce(outbox.c.space, bindparam("place")))
)
_ECHO_SETTLED = (
    update(outbox)
    .where(outbox.c.key == bindparam("echo"), outbox.c.state == WAITING)
    .values(state=PostState.SENT, payload=None, settled_at=bindparam("at"))
)
_SETTLED = (
    update(outbox)
    .where(outbox.c.id == bindparam("post"), outbox.c.state == WAITING)
    .values(
        state=bindparam("to"),
        native=bindparam("message"),
        reason=bindparam("why"),
        settled_at=bindparam("at"),
        payload=None,
    )
)
_INSERT = insert(outbox).returning(outbox.c.id)


class OutboxViews(PlaceViews):
    """What still has to go out, and what a message of ours was about."""

    async def waiting_posts(self) -> tuple[DuePost, ...]:
        """Return all waiting outbox rows, oldest first, due or not."""
        return tuple(_due(row) for row in await self._rows(_WAITING_POSTS))

    async def message_of(self, post: PostId) -> MessageRef | None:
        """Return the message a post became, or None when it is not (or never) sent."""
        row = await self._first(_MESSAGE, {"post": post})
        if row is None or row.native is None or row.space is None:
            return None
        return MessageRef(SpaceRef(row.account, row.space), row.native)

    async def post_at(self, message: MessageRef) -> Post | None:
        """Return our post that this message is."""
        row = await self._first(
            _AT, {"native": message.native, "account": message.space.account, "space": message.space.native}
        )
        if row is None:
            return None
        root = MessageRef(message.space, row.anchor) if row.anchor else None
        return Post(PostId(row.id), about_of(row), message, root)

    async def last_prompt_under(self, root: MessageRef) -> Post | None:
        """Return the newest prompt in the thread under this message; its `number` is the card that the root quotes."""
        where = {"native": root.native, "account": root.space.account, "space": root.space.native}
        first = await self._first(_AT, where)
        if first is None:
            return None
        row = await self._first(_UNDER, where) or first
        card = await self._first(_CARD, {"post": first.id})
        number = None if card is None else card[0]
        message = None if row.native is None else MessageRef(root.space, row.native)
        return Post(PostId(row.id), about_of(row), message, root, number)


class OutboxWork(OutboxViews):
    """Laying out posts and writing down what became of them. A settled row is never unsettled."""

    async def post(self, post: NewPost, now: datetime) -> DuePost:
        """Add an outbox row with a fresh transaction id; return it as the outbox will try it.

        An edit's quotes and tree count for the post that it edits; a post that has a deletion is not found by its
        quotes. Raises ValueError when it has no place, or quotes without saying of which group and in which tree.
        """
        if post.quotes and (post.group is None or post.document is None):
            raise ValueError("a post that quotes names its group and keeps its tree")
        values = await self._values(post, now)
        result = await self._run(_INSERT, values)
        made = PostId(result.scalar_one())
        if post.quotes:
            await self._quote(post, post.target if post.act is Act.EDIT and post.target is not None else made)
        if post.target is not None:
            await self._follow(post, post.target)
        return _as_due(post, made, values)

    async def echo(self, key: str, message: MessageRef, now: datetime) -> None:
        """Our own message came back: the post with this key is sent. One settled otherwise only learns its message."""
        await self._run(_ECHOED, {"echo": key, "message": message.native, "place": message.space.native})
        await self._run(_ECHO_SETTLED, {"echo": key, "at": now})

    async def removed(self, message: MessageRef) -> None:
        """A message of ours was deleted by someone else; nothing when it is not ours."""
        await self._run(
            update(outbox)
            .where(
                outbox.c.native == message.native,
                outbox.c.account == message.space.account,
                outbox.c.space == message.space.native,
            )
            .values(is_removed=True)
        )

    async def cancel(self, post: PostId) -> None:
        """Take back a row that is still waiting."""
        await self._run(_SETTLED, {"post": post, "to": PostState.CANCELLED, "message": None, "why": "", "at": None})

    async def tried(self, post: PostId, *, now: datetime, next_try_at: datetime | None) -> None:
        """Count a try that did not settle the post."""
        await self._run(
            update(outbox)
            .where(outbox.c.id == post, outbox.c.state == PostState.WAITING)
            .values(
                attempts=outbox.c.attempts + 1,
                first_try_at=func.coalesce(outbox.c.first_try_at, now),
                next_try_at=next_try_at,
            )
        )

    async def settle(self, post: PostId, state: PostState, native: str, now: datetime, reason: str = "") -> None:
        """Write the final state, blank the payload; nothing when it is settled already (our echo came first)."""
        values = {"post": post, "to": state, "message": native or None, "why": reason, "at": now}
        await self._run(_SETTLED, values)

    async def _values(self, post: NewPost, now: datetime) -> Values:
        space, about = await self._space_of(post), post.about
        place = space or post.user
        if place is None:
            raise ValueError("a post goes to a space or to a person")
        return {
            "key": f"o.{uuid4().hex}",
            "act": post.act,
            "state": PostState.WAITING,
            "account": place.account,
            "space": space.native if space else None,
            "user": post.user.native if post.user else None,
            "group_id": post.group,
            "conversation_id": post.conversation,
            "payload": post.payload,
            "document": emptied(post.document) if post.document else None,
            "style": post.style,
            "purpose": about.purpose if about else None,
            "cycle_id": about.cycle if about else None,
            "prompt": about.prompt if about else None,
            "digest": about.digest if about else None,
            "target_id": post.target,
            "message_space": post.message.space.native if post.message else None,
            "message_native": post.message.native if post.message else None,
            "sign": post.sign,
            "attempts": 0,
            "reason": "",
            "is_removed": False,
            "created_at": now,
        }

    async def _space_of(self, post: NewPost) -> SpaceRef | None:
        if post.space is not None:
            return post.space
        if post.message is not None:
            return post.message.space
        return await self.private_space(post.user) if post.user else None

    async def _quote(self, post: NewPost, shown: PostId) -> None:
        rows = [{"group_id": post.group, "number": number, "post_id": shown} for number in dict.fromkeys(post.quotes)]
        await self._run(upsert(quotes).on_conflict_do_nothing(index_elements=["group_id", "number", "post_id"]), rows)

    async def _follow(self, post: NewPost, target: PostId) -> None:
        """Let the post that is edited or deleted know."""
        if post.act is Act.DELETE:
            await self._run(update(outbox).where(outbox.c.id == target).values(is_removed=True))
        elif post.act is Act.EDIT and post.document is not None:
            await self._run(update(outbox).where(outbox.c.id == target).values(document=emptied(post.document)))


def about_of(row: Any) -> About:
    """Return what the outbox row is about; rows that do not say are notices."""
    if row.purpose is None:
        return NOTICE
    cycle = None if row.cycle_id is None else CycleId(row.cycle_id)
    return About(Purpose(row.purpose), cycle, row.prompt, row.digest)


def space_of(row: Any) -> SpaceRef | None:
    """Return where the outbox row goes."""
    return None if row.space is None else SpaceRef(row.account, row.space)


def user_of(row: Any) -> UserRef | None:
    """Return whom the outbox row goes to in private."""
    return None if row.user is None else UserRef(row.account, row.user)


def _as_due(post: NewPost, made: PostId, values: Values) -> DuePost:
    return DuePost(
        id=made,
        key=values["key"],
        act=post.act,
        space=None if values["space"] is None else SpaceRef(values["account"], values["space"]),
        user=post.user,
        payload=post.payload,
        message=post.message,
        sign=post.sign,
        attempts=0,
        created_at=values["created_at"],
        target=post.target,
        group=post.group,
        is_digest=post.about is not None and post.about.purpose is Purpose.DIGEST and post.user is None,
    )


def _due(row: Any) -> DuePost:
    space = SpaceRef(row.account, row.message_space)
    return DuePost(
        id=PostId(row.id),
        key=row.key,
        act=Act(row.act),
        space=space_of(row),
        user=user_of(row),
        payload=row.payload,
        message=None if row.message_native is None else MessageRef(space, row.message_native),
        sign=row.sign,
        attempts=row.attempts,
        created_at=row.created_at,
        target=None if row.target_id is None else PostId(row.target_id),
        group=None if row.group_id is None else GroupId(row.group_id),
        is_digest=row.purpose == Purpose.DIGEST and row.user is None,
    )
