"""The way out: what the interpreter froze is sent, in order per place, under a key stored before the first try.

The database holds the truth; the lanes in memory only say what to try next. A post is settled by the platform's
answer or by its own echo in the sync, whichever comes first: the same transaction id makes a repeated try harmless
for 24 hours, and older ones are looked up before they are tried again (reliability.md section 2).
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import MessageRef, PostId, SpaceRef, UserRef
from doetank_bot.ports import (
    Act,
    Ambiguous,
    ChatPort,
    Clock,
    Counted,
    Deferred,
    Denied,
    DuePost,
    NoTally,
    PostState,
    Rejected,
    Result,
    Sent,
    Tally,
    Timed,
    UnitOfWork,
)
from doetank_bot.service.patience import Patience
from doetank_bot.service.settlement import Settlement

log = structlog.get_logger(__name__)

FIRST_WAIT_FOR = timedelta(seconds=1)
LONGEST_WAIT_FOR = timedelta(seconds=60)
LONGEST_ASKED_FOR = timedelta(minutes=15)
TRUSTED_FOR = timedelta(hours=12)
"""How long the homeserver surely still knows a transaction id: half of Synapse's 24 hours."""

Lane = SpaceRef | UserRef

_COUNTED = {
    PostState.SENT: Counted.POST_SENT,
    PostState.DENIED: Counted.POST_DENIED,
    PostState.REJECTED: Counted.POST_REJECTED,
    PostState.CANCELLED: Counted.POST_CANCELLED,
}


@dataclass(slots=True)
class _Queue:
    posts: deque[DuePost] = field(default_factory=deque)
    is_running: bool = False


class Outbox:
    """Delivers posts. `offer` queues, `run` delivers; nothing is tried before `run`."""

    def __init__(
        self, uow: UnitOfWork, chat: ChatPort, clock: Clock, patience: Patience, tally: Tally | None = None
    ) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._chat = chat
        self._clock = clock
        self._tally = tally or NoTally()
        self._patience = patience
        self._settlement = Settlement(uow, clock, patience)
        self._lanes: dict[Lane, _Queue] = {}
        self._waiting: set[str] = set()
        self._touched: set[PostId] = set()
        self._withheld: list[DuePost] = []
        self._echoed: set[str] = set()
        self._alive = asyncio.Event()
        self._ready: asyncio.Queue[_Queue] = asyncio.Queue()
        self._is_loaded = False

    async def run(self) -> None:
        """Deliver what waits and what comes, until cancelled. Raises Halt."""
        waiting = await self._patience.until_done(self._stored)
        self._is_loaded = True
        offered = [post for lane in self._lanes.values() for post in lane.posts]
        self._lanes.clear()
        known = {post.id for post in waiting}
        self._touched.update(post.id for post in waiting if post.attempts)
        self.offer([*waiting, *(post for post in offered if post.id not in known)])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._settlement.run())
            while True:
                tasks.create_task(self._drain(await self._ready.get()))

    async def _stored(self) -> tuple[DuePost, ...]:
        async with self._uow.read() as views:
            return await views.waiting_posts()

    def offer(self, posts: Iterable[DuePost]) -> None:
        """Queue stored posts, each behind the others of its place."""
        for post in posts:
            lane = self._lanes.setdefault(_lane_of(post), _Queue())
            lane.posts.append(post)
            self._waiting.add(post.key)
            if self._is_loaded and not lane.is_running:
                lane.is_running = True
                self._ready.put_nowait(lane)

    def echoed(self, keys: Iterable[str]) -> None:
        """A batch came: the homeserver is alive, and our own posts with these keys were seen in the chat."""
        self._echoed.update(self._waiting.intersection(keys))
        self._alive.set()

    def is_unsettled(self, key: str) -> bool:
        """Return whether the post with this key may still wait for its answer."""
        return not self._is_loaded or key in self._waiting

    def withhold(self, post: PostId) -> bool:
        """Take a post back that is surely not out: never tried, or refused each time; False when it may be.

        It is in nobody's hands until `withheld` says how the transaction ended that takes it back in the store.
        """
        if post in self._touched:
            return False
        for lane in self._lanes.values():
            for waiting in lane.posts:
                if waiting.id == post:
                    lane.posts.remove(waiting)
                    self._waiting.discard(waiting.key)
                    self._withheld.append(waiting)
                    return True
        return False

    def withheld(self, *, is_committed: bool) -> None:
        """The transaction ended: what was taken back stays so, or goes on waiting when nothing was committed."""
        posts, self._withheld = self._withheld, []
        if not is_committed:
            self.offer(posts)

    @property
    def depth(self) -> int:
        """How many posts wait."""
        return sum(len(lane.posts) for lane in self._lanes.values())

    @property
    def is_idle(self) -> bool:
        """Whether everything that was to be sent is settled; not so before `run` has looked what waits."""
        return self._is_loaded and not self.depth

    async def _drain(self, lane: _Queue) -> None:
        while lane.posts:
            post = lane.posts[0]
            self._touched.add(post.id)
            self._tallied(post, PostState.SENT if post.key in self._echoed else await self._deliver(post))
            if lane.posts and lane.posts[0] is post:
                lane.posts.popleft()
            self._waiting.discard(post.key)
            self._touched.discard(post.id)
            self._echoed.discard(post.key)
        lane.is_running = False

    def _tallied(self, post: DuePost, state: PostState) -> None:
        self._tally.count(_COUNTED[state])
        if state is not PostState.CANCELLED:
            self._tally.took(Timed.POST_DELAY, self._clock.now() - post.created_at)

    async def _deliver(self, post: DuePost) -> PostState:
        """Try until the post is settled, or taken back while it waits for its next try; return what became of it."""
        attempts = post.attempts
        may_be_out = attempts > 0
        while post.key in self._waiting and post.key not in self._echoed:
            self._touched.add(post.id)
            # What it leads to could not be written down.
            await self._patience.store_works()
            result = await self._patience.until_done(lambda: self._try(post))
            match result:
                case Sent(native):
                    return await self._settle(post, PostState.SENT, native)
                case Denied(reason):
                    return await self._settle(post, PostState.DENIED, reason=reason)
                case Rejected(reason):
                    return await self._settle(post, PostState.REJECTED, reason=reason)
                case Deferred() | Ambiguous():
                    attempts += 1
                    may_be_out = may_be_out or isinstance(result, Ambiguous)
                    if not may_be_out:
                        self._touched.discard(post.id)
                    await self._wait(post, result, attempts)
        return PostState.SENT if post.key in self._echoed else PostState.CANCELLED

    async def _try(self, post: DuePost) -> Result:
        try:
            if self._clock.now() - post.created_at > TRUSTED_FOR and (found := await self._found(post)):
                return Sent(found)
            space = await self._place(post)
            return space if not isinstance(space, SpaceRef) else await self._act(post, space)
        except Unreachable as trouble:
            return Deferred(reason=str(trouble))

    async def _found(self, post: DuePost) -> str | None:
        if post.act not in {Act.SEND, Act.EDIT} or post.space is None:
            return None
        return await self._chat.find(post.space, post.key, post.created_at - timedelta(hours=1))

    async def _place(self, post: DuePost) -> SpaceRef | Result:
        """Return where the post goes; a private chat that is private no more is not it."""
        if post.space is None:
            return await self._opened(post)
        if post.user is None or post.act is not Act.SEND:
            return post.space
        async with self._uow.read() as views:
            known = await views.space(post.space)
        is_private = known is not None and known.private_with == post.user
        return post.space if is_private else await self._opened(post)

    async def _opened(self, post: DuePost) -> SpaceRef | Result:
        """Return the private chat that this post waits for, opening it with the post's own key when there is none."""
        user = post.user
        if user is None:
            return Rejected("no place")
        async with self._uow.read() as views:
            if known := await views.private_space(user):
                return known
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

    async def _settle(self, post: DuePost, state: PostState, native: str = "", reason: str = "") -> PostState:
        if state is not PostState.SENT:
            log.warning(
                "post_not_sent",
                post=post.id,
                room=post.space.native if post.space else "",
                act=post.act.value,
                state=state.value,
                reason=reason,
            )
        await self._settlement.settle(post.id, state, native, reason)
        return state

    async def _wait(self, post: DuePost, result: Deferred | Ambiguous, attempts: int) -> None:
        """Wait as long as was asked; else longer each time, and until the sync has heard from the platform."""
        asked = result.after if isinstance(result, Deferred) else None
        wait_for = min(asked, LONGEST_ASKED_FOR) if asked else _backoff(attempts)
        now = self._clock.now()
        await self._patience.until_done(lambda: self._note_try(post, now, now + wait_for))
        self._tally.count(Counted.POST_RETRIED)
        log.info("post_waits", post=post.id, attempts=attempts, reason=result.reason)
        self._alive.clear()
        await asyncio.sleep(wait_for.total_seconds())
        if asked is None:
            await self._alive.wait()

    async def _note_try(self, post: DuePost, now: datetime, next_try_at: datetime) -> None:
        async with self._uow.write() as work:
            await work.tried(post.id, now=now, next_try_at=next_try_at)


def _lane_of(post: DuePost) -> Lane:
    """Posts to a person stay in one lane whether or not their private chat is open already."""
    if post.user is not None:
        return post.user
    if post.space is None:
        msg = f"post {post.id} has no place"
        raise ValueError(msg)
    return post.space


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_WAIT_FOR * (1 << min(attempts - 1, 10)), LONGEST_WAIT_FOR)
