"""What becomes of a post that a room refuses: some are as good later, and that it was refused is worth a look there."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import Act, Clock, DuePost, InboxRow, RoomChanged, UnitOfWork

LOOK_AGAIN_AFTER = timedelta(minutes=15)
"""How long a step waits that cannot be said in its room now."""

_OF_A_ROOM = frozenset({Act.SEND, Act.EDIT, Act.DELETE, Act.REACT})


class Refusal:
    """Hands on, as something that came in, that a room refuses us."""

    def __init__(self, uow: UnitOfWork, clock: Clock, hand_on: Callable[[Sequence[InboxRow]], None]) -> None:
        """Take the collaborators; no I/O."""
        self._uow = uow
        self._clock = clock
        self._hand_on = hand_on

    async def tell(self, post: DuePost) -> None:
        """Let someone look what may be done in the room of a refused post: once a day, however much is refused."""
        if post.act not in _OF_A_ROOM or post.user is not None or post.space is None:
            return
        now = self._clock.now()
        look = RoomChanged(MessageRef(post.space, f"refused:{now:%Y-%m-%d}"))
        async with self._uow.write() as work:
            rows = await work.take([look], None, now)
        self._hand_on(rows)


def can_wait(post: DuePost) -> bool:
    """Whether it is as good when a room lets us in or speak again: it carries members' words, or takes them away."""
    return post.act in {Act.EDIT, Act.DELETE} or post.is_digest


def waits_with(post: DuePost, refused: DuePost) -> bool:
    """Whether a post that can wait need not be tried while that one is refused.

    A room may let us speak, and not delete: the next digest does not wait for that. One that is made again waits for
    the deletion of what it replaces; they are of one transaction, so of one instant.
    """
    is_alike = post.act is not Act.SEND and refused.act is not Act.SEND
    return post.space == refused.space and (is_alike or post.created_at == refused.created_at)
