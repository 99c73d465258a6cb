"""Column types: instants that are always aware UTC, and JSON that is checked when it comes back."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator


class UnreadableRow(Exception):
    """What is stored cannot be read as the type it should have. Says which type, never what was stored."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as naive UTC. A naive datetime is refused with ValueError: nobody knows when it is."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the instant as naive UTC. Raises ValueError when it is naive."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the stored instant, aware."""
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A value of the adapter's type as JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, adapter: TypeAdapter[Any]) -> None:
        super().__init__()
        self.adapter = adapter

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Return the value as JSON text."""
        return None if value is None else encoded(self.adapter, value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Return the value. Raises UnreadableRow."""
        return None if value is None else decoded(self.adapter, value)


def encoded(adapter: TypeAdapter[Any], value: Any) -> str:
    """Return `value` as JSON text that SQLite and UTF-8 can hold: lone surrogates become question marks."""
    try:
        return adapter.dump_json(value).decode()
    except PydanticSerializationError:
        # One such character in one message would otherwise stop the whole intake for ever.
        plain = adapter.dump_python(value, mode="json")
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace").decode()


def decoded(adapter: TypeAdapter[Any], text: str) -> Any:
    """Return what `encoded` was given. Raises UnreadableRow, which (unlike pydantic's error) does not hold the text."""
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
        raise UnreadableRow(f"stored JSON does not fit: {places}") from None
