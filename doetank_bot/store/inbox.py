"""What came in and waits, kept with the cursor in one transaction: a crash neither loses nor repeats it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, select, update

from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.ports import InboxRow, Incoming, MessageDeleted, MessageEdited, MessageReceived, Undecryptable
from doetank_bot.store.column import decoded, encoded
from doetank_bot.store.sqlite import upsert
from doetank_bot.store.tables import DONE, WAITING, account_state, inbox
from doetank_bot.store.transaction import Stale, Transaction, Values

ADAPTERS: Mapping[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Incoming)}
# Small enough that encoding a chunk does not hold up the event loop, and that its ids fit in one statement.
_CHUNK = 250


class InboxState(StrEnum):
    """`waiting` rows are handled in order; `poison` ones failed too often; `undecryptable` ones wait for their key."""

    WAITING = "waiting"
    DONE = "done"
    POISON = "poison"
    UNDECRYPTABLE = "undecryptable"


_WAITING_ROWS = (
    select(inbox)
    .where(inbox.c.state == WAITING, inbox.c.state != DONE, inbox.c.id > bindparam("after"))
    .order_by(inbox.c.id)
    .limit(_CHUNK)
)

_SEALED_ROWS = (
    select(inbox.c.kind, inbox.c.payload)
    # The first condition lets the index of what is not done be used.
    .where(inbox.c.state != DONE, inbox.c.state == InboxState.UNDECRYPTABLE)
    .order_by(inbox.c.id)
)

_INSERT = (
    upsert(inbox)
    .on_conflict_do_nothing(index_elements=["native", "account", "space"])
    .returning(inbox.c.id, inbox.c.account, inbox.c.space, inbox.c.native)
)


_HANDLED = (
    update(inbox)
    .where(inbox.c.id == bindparam("inbox"), inbox.c.state != InboxState.DONE)
    .values(state=InboxState.DONE, payload=None)
)
_SUPERSEDED = delete(inbox).where(
    inbox.c.state != DONE,
    inbox.c.state == InboxState.UNDECRYPTABLE,
    inbox.c.native.in_(bindparam("natives", expanding=True)),
)
_fresh = upsert(account_state)
_ADVANCE = _fresh.on_conflict_do_update(index_elements=["account"], set_={"cursor": _fresh.excluded.cursor})


class InboxViews(Transaction):
    """What waits, and how far we have read."""

    async def cursor(self) -> str | None:
        """Return where the bot's login has read to."""
        row = await self._first(select(account_state.c.cursor).where(account_state.c.account == self._scope.account))
        return None if row is None else row.cursor

    async def waiting_inbox(self) -> tuple[InboxRow, ...]:
        """Return unhandled rows, in order. Raises UnreadableRow."""
        found: list[InboxRow] = []
        while rows := await self._rows(_WAITING_ROWS, {"after": found[-1].id if found else 0}):
            found.extend(_row(row) for row in rows)
        return tuple(found)

    async def undecryptable(self) -> tuple[Undecryptable, ...]:
        """Return the messages whose key is not there yet, in order."""
        rows = await self._rows(_SEALED_ROWS)
        return tuple(decoded(ADAPTERS[row.kind], row.payload) for row in rows)

    async def edited_by(self, edit: MessageRef) -> MessageRef | None:
        """Return the message that was edited by this one; None when it is no edit that we took in."""
        row = await self._first(
            select(inbox.c.target).where(
                inbox.c.account == edit.space.account,
                inbox.c.space == edit.space.native,
                inbox.c.native == edit.native,
                inbox.c.kind == MessageEdited.__name__,
            )
        )
        return None if row is None or row.target is None else MessageRef(edit.space, row.target)


class InboxWork(InboxViews):
    """Taking in and ticking off."""

    async def take(self, batch: Sequence[Incoming], cursor: str | None, now: datetime) -> tuple[InboxRow, ...]:
        """Store screened events not seen before and the cursor; return the new rows that wait to be handled, in order.

        A message that can be read at last takes the place of its ciphertext, at the end of the queue.
        """
        new: list[InboxRow] = []
        for chunk in _chunks(batch):
            await self._drop_superseded(chunk)
            new += await self._insert(chunk, now)
        if cursor is not None:
            await self._advance(cursor)
        return tuple(new)

    async def unseal(self, messages: Sequence[MessageRef]) -> None:
        """Let go of the ciphertext of messages that can be read now, or turned out to be nothing."""
        for chunk in _chunks(messages):
            await self._run(_SUPERSEDED, {"natives": _natives(chunk)})

    async def handled(self, inbox_id: int) -> None:
        """Mark a row done and blank its payload. Raises Stale when it was done already."""
        result = await self._run(_HANDLED, {"inbox": inbox_id})
        if result.rowcount != 1:
            raise Stale(f"inbox row {inbox_id} is done already")

    async def put_off(self, inbox_id: int, *, is_poison: bool) -> None:
        """Count a failed try; poison is set aside and not tried again."""
        values: dict[str, Any] = {"attempts": inbox.c.attempts + 1}
        if is_poison:
            values["state"] = InboxState.POISON
        await self._run(update(inbox).where(inbox.c.id == inbox_id).values(values))

    async def _insert(self, chunk: Sequence[Incoming], now: datetime) -> list[InboxRow]:
        result = await self._run(_INSERT, [_values(incoming, now) for incoming in chunk])
        # The first of two with the same id is the one that was stored.
        by_ref = {incoming.ref: incoming for incoming in reversed(chunk)}
        rows: list[InboxRow] = []
        for row in sorted(result.all(), key=lambda row: int(row.id)):
            space = SpaceRef(row.account, row.space)
            incoming = by_ref[MessageRef(space, row.native)]
            if not isinstance(incoming, Undecryptable):
                rows.append(InboxRow(row.id, space, incoming, now, 0))
        return rows

    async def _drop_superseded(self, chunk: Sequence[Incoming]) -> None:
        """Let go of ciphertext that came again readable, and of set-aside words that their author deleted."""
        readable = [incoming.ref for incoming in chunk if not isinstance(incoming, Undecryptable)]
        deleted = [incoming.target for incoming in chunk if isinstance(incoming, MessageDeleted)]
        if readable:
            await self._run(_SUPERSEDED, {"natives": _natives(readable)})
        if deleted:
            await self._run(blank_set_aside(deleted))

    async def _advance(self, cursor: str) -> None:
        await self._run(_ADVANCE, {"account": self._scope.account, "cursor": cursor})


def blank_set_aside(messages: Sequence[MessageRef]) -> Any:
    """Return the statement that empties what nobody will handle of these messages and of edits to them."""
    natives = _natives(messages)
    return (
        update(inbox)
        .where(
            inbox.c.state != DONE,
            inbox.c.state.in_((InboxState.POISON, InboxState.UNDECRYPTABLE)),
            inbox.c.native.in_(natives) | inbox.c.target.in_(natives),
        )
        .values(state=InboxState.DONE, payload=None)
    )


def _natives(messages: Sequence[MessageRef]) -> list[str]:
    return [message.native for message in messages]


def _chunks(batch: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(batch), _CHUNK):
        yield batch[start : start + _CHUNK]


def _values(incoming: Incoming, now: datetime) -> Values:
    kind = type(incoming).__name__
    is_readable = not isinstance(incoming, Undecryptable)
    return {
        "account": incoming.ref.space.account,
        "space": incoming.ref.space.native,
        "native": incoming.ref.native,
        "kind": kind,
        "target": _target(incoming),
        "payload": encoded(ADAPTERS[kind], incoming),
        "state": InboxState.WAITING if is_readable else InboxState.UNDECRYPTABLE,
        "received_at": now,
    }


def _row(row: Any) -> InboxRow:
    return InboxRow(
        id=row.id,
        space=SpaceRef(row.account, row.space),
        incoming=decoded(ADAPTERS[row.kind], row.payload),
        received_at=row.received_at,
        attempts=row.attempts,
    )


def _target(incoming: Incoming) -> str | None:
    """Return the message that it changes or, with a command in reply to it, may be about to keep."""
    match incoming:
        case MessageEdited() | MessageDeleted():
            return incoming.target.native
        case MessageReceived(reply_to=reply_to) if reply_to is not None:
            return reply_to.native
        case _:
            return None
