"""A login that the homeserver no longer accepts: one that ran out is renewed, one that was ended ends the bot."""

import asyncio
import json
from pathlib import Path

import pytest
from conftest import People
from faults import bot
from faults.harness import all_answered, new_account, room_with, running
from faults.lives import Lives
from homeserver import Account, Homeserver, Person

from bench import program
from doetank_bot.chat.matrix import load_session, login_with_password

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(120)]

LASTS_SECONDS = 12


async def _anew(server: Homeserver, account: Account) -> Account:
    """The same person, logged in again: on this homeserver nobody's login lasts."""
    session = await login_with_password(server.url, account.user_id, account.password, account.device_id)
    return Account(session.user_id, session.access_token, session.device_id, account.password)


async def test_a_login_that_ran_out_is_renewed_on_the_same_device_and_nothing_is_lost(tmp_path: Path) -> None:
    with Homeserver.start(tmp_path / "hs", extra={"session_lifetime": f"{LASTS_SECONDS}s"}) as server:
        account, ana = await asyncio.gather(*(asyncio.to_thread(server.register, name) for name in ("doetank", "ana")))
        folder = tmp_path / "bot"
        program.bot(folder, server.url, account)
        _with_password(folder, account.password)
        async with Lives(folder, bot.life).going_on() as lives:
            ana = await _anew(server, ana)
            async with Person(server.url, ana) as person:
                room = await room_with(person, [], account.user_id)
            before = load_session(folder / "matrix-store")
            await asyncio.sleep(LASTS_SECONDS)
            ana = await _anew(server, ana)
            async with Person(server.url, ana) as person:
                asked = await person.send(room, "!observe They still listen")
                (judged,) = (await all_answered(person, account.user_id, {room: [asked]}, within=15)).values()
            after = load_session(folder / "matrix-store")
        assert lives.n_deaths == 0
    assert judged.is_exactly_once
    assert before is not None
    assert after is not None
    assert before.device_id == after.device_id
    assert before.access_token != after.access_token


def _with_password(folder: Path, password: str) -> None:
    config = json.loads((folder / "doetank.yaml").read_text())
    del config["matrix"]["access_token_file"]
    config["matrix"]["password_file"] = "password"
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    (folder / "doetank.yaml").write_text(json.dumps(config))


async def test_a_login_that_was_ended_ends_the_bot_with_78_and_with_a_new_one_it_goes_on_where_it_was(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, account = await person("ana"), new_account(homeserver, "bot")
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as ended:
        room = await room_with(ana, [], account.user_id)
        async with Person(homeserver.url, account) as itself:
            await itself.call("POST", "/logout", {})
        asked = await ana.send(room, "!observe Nobody was there")
        assert await _code(ended.program) == 78
    renewed = await _anew(homeserver, account)
    async with running(program.bot(tmp_path, homeserver.url, renewed), account.user_id):
        (judged,) = (await all_answered(ana, account.user_id, {room: [asked]}, within=30)).values()
    assert judged.is_exactly_once


async def _code(ended: program.Program) -> int:
    """What it ended with, all by itself."""
    async with asyncio.timeout(30):
        while ended.is_alive:  # noqa: ASYNC110 - it is another program that we wait for
            await asyncio.sleep(0.1)
    return await ended.stop()
