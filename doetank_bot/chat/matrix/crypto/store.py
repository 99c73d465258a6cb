"""The keys of one device, in a SQLite file that only we can read: what nio's Olm machine asks of a store, and more.

nio's own store writes each thing in a transaction of its own on the event loop, and reads every key there ever was at
start. Here all that one step changes is one transaction, ended by `commit`, and room keys are read when needed.
"""

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nio.crypto import DeviceStore, GroupSessionStore, OlmAccount, OlmDevice, Session, SessionStore

from doetank_bot.ports import KeysStuck

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    sender_key TEXT, id TEXT, pickle TEXT NOT NULL, created TEXT NOT NULL, used TEXT NOT NULL,
    PRIMARY KEY (sender_key, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS room_keys (
    room TEXT, id TEXT, sender_key TEXT, ed25519 TEXT NOT NULL, owner TEXT NOT NULL, pickle TEXT NOT NULL,
    PRIMARY KEY (room, id, sender_key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS read_once (
    room TEXT, id TEXT, position INTEGER, event TEXT NOT NULL, PRIMARY KEY (room, id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
    user TEXT, id TEXT, ed25519 TEXT NOT NULL, curve25519 TEXT NOT NULL, is_deleted INTEGER NOT NULL,
    PRIMARY KEY (user, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, is_stale INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, rules TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (room TEXT, user TEXT, PRIMARY KEY (room, user)) WITHOUT ROWID;
"""


def keys_file(store_dir: Path, device_id: str) -> Path:
    """Return where the keys of a device are: a new device never sees those of the one before."""
    return store_dir / f"keys-{quote(device_id, safe='')}.db"


def kept_identity(path: Path) -> str | None:
    """Return the device's public Ed25519 key, for who only looks; None when there is none to be read."""
    try:
        # Not read-only: such a connection leaves its log beside the file.
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db:
            row = db.execute("SELECT value FROM facts WHERE name = 'account'").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(OlmAccount.from_pickle(row[0].encode()).identity_keys["ed25519"])


@dataclass(frozen=True, slots=True)
class RoomKey:
    """A key to messages of `owner`, who sent it from the device with these two public keys."""

    owner: str
    sender_key: str
    ed25519: str
    pickle: str


class KeyStore:
    """Everything that is kept of one device of one user. Not safe for use from two tasks at once."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, mode 0600.

        Raises sqlite3.DatabaseError for one that holds no keys (any more), KeysStuck for a disk that takes nothing, and
        OSError for a file that may not be opened.
        """
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # A commit waits for the disk, in a thread; never two at a time.
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._committing = threading.Lock()
        try:
            with self.kept():
                self._db.executescript(
                    f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; {_SCHEMA}"
                )
        except (sqlite3.Error, KeysStuck):
            self._db.close()
            raise
        self.author = ""
        """Whose message is being read: the owner of the room keys that are kept meanwhile."""

    @property
    def is_changed(self) -> bool:
        """Whether something waits for `commit`."""
        return self._db.in_transaction

    def commit(self) -> None:
        """Let everything so far be on the disk. Raises KeysStuck."""
        with self.kept(), self._committing:
            self._db.commit()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Raise KeysStuck for what the disk does not take in the block."""
        try:
            yield
        except sqlite3.OperationalError as trouble:
            raise KeysStuck(0, str(trouble), str(self._path)) from None

    def close(self) -> None:
        """Let go of the file; what was not committed is dropped."""
        self._db.close()

    def fact(self, name: str) -> str | None:
        """Return one of the few single things that are kept."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Keep it."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # What nio's Olm machine asks.

    def load_account(self) -> OlmAccount | None:
        """Return the device's own keys; None before there are any."""
        kept = self.fact("account")
        return None if kept is None else OlmAccount.from_pickle(kept.encode(), shared=self.fact("shared") == "1")

    def save_account(self, account: OlmAccount) -> None:
        """Keep them."""
        self.set_fact("account", account.pickle().decode())
        self.set_fact("shared", "1" if account.shared else "0")

    def load_sessions(self) -> SessionStore:
        """Return the channels to other devices."""
        store = SessionStore()
        for sender_key, pickle, created, used in self._db.execute(
            "SELECT sender_key, pickle, created, used FROM sessions"
        ):
            times = datetime.fromisoformat(created), datetime.fromisoformat(used)
            store.add(sender_key, Session.from_pickle(pickle.encode(), times[0], use_time=times[1]))
        return store

    def save_session(self, sender_key: str, session: Session) -> None:
        """Keep a channel as it is now."""
        values = session.pickle().decode(), session.creation_time.isoformat(), session.use_time.isoformat()
        self._db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)", (sender_key, session.id, *values))

    def load_inbound_group_sessions(self) -> GroupSessionStore:
        """Return an empty store: room keys are read from here."""
        return GroupSessionStore()

    def save_inbound_group_session(self, session: Any) -> None:
        """Keep a room key of `author`; what one device sent first stays."""
        self._db.execute(
            "INSERT OR IGNORE INTO room_keys VALUES (?, ?, ?, ?, ?, ?)",
            (
                session.room_id,
                session.id,
                session.sender_key,
                session.ed25519,
                self.author,
                session.pickle().decode(),
            ),
        )

    def load_device_keys(self) -> DeviceStore:
        """Return the devices of others."""
        store = DeviceStore()
        for user, device, ed25519, curve25519, is_deleted in self._db.execute("SELECT * FROM devices"):
            keys = {"ed25519": ed25519, "curve25519": curve25519}
            store.add(OlmDevice(user, device, keys, deleted=bool(is_deleted)))
        return store

    def save_device_keys(self, changed: Mapping[str, Mapping[str, OlmDevice]]) -> None:
        """Keep devices as they are now."""
        rows = [
            (user, one.id, one.ed25519, one.curve25519, int(one.deleted))
            for user, devices in changed.items()
            for one in devices.values()
        ]
        self._db.executemany("INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?)", rows)

    def load_outgoing_key_requests(self) -> dict[str, Any]:
        """Return nothing: keys are never asked for."""
        return {}

    def is_device_verified(self, _device: OlmDevice) -> bool:
        """Say no: a program compares no emoji."""
        return False

    def is_device_blacklisted(self, _device: OlmDevice) -> bool:
        """Say no."""
        return False

    def is_device_ignored(self, _device: OlmDevice) -> bool:
        """Say yes: every device of a member is written to."""
        return True

    def ignore_devices(self, _devices: Iterable[OlmDevice]) -> None:
        """Nothing to keep."""

    # Room keys.

    def room_keys(self, room: str, session_id: str) -> list[RoomKey]:
        """Return the keys by that id; more than one when more than one device sent it."""
        rows = self._db.execute(
            "SELECT owner, sender_key, ed25519, pickle FROM room_keys WHERE room = ? AND id = ?", (room, session_id)
        )
        return [RoomKey(*row) for row in rows]

    def is_read_by(self, room: str, session_id: str, position: int, event: str) -> bool:
        """Keep that `event` is the message at that position; say no when it was another, for then this is a replay."""
        where = (room, session_id, position)
        self._db.execute("INSERT OR IGNORE INTO read_once VALUES (?, ?, ?, ?)", (*where, event))
        row = self._db.execute("SELECT event FROM read_once WHERE room = ? AND id = ? AND position = ?", where)
        return bool(row.fetchone()[0] == event)

    # Whose devices are known, and may have changed.

    def stale(self, users: Iterable[str]) -> set[str]:
        """Return whose devices must be asked for."""
        fresh = {user for (user,) in self._db.execute("SELECT id FROM users WHERE NOT is_stale")}
        return set(users) - fresh

    def set_fresh(self, user: str) -> None:
        """The devices of this user were asked for."""
        self._db.execute("INSERT OR REPLACE INTO users VALUES (?, 0)", (user,))

    def set_stale(self, users: Iterable[str]) -> None:
        """The devices of these may have changed; of whom nothing is known, nothing is to be kept."""
        self._db.executemany("UPDATE users SET is_stale = 1 WHERE id = ? AND NOT is_stale", [(user,) for user in users])

    def set_all_stale(self) -> None:
        """Nobody's devices are known for sure."""
        self._db.execute("UPDATE users SET is_stale = 1 WHERE NOT is_stale")

    # Rooms: once encrypted, always encrypted.

    def rules(self, room: str) -> Mapping[str, Any] | None:
        """Return the content of the room's m.room.encryption; None when it is not known to be encrypted."""
        row = self._db.execute("SELECT rules FROM rooms WHERE id = ?", (room,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_rules(self, room: str, rules: Mapping[str, Any]) -> None:
        """The room is encrypted."""
        self._db.execute("INSERT OR REPLACE INTO rooms VALUES (?, ?)", (room, json.dumps(rules)))

    def members(self, room: str) -> set[str]:
        """Return who is in an encrypted room or invited to it."""
        return {user for (user,) in self._db.execute("SELECT user FROM members WHERE room = ?", (room,))}

    def set_members(self, room: str, users: Iterable[str]) -> None:
        """These and no others."""
        self._db.execute("DELETE FROM members WHERE room = ?", (room,))
        self._db.executemany("INSERT OR IGNORE INTO members VALUES (?, ?)", [(room, user) for user in users])

    def set_member(self, room: str, user: str, *, is_in: bool) -> None:
        """One came or went."""
        if is_in:
            self._db.execute("INSERT OR IGNORE INTO members VALUES (?, ?)", (room, user))
        else:
            self._db.execute("DELETE FROM members WHERE room = ? AND user = ?", (room, user))

    def rooms_of(self, user: str) -> Iterator[str]:
        """Yield the encrypted rooms that this user is in."""
        yield from (room for (room,) in self._db.execute("SELECT room FROM members WHERE user = ?", (user,)))

    def unlisted_rooms(self) -> list[str]:
        """Return the encrypted rooms of which it is not known who is there: nothing was said there yet, or we left."""
        rows = self._db.execute("SELECT id FROM rooms WHERE id NOT IN (SELECT room FROM members)")
        return [room for (room,) in rows]
