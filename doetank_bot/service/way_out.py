"""What those who make posts ask of the one that sends them."""

from collections.abc import Iterable
from typing import Protocol

from doetank_bot.domain.reference import PostId, SpaceRef
from doetank_bot.ports import DuePost


class WayOut(Protocol):
    """Takes stored posts, and gives back those that are surely not out."""

    def offer(self, posts: Iterable[DuePost]) -> None:
        """Take stored posts, each behind the others of its place."""

    def withhold(self, post: PostId) -> bool:
        """Take a post back that is surely not out; False when it may be."""

    def withheld(self, *, is_committed: bool) -> None:
        """The transaction ended in which posts were taken back."""

    def try_again(self, space: SpaceRef) -> None:
        """What was refused in the space, and is as good later, may be done now."""
