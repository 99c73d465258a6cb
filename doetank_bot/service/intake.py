"""The way in: a batch is screened, and stored with the cursor in one transaction. Nothing is handled here."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from doetank_bot.domain.reference import MessageRef, UserRef
from doetank_bot.flows.hint import OPEN_FOR
from doetank_bot.ports import (
    Batch,
    Clock,
    InboxRow,
    Incoming,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Undecryptable,
    UnitOfWork,
    Work,
)
from doetank_bot.service.screen import Screen

_CHUNK = 10
"""Things screened in one go: under 10 ms, also for rooms of ten people with digits in all their names."""


class Intake:
    """Takes batches up, one after another, and hands the new rows on."""

    def __init__(  # noqa: PLR0913 - each is one thing that it asks of the others
        self,
        uow: UnitOfWork,
        clock: Clock,
        *,
        me: UserRef,
        prefix: str,
        hand_on: Callable[[Sequence[InboxRow]], None],
        is_unsettled: Callable[[str], bool],
        echoed: Callable[[Iterable[str]], None],
        readable: Callable[[Undecryptable], Incoming | None],
        retold: Callable[[Undecryptable, MessageEdited], MessageReceived | None],
    ) -> None:
        """After each commit, hand new rows to `hand_on` and the keys of our own posts that came back to `echoed`.

        `is_unsettled` tells of such a key whether its echo is news; `readable` and `retold` are the chat's.
        """
        self._uow = uow
        self._clock = clock
        self._me = me
        self._prefix = prefix
        self._hand_on = hand_on
        self._is_unsettled = is_unsettled
        self._echoed = echoed
        self._readable = readable
        self._retold = retold

    async def take(self, batch: Batch) -> None:
        """Store what the screen keeps of `batch` together with its cursor: all of it, or none when this raises."""
        now = self._clock.now()
        echoes = [(key, item.ref) for item in batch.incoming if (key := _own_key(item, self._me))]
        async with self._uow.write() as work:
            if batch.keys_came and (unsealed := await self._unsealed(work)):
                batch = replace(batch, incoming=(*unsealed, *batch.incoming))
            if any(isinstance(item, MessageEdited) for item in batch.incoming):
                batch = replace(batch, incoming=await self._told_by_edits(work, batch.incoming))
            for key, ref in echoes:
                if self._is_unsettled(key):
                    await work.echo(key, ref, now)
            kept = await self._screened(work, batch, now)
            rows = await work.take(kept, batch.cursor, now)
        self._echoed(key for key, _ in echoes)
        self._hand_on(rows)

    async def _unsealed(self, work: Work) -> list[Incoming]:
        """Return what can be read at last, in order; its ciphertext goes, whatever the screen will keep of it."""
        found = [(sealed, self._readable(sealed)) for sealed in await work.undecryptable()]
        opened = [(sealed.ref, incoming) for sealed, incoming in found if not isinstance(incoming, Undecryptable)]
        await work.unseal([ref for ref, _ in opened])
        return [incoming for _, incoming in opened if incoming is not None]

    async def _told_by_edits(self, work: Work, incoming: Sequence[Incoming]) -> tuple[Incoming, ...]:
        """Return the same, with each message that only its author's edit lets us read in the place of its ciphertext.

        Its old words are never kept: when their key comes, the message is there already.
        """
        sealed = {one.ref: one for one in (*await work.undecryptable(), *incoming) if isinstance(one, Undecryptable)}
        told = list[Incoming]()
        for item in incoming:
            if isinstance(item, MessageEdited) and (now := self._as_retold(sealed, item)) is not None:
                await work.unseal([now.ref])
                told = [one for one in told if one.ref != now.ref]
                told.append(now)
            told.append(item)
        return tuple(told)

    def _as_retold(self, sealed: dict[MessageRef, Undecryptable], edit: MessageEdited) -> MessageReceived | None:
        original = sealed.get(edit.target)
        now = None if original is None else self._retold(original, edit)
        if now is not None:
            del sealed[now.ref]
        return now

    async def _screened(self, work: Work, batch: Batch, now: datetime) -> list[Incoming]:
        if not batch.incoming:
            return []
        known = await work.known(set(_refs(batch.incoming)), {item.ref.space for item in batch.incoming})
        screen, kept = Screen(self._me, self._prefix, known), list[Incoming]()
        if talkers := screen.talkers(batch.incoming):
            screen.known = replace(known, unhinted=await work.unhinted(talkers, now - OPEN_FOR))
        for start in range(0, len(batch.incoming), _CHUNK):
            kept += screen.keep(batch.incoming[start : start + _CHUNK])
            # After a night away a batch holds thousands; the rest of the bot must not stand still for it.
            await asyncio.sleep(0)
        return kept


def _own_key(item: Incoming, me: UserRef) -> str | None:
    """Return the key of our own post that `item` is the echo of."""
    match item:
        case MessageReceived(key=key, sender=author) | MessageEdited(key=key, editor=author):
            return key if author == me else None
        case MessageDeleted(key=key):
            return key
        case _:
            return None


def _refs(incoming: Iterable[Incoming]) -> Iterator[MessageRef]:
    """Yield the messages that these are tied to: what the screen must know about."""
    for item in incoming:
        match item:
            case MessageReceived():
                yield from (ref for ref in (item.thread, item.reply_to) if ref is not None)
            case MessageEdited() | MessageDeleted():
                yield item.target
            case _:
                pass
