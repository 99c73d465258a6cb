"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.session import (
    SESSION_FILE,
    Session,
    load_session,
    login_with_password,
    save_session,
    versions,
    whoami,
)

__all__ = [
    "SESSION_FILE",
    "MatrixChat",
    "Session",
    "load_session",
    "login_with_password",
    "save_session",
    "versions",
    "whoami",
]
