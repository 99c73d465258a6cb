"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.client import Client
from doetank_bot.chat.matrix.discovery import Found, discover
from doetank_bot.chat.matrix.inspector import Inspector, Limited, Limits
from doetank_bot.chat.matrix.login import (
    login_on_kept_device,
    login_with_password,
    still_works,
    takes_password,
    whoami,
)
from doetank_bot.chat.matrix.profile import Look, Profile
from doetank_bot.chat.matrix.reach import Reached, reach
from doetank_bot.chat.matrix.session import SESSION_FILE, Session, load_session, save_session
from doetank_bot.chat.matrix.standing import OUTSIDE, RoomStanding
from doetank_bot.chat.matrix.trouble import Blocked, Obstacle

__all__ = [
    "OUTSIDE",
    "SESSION_FILE",
    "Blocked",
    "Client",
    "Found",
    "Inspector",
    "Limited",
    "Limits",
    "Look",
    "MatrixChat",
    "Obstacle",
    "Profile",
    "Reached",
    "RoomStanding",
    "Session",
    "discover",
    "load_session",
    "login_on_kept_device",
    "login_with_password",
    "reach",
    "save_session",
    "still_works",
    "takes_password",
    "whoami",
]
