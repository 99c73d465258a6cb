"""After a change of device: what went out from the one before is known by its key to that one alone."""

from datetime import timedelta

import structlog

from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import Act, ChatPort, Clock, UnitOfWork

_MARGIN = timedelta(hours=1)

log = structlog.get_logger(__name__)


async def settle_former(uow: UnitOfWork, former: ChatPort, clock: Clock) -> None:
    """Settle the waiting posts that are out already, as the device `former` knows; comes before anything is sent.

    Raises Unreachable, and AuthLost when that device is not known any more.
    """
    async with uow.read() as views:
        waiting = await views.waiting_posts()
    n_found = 0
    for post in waiting:
        if post.act not in {Act.SEND, Act.EDIT} or post.space is None:
            continue
        found = await former.find(post.space, post.key, post.created_at - _MARGIN)
        if found is not None:
            n_found += 1
            async with uow.write() as work:
                await work.echo(post.key, MessageRef(post.space, found), clock.now())
    log.info("former_device_asked", n_waiting=len(waiting), n_found=n_found)
