"""nio's Olm machine, fed with raw JSON: its parsing checks every object against a schema on the event loop.

Synchronous, and nothing is on the disk before the store is told to commit. What others sent may be anything: it is
used when it is right, and left alone when it is not.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from nio.crypto import InboundGroupSession, Olm
from nio.events import OlmEvent
from nio.responses import KeysClaimResponse, KeysQueryResponse

from doetank_bot.chat.matrix.crypto.store import KeyStore, RoomKey
from doetank_bot.chat.matrix.event import Event, part, text_or_none

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"
ONE_TIME = "signed_curve25519"

_MOST_MESSAGES, _LONGEST = 100, timedelta(days=7)
_READABLE = frozenset({"m.room.message", "m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"})
"""What may be in an encrypted event. State is never encrypted: what says so would be made up by whoever sent it."""

log = structlog.get_logger(__name__)

Device = tuple[str, str]
"""A user and one of their devices."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Encrypted messages to devices, to send in one request, and whom they are for."""

    messages: Mapping[str, Mapping[str, Any]]
    devices: frozenset[Device]


class Machine:
    """What our device can read and write."""

    def __init__(self, user_id: str, device_id: str, store: KeyStore) -> None:
        """Load the keys, or make new ones; reading 1,000 devices takes 50 ms."""
        self.user_id = user_id
        self.device_id = device_id
        self._store = store
        self._olm = Olm(user_id, device_id, store)

    @property
    def is_published(self) -> bool:
        """Whether a homeserver was given this device's keys."""
        return bool(self._olm.account.shared)

    @property
    def identity(self) -> Mapping[str, str]:
        """Return the device's public keys, as they are published."""
        keys = self._olm.account.identity_keys
        return {f"{kind}:{self.device_id}": keys[kind] for kind in ("curve25519", "ed25519")}

    def signed(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object with the device's signature added."""
        bare = {name: item for name, item in value.items() if name not in ("signatures", "unsigned")}
        signatures = {user: dict(one) for user, one in value.get("signatures", {}).items()}
        signatures.setdefault(self.user_id, {})[f"ed25519:{self.device_id}"] = self._olm.sign_json(bare)
        return {**bare, "signatures": signatures}

    # Our own keys.

    def device_keys(self) -> dict[str, Any]:
        """Return what others must know of this device."""
        about = {"algorithms": [OLM, MEGOLM], "device_id": self.device_id, "user_id": self.user_id}
        return self.signed({**about, "keys": dict(self.identity)})

    def one_time_keys(self, n_there: int) -> dict[str, Any]:
        """Return new keys, each for one device that writes to us first, to add to `n_there`; unpublished ones again."""
        account = self._olm.account
        n_more = account.max_one_time_keys - n_there - len(self._unpublished())
        if n_more > 0:
            account.generate_one_time_keys(n_more)
            self._olm.save_account()
        return {f"{ONE_TIME}:{name}": self.signed({"key": key}) for name, key in self._unpublished().items()}

    def fallback_key(self) -> dict[str, Any]:
        """Return a new key for when the others are used up."""
        account = self._olm.account._account  # noqa: SLF001 - nio has no fallback keys
        account.generate_fallback_key()
        self._olm.save_account()
        keys = account.fallback_key.items()
        return {f"{ONE_TIME}:{name}": self.signed({"key": key.to_base64(), "fallback": True}) for name, key in keys}

    def published(self) -> None:
        """The homeserver has taken all these keys."""
        self._olm.account.shared = True
        self._olm.account.mark_keys_as_published()
        self._olm.save_account()

    def _unpublished(self) -> Mapping[str, str]:
        keys: Mapping[str, str] = self._olm.account.one_time_keys["curve25519"]
        return keys

    # Other devices.

    def learn(self, user: str, devices: Mapping[str, Any]) -> None:
        """Take the device list of a user as the homeserver tells it."""
        try:
            self._olm.handle_response(KeysQueryResponse({user: devices}, {}))
        except sqlite3.Error:
            raise
        except Exception:  # noqa: BLE001 - a user's own client signs this, and can put anything in it
            log.warning("device_list_unusable")
        self._store.set_fresh(user)

    def devices(self, users: Iterable[str]) -> set[Device]:
        """Return the devices of these users, our own left out."""
        known = self._olm.device_store
        return {(user, one.id) for user in users for one in known.active_user_devices(user)} - {
            (self.user_id, self.device_id)
        }

    def strangers(self, devices: Iterable[Device]) -> list[Device]:
        """Return to which of these no message can be encrypted before one of their one-time keys is claimed."""
        known = self._olm.device_store
        return sorted(one for one in devices if not self._olm.session_store.get(known[one[0]][one[1]].curve25519))

    @property
    def estranged(self) -> list[Device]:
        """Devices whose messages we cannot read any more: a new beginning mends that."""
        return [(one.user_id, one.device_id) for one in self._olm.wedged_devices]

    def give_up(self) -> None:
        """Try no more with the estranged; the next message that cannot be read makes them so again."""
        self._olm.wedged_devices.clear()

    def acquaint(self, device: Device, claimed: Mapping[str, Any]) -> None:
        """Begin to talk to a device, with a one-time key of it."""
        try:
            self._olm.handle_response(KeysClaimResponse({device[0]: {device[1]: claimed}}, {}))
        except sqlite3.Error:
            raise
        except Exception:  # noqa: BLE001 - as above
            log.warning("one_time_key_unusable")

    def greetings(self) -> Iterator[Letter]:
        """Yield what tells devices that there is a new beginning; each is gone when the next is asked for."""
        waiting = self._olm.outgoing_to_device_messages
        while waiting:
            message = waiting[0]
            device = (message.recipient, message.recipient_device)
            yield Letter({device[0]: {device[1]: message.content}}, frozenset({device}))
            waiting.remove(message)

    # Reading.

    def receive(self, event: Event) -> bool:
        """Take a message to our device; return whether it brought a room key."""
        content, sender = part(event, "content"), text_or_none(event, "sender")
        key, ciphertext = text_or_none(content, "sender_key"), part(content, "ciphertext")
        if content.get("algorithm") != OLM or not sender or not key:
            return False
        self._store.author = sender
        try:
            found = self._olm.handle_to_device_event(OlmEvent(dict(event), sender, key, dict(ciphertext)))
        except sqlite3.Error:
            raise
        except Exception:  # noqa: BLE001 - whoever knows our device's id can send it anything
            log.warning("to_device_unusable")
            # A one-time key that is gone ends here, too: only a new beginning helps.
            self._olm._mark_device_for_unwedging(sender, key)  # noqa: SLF001 - nio marks all other ways it fails
            return False
        return type(found).__name__ == "RoomKeyEvent"

    def opened(self, room: str, event: Event) -> Event | None:
        """Return the event that is in an encrypted one of `room`; None without its key.

        What nobody may encrypt, and what was read already in another event, comes out as an event of no type.
        """
        content = part(event, "content")
        session, ciphertext = text_or_none(content, "session_id"), text_or_none(content, "ciphertext")
        sender, event_id = text_or_none(event, "sender"), text_or_none(event, "event_id")
        if content.get("algorithm") != MEGOLM or not (session and ciphertext and sender and event_id):
            return None
        for key in self._store.room_keys(room, session):
            if key.owner != sender or not self._is_true(key):
                continue
            inner, position = _decrypted(key, room, ciphertext)
            if inner is None:
                continue
            if self._store.is_read_by(room, session, position, event_id):
                return _merged(event, inner, room)
            log.warning("message_replayed")
            return _nothing(event)
        return None

    def _is_true(self, key: RoomKey) -> bool:
        """Say whether a key comes from the device it says: of one that is gone meanwhile nothing can be said."""
        known = self._olm.device_store.device_from_sender_key(key.owner, key.sender_key)
        return known is None or known.ed25519 == key.ed25519

    # Writing.

    def begin_room_key(self, room: str, rules: Mapping[str, Any]) -> None:
        """Make a new key for what we write in `room`, changed as often as the room's `rules` want, or more often."""
        self._store.author = self.user_id
        self._olm.create_outbound_group_session(room)
        session = self._olm.outbound_group_sessions[room]
        session.max_messages = min(_whole(rules, "rotation_period_msgs", _MOST_MESSAGES), _MOST_MESSAGES)
        longest = timedelta(milliseconds=_whole(rules, "rotation_period_ms", 7 * 86_400_000))
        session.max_age = min(longest, _LONGEST)

    def readers(self, room: str) -> set[Device] | None:
        """Return who was given our key to `room`; None when it must be a new one."""
        session = self._olm.outbound_group_sessions.get(room)
        if session is None or session.expired or not session.shared:
            return None
        return set(session.users_shared_with)

    def letters(self, room: str, users: Iterable[str]) -> Iterator[Letter]:
        """Yield our new key to `room` for every device of `users` that we can write to, twenty at a time."""
        shares = self._olm.share_group_session_parallel(room, sorted(users), ignore_unverified_devices=True)
        for devices, body in shares:
            yield Letter(body["messages"], frozenset(devices))

    def handed_out(self, room: str, devices: Iterable[Device]) -> None:
        """The key went to all devices that are to have it."""
        session = self._olm.outbound_group_sessions[room]
        session.users_shared_with.update(devices)
        session.mark_as_shared()

    def sealed(self, room: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content of the m.room.encrypted that holds this event. What it is tied to stays readable."""
        sealed: dict[str, Any] = self._olm.group_encrypt(room, {"type": kind, "content": dict(content)})
        relation = content.get("m.relates_to")
        return {**sealed, "m.relates_to": relation} if relation else sealed


def _decrypted(key: RoomKey, room: str, ciphertext: str) -> tuple[Event | None, int]:
    try:
        session = InboundGroupSession.from_pickle(key.pickle.encode(), key.ed25519, key.sender_key, room)
        plain, position = session.decrypt(ciphertext)
        inner = json.loads(plain)
    except Exception:  # noqa: BLE001 - vodozemac raises many, for what others may have made
        return None, 0
    return (inner if isinstance(inner, dict) else None), position


def _merged(event: Event, inner: Event, room: str) -> Event | None:
    """Return the event as if it had never been encrypted; one of another room or kind is none."""
    kind = inner.get("type")
    if inner.get("room_id") != room or kind not in _READABLE:
        return _nothing(event)
    relation = part(event, "content").get("m.relates_to")
    content = dict(part(inner, "content"))
    if relation is not None:
        content["m.relates_to"] = relation
    return {**event, "type": kind, "content": content}


def _nothing(event: Event) -> Event:
    return {**event, "type": "", "content": {}}


def _whole(rules: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = rules.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
