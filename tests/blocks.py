"""The code blocks of the docs: what each is, and what its page says of how it is held to the truth. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^ *```(\S*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"<!-- (not run|held by):? (.+) -->\n+\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One block; `line` is that of its first fence.

    `mark` is what stands in a comment right above it, with its `reason`: `not run: why`, or `held by FILE`, the test.
    """

    page: Path
    line: int
    language: str
    text: str
    mark: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page, in order."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        before = text[: found.start()]
        mark = _MARK.search(before)
        what, reason = (mark[1], mark[2]) if mark else ("", "")
        yield Block(page, before.count("\n") + 1, found[1], found[2], what, reason)
