"""The login: who we are on which homeserver, kept in a file that only we can read.

The device stays the same over restarts and new logins: transaction ids and encryption keys belong to it.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from doetank_bot.private_file import sync_folder, write_private

SESSION_FILE = "session.json"
FORMER_FILE = "former-session.json"


@dataclass(frozen=True, slots=True)
class Session:
    """One login. `homeserver` is the base address, without a slash at the end.

    With an empty `access_token` it is a login that was about to be made: its device is chosen.
    """

    homeserver: str
    user_id: str
    device_id: str
    access_token: str

    def __repr__(self) -> str:
        return f"Session({self.homeserver}, {self.user_id}, {self.device_id})"


def load_session(store_dir: Path, name: str = SESSION_FILE) -> Session | None:
    """Return the login kept in `store_dir`, or None when there is none (or it cannot be read as one)."""
    try:
        kept = json.loads((store_dir / name).read_text())
        return Session(**{key: str(value) for key, value in kept.items()})
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, AttributeError):
        return None


def save_session(store_dir: Path, session: Session) -> None:
    """Keep the login, as `write_private` does. Raises OSError."""
    write_private(store_dir / SESSION_FILE, json.dumps(asdict(session)))


def retire_session(store_dir: Path) -> None:
    """Let the next login be on a new device; what this one still has in flight is looked up with it. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        (store_dir / SESSION_FILE).replace(store_dir / FORMER_FILE)
    sync_folder(store_dir)


def forget_former(store_dir: Path) -> None:
    """The login before this one is of no use any more."""
    (store_dir / FORMER_FILE).unlink(missing_ok=True)
