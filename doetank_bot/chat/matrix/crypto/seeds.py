"""The account's own identity: three Ed25519 keys that sign each other, and the device (specification, "Cross-signing").

A device that they signed is one that its owner vouches for; clients leave others out (MSC4153).
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from nio.api import Api

from doetank_bot.private_file import write_private

SEEDS_FILE = "cross-signing.json"
_USAGES = ("master", "self_signing", "user_signing")


@dataclass(frozen=True, slots=True)
class Seeds:
    """Three secrets of 32 bytes, in hexadecimal."""

    master: str
    self_signing: str
    user_signing: str

    def __repr__(self) -> str:
        return "Seeds()"

    def public(self, usage: str) -> str:
        """Return the public key, as unpadded base64."""
        return _unpadded(_key(self, usage).public_key().export_key(format="raw"))

    def signed(self, usage: str, user_id: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object with this key's signature added to those it has (specification, "Signing JSON")."""
        bare = {name: part for name, part in value.items() if name not in ("signatures", "unsigned")}
        signature = eddsa.new(_key(self, usage), "rfc8032").sign(Api.to_canonical_json(bare).encode())
        signatures = {user: dict(one) for user, one in value.get("signatures", {}).items()}
        signatures.setdefault(user_id, {})[f"ed25519:{self.public(usage)}"] = _unpadded(signature)
        return {**bare, "signatures": signatures}

    def identity(self, user_id: str) -> dict[str, dict[str, Any]]:
        """Return the three public keys as a homeserver takes them; the master key signs the other two."""
        keys: dict[str, dict[str, Any]] = {}
        for usage in _USAGES:
            public = self.public(usage)
            key = {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{public}": public}}
            keys[f"{usage}_key"] = key if usage == "master" else self.signed("master", user_id, key)
        return keys


def make_seeds() -> Seeds:
    """Return new ones."""
    return Seeds(token_hex(32), token_hex(32), token_hex(32))


def load_seeds(store_dir: Path) -> Seeds | None:
    """Return the seeds kept in `store_dir`, or None when there are none (or they cannot be read as such)."""
    try:
        kept = Seeds(**json.loads((store_dir / SEEDS_FILE).read_text()))
        kept.identity("")
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, AttributeError):
        return None
    return kept


def save_seeds(store_dir: Path, seeds: Seeds) -> None:
    """Keep them, as `write_private` does. Raises OSError."""
    write_private(store_dir / SEEDS_FILE, json.dumps(asdict(seeds)))


def _key(seeds: Seeds, usage: str) -> ECC.EccKey:
    return ECC.construct(curve="Ed25519", seed=bytes.fromhex(getattr(seeds, usage)))


def _unpadded(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")
