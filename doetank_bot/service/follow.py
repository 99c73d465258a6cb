"""The group's words stay theirs: when one of them changes or goes, every message that quoted it follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doetank_bot.domain.contribution import Audience, Contribution
from doetank_bot.domain.document import Document, filled, quotes
from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.group import MemberStatus
from doetank_bot.domain.reference import PostId
from doetank_bot.ports import Act, ChatPort, DuePost, GroupWork, NewPost, PostState, QuotingPost, Work
from doetank_bot.service.posting import rendered
from doetank_bot.service.way_out import WayOut

N_DIGESTS_MADE_AGAIN = 2
"""The last digests that are posted again without the words that went (design.md section 3)."""


class Follow:
    """Makes the posts that bring quoting messages up to date. Call it after the contribution was changed."""

    def __init__(self, chat: ChatPort, outbox: WayOut) -> None:
        """Take the collaborators; no I/O."""
        self._chat = chat
        self._outbox = outbox

    async def edit(self, work: Work, group: GroupWork, number: int, now: datetime) -> list[DuePost]:
        """Edit every message that quotes `number`, in place; a copy that someone who left still has goes instead."""
        posts: list[DuePost] = []
        for quoting in await group.posts_quoting(number):
            if not await _is_for_member(work, group, quoting):
                posts += await self._gone(work, quoting, now)
                continue
            document = await self._now(work, group, quoting)
            if await self._taken_back(work, quoting.id):
                posts += await self._again(work, quoting, document, now)
                continue
            for older in quoting.edits:
                await self._taken_back(work, older)
            parts = list(rendered(self._chat, document, replace(quoting.style, mentions=()), _like(quoting)))
            if len(parts) == 1:
                posts.append(await work.post(replace(parts[0], act=Act.EDIT, target=quoting.id), now))
            else:
                # One message cannot be edited into several: it goes, and comes back whole.
                posts += await self._gone(work, quoting, now)
                posts += await self._again(work, quoting, document, now)
        return posts

    async def narrow(self, work: Work, group: GroupWork, number: int, now: datetime) -> list[DuePost]:
        """Delete the messages that quote `number` where it may not stand any more; see `erase`."""
        [one] = await group.kept([number]) or [None]
        quoting = [post for post in await group.posts_quoting(number) if not await _may_stand(work, group, one, post)]
        return await self._erased(work, group, quoting, now)

    async def erase(self, work: Work, group: GroupWork, number: int, now: datetime) -> list[DuePost]:
        """Delete every message that quotes `number`, with all its edits; post the last digests again as they are now.

        An edit would leave the old text readable to everyone in the room (reliability.md finding 10).
        """
        return await self._erased(work, group, await group.posts_quoting(number), now)

    async def _erased(self, work: Work, group: GroupWork, which: Sequence[QuotingPost], now: datetime) -> list[DuePost]:
        posts: list[DuePost] = []
        here, sent = (await group.group()).space, await self._sent_digests(group)
        last = set(sorted({_number(digest) for digest in sent})[-N_DIGESTS_MADE_AGAIN:])
        for quoting in which:
            gone = await self._gone(work, quoting, now)
            posts += gone
            is_last = quoting.about.purpose is Purpose.DIGEST and _number(quoting) in last
            is_wanted = not gone or is_last or _is_open_draft(quoting, sent)
            # In a room that the group has left it only goes.
            is_here = quoting.space == here or not await _is_in_room(work, group, quoting)
            if is_wanted and is_here and await _is_for_member(work, group, quoting):
                posts += await self._again(work, quoting, await self._now(work, group, quoting), now)
        return posts

    async def _gone(self, work: Work, quoting: QuotingPost, now: datetime) -> list[DuePost]:
        """Take a message away with all its edits; no post is needed when it was never out.

        The message first: without its edits it would show older words.
        """
        if await self._taken_back(work, quoting.id):
            return []
        like = replace(_like(quoting), act=Act.DELETE, about=None)
        edits = [edit for edit in quoting.edits if not await self._taken_back(work, edit)]
        return [await work.post(replace(like, target=target), now) for target in (quoting.id, *edits)]

    async def _taken_back(self, work: Work, post: PostId) -> bool:
        """Take back what is surely not out: what it says nobody needs to see first. Say whether it was."""
        is_withheld = self._outbox.withhold(post)
        if is_withheld:
            await work.cancel(post)
        return is_withheld

    async def _again(self, work: Work, quoting: QuotingPost, document: Document, now: datetime) -> list[DuePost]:
        # Who reads along in private needs no digest in which nothing of the group is left.
        is_copy = quoting.about.purpose is Purpose.DIGEST and quoting.user is not None
        if not document.blocks or (is_copy and not any(quotes(document))):
            return []
        return [
            await work.post(new, now)
            for new in rendered(self._chat, document, replace(quoting.style, mentions=()), _like(quoting))
        ]

    async def _now(self, work: Work, group: GroupWork, quoting: QuotingPost) -> Document:
        """Return the quoting document with the words as they are now."""
        kept = await group.kept({quote.number for quote in quotes(quoting.document)})
        shown = [one for one in kept if await _may_stand(work, group, one, quoting)]
        return filled(quoting.document, {one.number: (one.text, one.author_name) for one in shown})

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


async def _may_stand(work: Work, group: GroupWork, one: Contribution | None, quoting: QuotingPost) -> bool:
    """Whether who reads that message may see the contribution: the group, its author, the sponsor."""
    settled = await group.group()
    if one is None or await _is_in_room(work, group, quoting):
        return one is not None and one.is_for_group
    reader = await group.member(quoting.user) if quoting.user is not None else None
    # Who was the sponsor before still has what the group shared then.
    is_former = reader is not None and reader.status is MemberStatus.SPONSOR
    if is_former or (quoting.user is not None and quoting.user == settled.settings.sponsor):
        return one.is_for_group and one.audience is not Audience.GROUP
    author = await group.member_by_id(one.author) if not one.is_for_group else None
    return author is None or quoting.user is None or author.user == quoting.user


async def _is_for_member(work: Work, group: GroupWork, quoting: QuotingPost) -> bool:
    """Whether it stands in the group's room, or in private with someone who is still a member."""
    if await _is_in_room(work, group, quoting):
        return True
    known = await work.space(quoting.space) if quoting.space else None
    user = quoting.user or (known.private_with if known else None)
    member = await group.member(user) if user else None
    return member is not None and member.status in {MemberStatus.ACTIVE, MemberStatus.SPONSOR}


async def _is_in_room(work: Work, group: GroupWork, quoting: QuotingPost) -> bool:
    """Whether it stands in the group's own room, or the one it had before: where all of its members are."""
    if quoting.space == (await group.group()).space:
        return True
    known = await work.space(quoting.space) if quoting.space and quoting.user is None else None
    return known is not None and known.private_with is None


def _like(quoting: QuotingPost) -> NewPost:
    return NewPost(
        Act.SEND, quoting.conversation, quoting.space, quoting.user, group=quoting.group, about=quoting.about
    )
