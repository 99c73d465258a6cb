"""What the bot said since a backup: posts that are made again are looked up in it, and none is sent."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from doetank_bot.domain.reference import MessageRef, PostId, SpaceRef, UserRef
from doetank_bot.ports import Act, BotJoined, ChatPort, DuePost, MessageReceived, PostState, Work
from doetank_bot.service.hindsight import Hindsight

_FIGURES = re.compile(r"\d+")

log = structlog.get_logger(__name__)


class Said:
    """A `WayOut` that sends nothing: it looks posts up in what was said."""

    def __init__(self, chat: ChatPort, gap: Hindsight, last_post: PostId) -> None:
        """Take what was said; posts up to `last_post` were in the backup, and may still have to go out."""
        self._chat = chat
        self._last_post = last_post
        self._unclaimed = list(gap.own)
        self._guests = _guests(gap)
        self._open: dict[PostId, DuePost] = {}
        self._taken: list[DuePost] = []

    def offer(self, posts: Iterable[DuePost]) -> None:
        """Take posts to look up."""
        self._open.update((post.id, post) for post in posts)

    def withhold(self, post: PostId) -> bool:
        """Give back a post that was not found."""
        found = self._open.pop(post, None)
        if found is not None:
            self._taken.append(found)
        return found is not None

    def withheld(self, *, is_committed: bool) -> None:
        """Go on looking for what was given back when nothing came of it."""
        taken, self._taken = self._taken, []
        if not is_committed:
            self.offer(taken)

    def try_again(self, space: SpaceRef) -> None:
        """Nothing: the outbox tries what waits when the bot begins."""

    def claim(self, message: MessageRef) -> None:
        """A post is known to be this message: it is no other."""
        self._unclaimed = [one for one in self._unclaimed if one.ref != message]

    async def settle(self, work: Work, now: datetime) -> None:
        """Write down which posts were found. Signs, edits and the like were given then; a deletion is done again."""
        for post in list(self._open.values()):
            if post.act is not Act.SEND:
                self._open.pop(post.id)
                if post.act is not Act.DELETE and post.id > self._last_post:
                    await work.settle(post.id, PostState.SENT, "", now)
            elif (message := await self._found(post, work)) is not None:
                self._open.pop(post.id)
                self.claim(message.ref)
                await work.echo(post.key, message.ref, now)
                if post.user is not None and post.space is None:
                    await work.set_private(message.ref.space, post.user)

    async def give_up(self, work: Work) -> int:
        """Take back what was made again and never found; return how many posts that were."""
        lost = [post for post in self._open if post > self._last_post]
        for post in lost:
            log.info("not_said_again", post=post)
            await work.cancel(post)
        return len(lost)

    async def _found(self, post: DuePost, work: Work) -> MessageReceived | None:
        space = post.space or (await work.private_space(post.user) if post.user else None)
        spaces = [space] if space else [private for private, guest in self._guests.items() if guest == post.user]
        for like in (_words, _words_without_figures):
            for there in spaces:
                wanted = like(self._chat.echo(there, post.payload or {}))
                for message in self._unclaimed:
                    if message.ref.space == there and like(message) == wanted:
                        return message
        return None


def _guests(gap: Hindsight) -> dict[SpaceRef, UserRef]:
    """Return whom each private chat is for that the bot opened in the gap."""
    opened = (item for _, item in gap.past if isinstance(item, BotJoined) and item.is_private)
    return {item.ref.space: item.guest for item in opened if item.guest is not None}


def _words(message: MessageReceived) -> tuple[object, ...]:
    return message.text, message.is_text, message.thread, message.reply_to


def _words_without_figures(message: MessageReceived) -> tuple[object, ...]:
    """What was deleted since takes no number any more, so later ones may be told by another."""
    return _words(replace(message, text=_FIGURES.sub("", message.text)))
