"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.inspector import Inspector, Limited, Limits
from doetank_bot.chat.matrix.reach import Blocked, Obstacle, Reached, reach
from doetank_bot.chat.matrix.session import (
    SESSION_FILE,
    Session,
    load_session,
    login_with_password,
    save_session,
    versions,
    whoami,
)
from doetank_bot.chat.matrix.standing import OUTSIDE, RoomStanding

__all__ = [
    "OUTSIDE",
    "SESSION_FILE",
    "Blocked",
    "Inspector",
    "Limited",
    "Limits",
    "MatrixChat",
    "Obstacle",
    "Reached",
    "RoomStanding",
    "Session",
    "load_session",
    "login_with_password",
    "reach",
    "save_session",
    "versions",
    "whoami",
]
