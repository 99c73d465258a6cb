"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.session import (
    Session,
    load_session,
    login_with_password,
    save_session,
    whoami,
)

__all__ = ["MatrixChat", "Session", "load_session", "login_with_password", "save_session", "whoami"]
