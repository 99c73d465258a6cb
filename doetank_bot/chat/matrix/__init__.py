"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.client import Client
from doetank_bot.chat.matrix.discovery import Found, discover
from doetank_bot.chat.matrix.login import (
    login_on_kept_device,
    login_with_password,
    still_works,
    takes_password,
    versions,
    whoami,
)
from doetank_bot.chat.matrix.profile import Look, Profile
from doetank_bot.chat.matrix.session import SESSION_FILE, Session, load_session, save_session

__all__ = [
    "SESSION_FILE",
    "Client",
    "Found",
    "Look",
    "MatrixChat",
    "Profile",
    "Session",
    "discover",
    "load_session",
    "login_on_kept_device",
    "login_with_password",
    "save_session",
    "still_works",
    "takes_password",
    "versions",
    "whoami",
]
