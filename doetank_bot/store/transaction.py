"""What every room of the store stands on: one open transaction, and the few ways to ask it something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from doetank_bot.domain.flow import FlowState

Values = Mapping[str, Any]


class Stale(Exception):
    """What should be changed is not as it was read: the transaction must not go on, or something happens twice."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is the same for all transactions: the bot's login and the models of the flows it knows, by kind."""

    account: str
    flow_states: Mapping[str, type[FlowState]]


@dataclass(slots=True)
class Marks:
    """What one transaction must remember of itself: timers it took out of a schedule, and whether words had to go."""

    dropped_timers: set[int] = field(default_factory=set)
    is_erasing: bool = False


class Transaction:
    """An open transaction; it ends where it was opened."""

    def __init__(self, connection: AsyncConnection, scope: Scope, marks: Marks) -> None:
        self._connection = connection
        self._scope = scope
        self._marks = marks

    async def _rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        result = await self._connection.execute(statement, values)
        return result.all()

    async def _first(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        result = await self._connection.execute(statement, values)
        return result.first()

    async def _run(self, statement: Executable, values: Values | Sequence[Values] | None = None) -> CursorResult[Any]:
        return await self._connection.execute(statement, values)
