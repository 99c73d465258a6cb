"""The JSON of an answer, read piece by piece: a first sync of a thousand rooms is 7 MB, 200 ms of the event loop.

A thread is no help, for `json` holds the interpreter's lock throughout (measured). So the objects on top are walked
here, and what is in them (a room's section of a sync) is decoded at once, by the library.
"""

import asyncio
import json
import re
from typing import Any

_WALKED = 3
"""Levels of objects that are walked: the answer, its `rooms`, those that are joined."""
_STRETCH = 256 * 1024
"""Characters read before others have their turn: under 10 ms."""
_SPACE = re.compile(r"[ \t\n\r]*")
_HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_decoder = json.JSONDecoder()


async def parsed(raw: bytes) -> dict[str, Any] | list[Any] | None:
    """Return the object or list in `raw`, or None. Half a surrogate pair, which nothing can store, becomes U+FFFD."""
    reading = _Reading(raw.decode(errors="replace"))
    try:
        body = await reading.value(_WALKED)
    except (ValueError, RecursionError):
        return None
    return body if reading.is_done and isinstance(body, dict | list) else None


class _Reading:
    """A text, and how far it was read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._rested_at = 0

    async def value(self, depth: int) -> Any:
        """Return the value that comes now, walking through so many levels of objects. Raises ValueError."""
        if depth and self._passes("{"):
            return await self._members(depth - 1)
        self._skip_space()
        return await self._piece()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        self._skip_space()
        return self._at == len(self._text)

    async def _members(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._passes("}"):
            return found
        while True:
            self._skip_space()
            name = await self._piece()
            if not isinstance(name, str) or not self._passes(":"):
                raise ValueError("no member of an object")
            found[name] = await self.value(depth)
            if self._passes("}"):
                return found
            if not self._passes(","):
                raise ValueError("no end of an object")

    async def _piece(self) -> Any:
        begin = self._at
        value, self._at = _decoder.raw_decode(self._text, begin)
        if _HALF_A_PAIR.search(self._text, begin, self._at):
            value = _writable(value)
        if self._at - self._rested_at > _STRETCH:
            self._rested_at = self._at
            await asyncio.sleep(0)
        return value

    def _passes(self, sign: str) -> bool:
        """Step over `sign` if it comes now."""
        self._skip_space()
        comes = self._text.startswith(sign, self._at)
        self._at += comes
        return comes

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at


def _writable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_writable(item) for item in value]
        case dict():
            return {_writable(key): _writable(item) for key, item in value.items()}
        case _:
            return value
