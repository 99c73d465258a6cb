"""The way out: what the interpreter froze is sent, in order per place, under a key stored before the first try.

The database holds the truth; the lanes in memory only say what to try next. A post is settled by the platform's
answer or by its own echo in the sync, whichever comes first: the same transaction id makes a repeated try harmless
for 24 hours, and older ones are looked up before they are tried again (reliability.md section 2).
What may not be said in a room is denied for good, because it would come too late. Digests, edits and deletions that are
refused wait until the bot may write there again: members' words are told, follow, or go.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import PostId, SpaceRef
from doetank_bot.domain.schedule import GRACE
from doetank_bot.ports import (
    Act,
    Ambiguous,
    ChatPort,
    Clock,
    Counted,
    Deferred,
    Denied,
    DuePost,
    InboxRow,
    NoTally,
    PostState,
    Rejected,
    Result,
    Sent,
    Tally,
    Timed,
    UnitOfWork,
)
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.delivery import Delivery
from doetank_bot.service.lane import Lane, Queue, lane_of
from doetank_bot.service.line import Line
from doetank_bot.service.patience import Patience
from doetank_bot.service.refusal import LOOK_AGAIN_AFTER, Refusal, can_wait, waits_with
from doetank_bot.service.settlement import Settlement
from doetank_bot.service.suspicion import Suspicion
from doetank_bot.service.window import Window

log = structlog.get_logger(__name__)

N_AT_ONCE = 90
"""Posts on their way: more than keeps a homeserver busy, and fewer than aiohttp's hundred connections."""
MANY = 16
"""So many posts on their way, or at the door, are a rush."""
LONGEST_ASKED_FOR = timedelta(minutes=15)

_COUNTED = {
    PostState.SENT: Counted.POST_SENT,
    PostState.DENIED: Counted.POST_DENIED,
    PostState.REJECTED: Counted.POST_REJECTED,
    PostState.CANCELLED: Counted.POST_CANCELLED,
    PostState.DEAD: Counted.POST_DEAD,
}


class Outbox:
    """Delivers posts. `load` takes up what waits, `offer` queues, `run` delivers; nothing is tried before `run`."""

    def __init__(  # noqa: PLR0913 - one argument for each thing that is wired
        self,
        uow: UnitOfWork,
        chat: ChatPort,
        clock: Clock,
        line: Line,
        patience: Patience,
        tally: Tally | None = None,
        *,
        hand_on: Callable[[Sequence[InboxRow]], None],
        give_up: Callable[[DuePost, str], Awaitable[None]],
    ) -> None:
        """Take the collaborators; no I/O.

        That a room refuses us is handed on as something that came in; `give_up` settles a post on which the platform
        fails for ever.
        """
        self._uow = uow
        self._clock = clock
        self._tally = tally or NoTally()
        self._patience = patience
        self._settlement = Settlement(uow, clock, patience, lambda: self.is_rush)
        self._delivery = Delivery(uow, chat, clock)
        self._refusal = Refusal(uow, clock, hand_on)
        self._line = line
        self._give_up = give_up
        self._n_sent = 0
        self._window = Window(line, N_AT_ONCE, in_rounds=True)
        self._lanes: dict[Lane, Queue] = {}
        self._waiting: set[str] = set()
        self._touched: set[PostId] = set()
        self._withheld: list[DuePost] = []
        self._echoed: set[str] = set()
        self._ready: asyncio.Queue[Queue] = asyncio.Queue()
        self._is_loaded = False

    async def load(self) -> None:
        """Take up what waits from before, ahead of what was offered. From now on it can be withheld. Raises Halt."""
        waiting = await self._patience.until_done(self._stored)
        self._is_loaded = True
        offered = [post for lane in self._lanes.values() for post in lane.posts]
        self._lanes.clear()
        known = {post.id for post in waiting}
        self._touched.update(post.id for post in waiting if post.attempts)
        self.offer([*waiting, *(post for post in offered if post.id not in known)])

    async def run(self) -> None:
        """Deliver what waits and what comes, until cancelled. Raises Halt."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._settlement.run())
            while True:
                tasks.create_task(self._drain(await self._ready.get()))

    async def _stored(self) -> tuple[DuePost, ...]:
        async with self._uow.read() as views:
            found = await views.waiting_posts()
        return tuple([post for post in found if post.attempts or not await self._is_planned_again_as_late(post)])

    def offer(self, posts: Iterable[DuePost]) -> None:
        """Queue stored posts, each behind the others of its place."""
        for post in posts:
            lane = self._lanes.setdefault(lane_of(post), Queue())
            lane.posts.append(post)
            self._waiting.add(post.key)
            self._start(lane)

    def _start(self, lane: Queue) -> None:
        if self._is_loaded and lane.posts and not lane.is_running:
            lane.is_running = True
            self._ready.put_nowait(lane)

    def echoed(self, keys: Iterable[str]) -> None:
        """Our own posts with these keys were seen in the chat."""
        self._echoed.update(self._waiting.intersection(keys))

    def is_unsettled(self, key: str) -> bool:
        """Return whether the post with this key may still wait for its answer."""
        return not self._is_loaded or key in self._waiting

    def try_again(self, space: SpaceRef) -> None:
        """Queue what was refused in the space and can wait anew, before what came after them."""
        for lane in self._lanes.values():
            again = [post for post in lane.refused if post.space == space]
            lane.refused = [post for post in lane.refused if post.space != space]
            under_way = [lane.posts.popleft()] if lane.is_running and lane.posts else []
            lane.posts.extendleft(reversed([*under_way, *again]))
            self._start(lane)

    def withhold(self, post: PostId) -> bool:
        """Take a post back that is surely not out: never tried, or refused each time; False when it may be.

        It is in nobody's hands until `withheld` says how the transaction ended that takes it back in the store.
        """
        if post in self._touched:
            return False
        for lane in self._lanes.values():
            for waiting in (*lane.posts, *lane.refused):
                if waiting.id == post:
                    (lane.posts if waiting in lane.posts else lane.refused).remove(waiting)
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
        """How many posts wait to be tried."""
        return sum(len(lane.posts) for lane in self._lanes.values())

    @property
    def is_rush(self) -> bool:
        """Whether many posts go out together, not counting those that wait for a later try or for the one before."""
        return self._window.n_asking > MANY and not self._window.is_troubled

    @property
    def is_idle(self) -> bool:
        """Whether everything that was to be sent is settled; not so before `run` has looked what waits."""
        return self._is_loaded and not self.depth

    async def _drain(self, lane: Queue) -> None:
        while lane.posts:
            post = lane.posts[0]
            state = await self._delivered(post, lane)
            if lane.posts and lane.posts[0] is post:
                lane.posts.popleft()
            if state is PostState.WAITING:
                lane.refused.append(post)
                continue
            self._tallied(post, state)
            self._waiting.discard(post.key)
            self._touched.discard(post.id)
            self._echoed.discard(post.key)
        lane.is_running = False

    async def _delivered(self, post: DuePost, lane: Queue) -> PostState:
        """Return what became of the post; WAITING: it may not be done now, as those before it in the lane."""
        if post.key in self._echoed:
            return PostState.SENT
        if can_wait(post) and any(waits_with(post, refused) for refused in lane.refused):
            return PostState.WAITING
        return await self._deliver(post)

    def _tallied(self, post: DuePost, state: PostState) -> None:
        self._tally.count(_COUNTED[state])
        if state is not PostState.CANCELLED:
            self._tally.took(Timed.POST_DELAY, self._clock.now() - post.created_at)

    async def _deliver(self, post: DuePost) -> PostState:
        """Try until the post is settled, or taken back while it waits for its next try; return what became of it."""
        may_be_out = post.attempts > 0
        backoff, suspicion = Backoff(), Suspicion()
        while result := await self._tried(post):
            match result:
                case Sent(native):
                    self._n_sent += 1
                    return await self._settle(post, PostState.SENT, native)
                case Denied(reason):
                    return await self._refused(post, reason, may_be_out=may_be_out)
                case Rejected(reason):
                    return await self._settle(post, PostState.REJECTED, reason=reason)
                case Ambiguous(reason, is_fault=True) if suspicion.failed(self._clock.now(), self._n_sent) and (
                    state := await self._buried(post, reason)
                ):
                    return state
                case Deferred() | Ambiguous():
                    may_be_out = may_be_out or isinstance(result, Ambiguous)
                    if not may_be_out:
                        self._touched.discard(post.id)
                    await self._wait(post, result, backoff)
        return PostState.SENT if post.key in self._echoed else PostState.CANCELLED

    async def _refused(self, post: DuePost, reason: str, *, may_be_out: bool) -> PostState:
        await self._patience.until_done(lambda: self._refusal.tell(post))
        if not can_wait(post):
            again_at = self._clock.now() + LOOK_AGAIN_AFTER
            if not may_be_out and await self._patience.until_done(lambda: self._is_planned_again(post, again_at)):
                return PostState.CANCELLED
            # A room that we may not enter yet asks us in, or does not: nothing that was to be said is refused.
            state = PostState.CANCELLED if post.act is Act.JOIN else PostState.DENIED
            return await self._settle(post, state, reason=reason)
        log.warning("post_refused", post=post.id, room=post.space.native if post.space else "", act=post.act.value)
        if not may_be_out:
            self._touched.discard(post.id)
        return PostState.WAITING

    async def _tried(self, post: DuePost) -> Result | None:
        # What it leads to could not be written down. Not in the window: who is stuck must get through it to go on.
        await self._patience.store_works()
        return await self._patience.until_done(lambda: self._window.tried(lane_of(post), lambda: self._try(post)))

    async def _try(self, post: DuePost) -> Result | None:
        """Try once; None when the post was taken back, or seen in the chat, while it waited for its turn."""
        if post.key not in self._waiting or post.key in self._echoed:
            return None
        if post.id not in self._touched and await self._is_planned_again_as_late(post):
            return None
        if post.key not in self._waiting or post.key in self._echoed:
            # A deletion took it back while the store was asked.
            return None
        self._touched.add(post.id)
        return await self._delivery.once(post)

    async def _is_planned_again_as_late(self, post: DuePost) -> bool:
        """What is frozen in the message of a step says nothing of being late, and names people who may be gone."""
        is_late = post.act is Act.SEND and self._clock.now() - post.created_at > GRACE
        return is_late and await self._is_planned_again(post)

    async def _is_planned_again(self, post: DuePost, due_at: datetime | None = None) -> bool:
        """Take back the message of a step that is surely not out: the step waits again, for its time or until then."""
        if post.act is not Act.SEND:
            return False
        async with self._uow.write() as work:
            is_planned = await work.plan_again(post.id, due_at)
            if is_planned:
                await work.cancel(post.id)
        return is_planned

    async def _buried(self, post: DuePost, reason: str) -> PostState | None:
        """Give the post up, unless it is there after all: a fault may come after it was done. None: not so, or not yet.

        A deletion is tried for ever: while a message stands, its edits must not go before it.
        """
        if post.act is Act.DELETE:
            return None
        try:
            found = await self._patience.until_done(lambda: self._delivery.found(post))
        except Unreachable:
            return None
        if found:
            return await self._settle(post, PostState.SENT, found)
        _log_unsent(post, PostState.DEAD, reason)
        await self._patience.until_done(lambda: self._give_up(post, reason))
        return PostState.DEAD

    async def _settle(self, post: DuePost, state: PostState, native: str = "", reason: str = "") -> PostState:
        if state is not PostState.SENT:
            _log_unsent(post, state, reason)
        await self._settlement.settle(post.id, state, native, reason)
        return state

    async def _wait(self, post: DuePost, result: Deferred | Ambiguous, backoff: Backoff) -> None:
        """Wait as long as was asked; else longer each time, and until the platform is there."""
        asked = result.after if isinstance(result, Deferred) else None
        wait_for = min(asked, LONGEST_ASKED_FOR) if asked else timedelta(seconds=backoff.failed())
        now = self._clock.now()
        await self._patience.until_done(lambda: self._note_try(post, now, now + wait_for))
        self._tally.count(Counted.POST_RETRIED)
        log.info("post_waits", post=post.id, wait_seconds=round(wait_for.total_seconds(), 1), reason=result.reason)
        if asked:
            await asyncio.sleep(wait_for.total_seconds())
        else:
            await self._line.pause(wait_for.total_seconds())

    async def _note_try(self, post: DuePost, now: datetime, next_try_at: datetime) -> None:
        async with self._uow.write() as work:
            await work.tried(post.id, now=now, next_try_at=next_try_at)


def _log_unsent(post: DuePost, state: PostState, reason: str) -> None:
    room = post.space.native if post.space else ""
    log.warning("post_not_sent", post=post.id, room=room, act=post.act.value, state=state.value, reason=reason)
