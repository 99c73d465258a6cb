"""Matrix: rooms, threads and private chats on a homeserver, on matrix-nio's client."""

from doetank_bot.chat.matrix.adapter import MatrixChat
from doetank_bot.chat.matrix.client import Client
from doetank_bot.chat.matrix.crypto.crypt import KeysLost
from doetank_bot.chat.matrix.discovery import Found, discover
from doetank_bot.chat.matrix.inspector import Inspector, KeysSeen, Limited, Limits
from doetank_bot.chat.matrix.login import (
    login_on_kept_device,
    login_with_password,
    still_works,
    takes_password,
    whoami,
)
from doetank_bot.chat.matrix.profile import Look, Profile
from doetank_bot.chat.matrix.reach import Reached, reach
from doetank_bot.chat.matrix.session import (
    FORMER_FILE,
    SESSION_FILE,
    Session,
    forget_former,
    load_session,
    retire_session,
    save_session,
)
from doetank_bot.chat.matrix.standing import OUTSIDE, RoomStanding
from doetank_bot.chat.matrix.trouble import Blocked, Obstacle

__all__ = [
    "FORMER_FILE",
    "OUTSIDE",
    "SESSION_FILE",
    "Blocked",
    "Client",
    "Found",
    "Inspector",
    "KeysLost",
    "KeysSeen",
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
    "forget_former",
    "load_session",
    "login_on_kept_device",
    "login_with_password",
    "reach",
    "retire_session",
    "save_session",
    "still_works",
    "takes_password",
    "whoami",
]
