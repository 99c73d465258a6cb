"""Vouching for our device: the account's identity on the homeserver, and the device signed with it. Repeatable."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from doetank_bot.chat.matrix.client import Answer, Client
from doetank_bot.chat.matrix.crypto.machine import Machine
from doetank_bot.chat.matrix.crypto.seeds import Seeds, load_seeds, make_seeds, save_seeds
from doetank_bot.chat.matrix.event import Event, part

_PASSWORD = "m.login.password"  # noqa: S105 - the name of a kind of login
WANTS_PASSWORD = "the homeserver wants the account's password to vouch for this device"  # noqa: S105 - no password


async def vouch(client: Client, machine: Machine, store_dir: Path, password: str | None) -> str | None:
    """See to it that the account vouches for this device; return why it does not, or None when all is well.

    A password is used only when the homeserver wants it: when another identity is replaced, mostly.
    Raises Unreachable, AuthLost, OSError.
    """
    me, told = machine.user_id, await own_keys(client, machine.user_id)
    seeds = load_seeds(store_dir)
    if seeds is None:
        seeds = make_seeds()
        save_seeds(store_dir, seeds)
    if not is_identity(part(part(told, "master_keys"), me), seeds):
        refused = await _introduce(client, machine, seeds, password)
        if refused:
            return refused
        told = await own_keys(client, me)
    device = part(part(part(told, "device_keys"), me), machine.device_id)
    return None if is_signed(device, me, seeds) else await _sign(client, me, machine.device_id, device, seeds)


async def own_keys(client: Client, me: str) -> Event:
    """Return what the homeserver tells of the account's devices and identity. Raises Unreachable, AuthLost."""
    answer = await client.request("POST", "/keys/query", {"device_keys": {me: []}})
    return answer.body if answer.is_ok else answer.refuse()


def is_identity(master: Event, seeds: Seeds) -> bool:
    """Say whether a master key is the one of these seeds."""
    return seeds.public("master") in part(master, "keys").values()


def is_signed(device: Event, me: str, seeds: Seeds) -> bool:
    """Say whether these seeds signed the device."""
    signature = part(part(device, "signatures"), me).get(f"ed25519:{seeds.public('self_signing')}")
    wanted = seeds.signed("self_signing", me, {**device, "signatures": {}})["signatures"][me]
    return signature in wanted.values()


async def _introduce(client: Client, machine: Machine, seeds: Seeds, password: str | None) -> str | None:
    keys: dict[str, Any] = seeds.identity(machine.user_id)
    keys["master_key"] = machine.signed(keys["master_key"])
    answer = await client.request("POST", "/keys/device_signing/upload", keys)
    if answer.status == HTTPStatus.UNAUTHORIZED and "flows" in answer.body:
        if password is None:
            return WANTS_PASSWORD
        auth = {
            "type": _PASSWORD,
            "identifier": {"type": "m.id.user", "user": machine.user_id},
            "password": password,
            "session": answer.body.get("session"),
        }
        answer = await client.request("POST", "/keys/device_signing/upload", {**keys, "auth": auth})
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return "the homeserver does not take the password to vouch for this device"
    return _refusal(answer)


async def _sign(client: Client, me: str, device_id: str, device: Event, seeds: Seeds) -> str | None:
    if not device:
        return "the homeserver does not show this device's keys"
    signed = seeds.signed("self_signing", me, {**device, "signatures": {}})
    answer = await client.request("POST", "/keys/signatures/upload", {me: {device_id: signed}})
    if answer.is_ok and part(answer.body, "failures"):
        return "the homeserver refuses the signature"
    return _refusal(answer)


def _refusal(answer: Answer) -> str | None:
    """Return why not; what may be otherwise in a minute is raised as Unreachable."""
    if answer.is_ok:
        return None
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.refuse()
    return f"the homeserver refuses the account's identity ({answer.reason})"
