"""The group's words stay theirs: when one of them changes or goes, every message that quoted it follows."""

from dataclasses import replace
from datetime import datetime

from doetank_bot.domain.document import Document, filled, quotes
from doetank_bot.domain.effect import Purpose
from doetank_bot.ports import Act, ChatPort, DuePost, GroupWork, NewPost, PostState, QuotingPost, Work
from doetank_bot.service.outbox import Outbox
from doetank_bot.service.posting import rendered

N_DIGESTS_MADE_AGAIN = 2
"""The last digests that are posted again without the words that went (design.md section 3)."""


class Follow:
    """Makes the posts that bring quoting messages up to date. Call it after the contribution was changed."""

    def __init__(self, chat: ChatPort, outbox: Outbox) -> None:
        """Take the collaborators; no I/O."""
        self._chat = chat
        self._outbox = outbox

    async def edit(self, work: Work, group: GroupWork, number: int, now: datetime) -> list[DuePost]:
        """Edit every message that quotes `number`, in place."""
        posts: list[DuePost] = []
        for quoting in await group.posts_quoting(number):
            document = await self._now(group, quoting)
            if self._outbox.withhold(quoting.id):
                await work.cancel(quoting.id)
                posts += await self._again(work, quoting, document, now)
                continue
            for new in rendered(self._chat, document, replace(quoting.style, mentions=()), _like(quoting)):
                posts.append(await work.post(replace(new, act=Act.EDIT, target=quoting.id), now))
        return posts

    async def erase(self, work: Work, group: GroupWork, number: int, now: datetime) -> list[DuePost]:
        """Delete every message that quotes `number`, with all its edits; post the last digests again as they are now.

        An edit would leave the old text readable to everyone in the room (reliability.md finding 10).
        """
        posts: list[DuePost] = []
        sent = await self._sent_digests(group)
        last = set(sorted({_number(digest) for digest in sent})[-N_DIGESTS_MADE_AGAIN:])
        for quoting in await group.posts_quoting(number):
            is_back = self._outbox.withhold(quoting.id)
            if is_back:
                await work.cancel(quoting.id)
            else:
                for target in (*quoting.edits, quoting.id):
                    gone = replace(_like(quoting), act=Act.DELETE, about=None, target=target)
                    posts.append(await work.post(gone, now))
            is_last = quoting.about.purpose is Purpose.DIGEST and _number(quoting) in last
            if is_back or is_last or _is_open_draft(quoting, sent):
                posts += await self._again(work, quoting, await self._now(group, quoting), now)
        return posts

    async def _again(self, work: Work, quoting: QuotingPost, document: Document, now: datetime) -> list[DuePost]:
        if not document.blocks:
            return []
        return [
            await work.post(new, now)
            for new in rendered(self._chat, document, replace(quoting.style, mentions=()), _like(quoting))
        ]

    async def _now(self, group: GroupWork, quoting: QuotingPost) -> Document:
        """Return the quoting document with the words as they are now."""
        words = await group.words({quote.number for quote in quotes(quoting.document)})
        return filled(quoting.document, words)

    async def _sent_digests(self, group: GroupWork) -> list[QuotingPost]:
        return [
            digest
            for cycle in await group.cycles()
            for digest in await group.digests(cycle.id)
            if digest.state in {PostState.SENT, PostState.WAITING}
        ]


def _number(post: QuotingPost) -> tuple[int, int]:
    return (post.about.cycle or 0, post.about.digest or 0)


def _is_open_draft(post: QuotingPost, sent: list[QuotingPost]) -> bool:
    """Whether the coach still has to decide on it: once its digest is out, a draft is only in the way."""
    return post.about.purpose is Purpose.DRAFT and _number(post) not in {_number(digest) for digest in sent}


def _like(quoting: QuotingPost) -> NewPost:
    return NewPost(
        Act.SEND, quoting.conversation, quoting.space, quoting.user, group=quoting.group, about=quoting.about
    )
