"""What waits to be said in one place, in order."""

from collections import deque
from dataclasses import dataclass, field

from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.ports import DuePost

Lane = SpaceRef | UserRef
"""A room, or a person in private."""


@dataclass(slots=True)
class Queue:
    """The posts of one lane; `refused` are those that may not be done there now."""

    posts: deque[DuePost] = field(default_factory=deque)
    refused: list[DuePost] = field(default_factory=list)
    is_running: bool = False


def lane_of(post: DuePost) -> Lane:
    """Return its lane: posts to a person stay in one whether or not their private chat is open already."""
    if post.user is not None:
        return post.user
    if post.space is None:
        msg = f"post {post.id} has no place"
        raise ValueError(msg)
    return post.space
