"""The first words in an encrypted room of fifty devices: each gets the room's key over a channel of its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vodozemac
from nio.api import Api

from bench import program
from bench.block import TICKER, Block, Rounds, longest
from bench.people import all_of, logged_in, registered
from doetank_bot.demo.homeserver import Account, Homeserver
from doetank_bot.demo.person import Person

N_PEOPLE = 5
N_DEVICES = 10
ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"]


@dataclass(frozen=True, slots=True)
class Run:
    """One first time: seconds from the invitation until the words are there, and the longest block of the loop."""

    seconds: float
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices(Rounds[Run]):
    """All rounds."""


async def measure(scratch: Path, n_rounds: int) -> Devices:
    """Invite the bot, each time a new one, into a room of people with many devices; saying hello is its first."""
    with Homeserver.start(scratch / "devices") as server:
        accounts = registered(server, N_PEOPLE)
        async with logged_in(server.url, accounts) as people:
            await all_of(lambda who=who: _new_device(server.url, who) for who in people for _ in range(N_DEVICES))  # type: ignore[misc]
            rounds = []
            for number in range(n_rounds):
                bot = server.register(f"bot-{number}")
                rounds.append(await _run(server.url, people, bot, scratch / f"devices-{number}"))
                print(f"  devices {number + 1}: {rounds[-1]}", flush=True)
    return Devices(rounds=rounds)


async def _run(url: str, people: list[Person], account: Account, directory: Path) -> Run:
    host, *others = people
    room = await host.create_room(invite=[one.user_id for one in others], is_encrypted=True)
    for one in others:
        await one.join(room)
    bot = program.bot(directory, url, account, wrapper=TICKER)
    await bot.start()
    try:
        began = asyncio.get_running_loop().time()
        await host.invite(room, account.user_id)
        await host.wait_for(room, lambda one: (one["sender"], one["type"]) == (account.user_id, "m.room.encrypted"), 60)
        seconds = asyncio.get_running_loop().time() - began
        await asyncio.sleep(1)
    finally:
        await bot.kill()
    return Run(seconds, longest(bot))


async def _new_device(url: str, who: Person) -> None:
    """Log in once more, and publish the keys of that device, as any client does."""
    user = {"type": "m.id.user", "user": who.user_id}
    login = {"type": "m.login.password", "identifier": user, "password": who.account.password}
    made = await who.call("POST", "/login", login)
    account = Account(who.user_id, made["access_token"], made["device_id"], who.account.password)
    async with Person(url, account) as device:
        await device.call("POST", "/keys/upload", _keys(account))


def _keys(account: Account) -> Mapping[str, Any]:
    machine = vodozemac.Account()
    machine.generate_one_time_keys(10)
    name = f"ed25519:{account.device_id}"

    def signed(what: Mapping[str, Any]) -> Mapping[str, Any]:
        signature = machine.sign(Api.to_canonical_json(what).encode()).to_base64()
        return {**what, "signatures": {account.user_id: {name: signature}}}

    device = {
        "user_id": account.user_id,
        "device_id": account.device_id,
        "algorithms": ALGORITHMS,
        "keys": {
            name: machine.ed25519_key.to_base64(),
            f"curve25519:{account.device_id}": machine.curve25519_key.to_base64(),
        },
    }
    once = {
        f"signed_curve25519:{key}": signed({"key": key_.to_base64()}) for key, key_ in machine.one_time_keys.items()
    }
    return {"device_keys": signed(device), "one_time_keys": once}
