"""A bot whose keys are gone, or of an earlier moment, goes on as a new device that Element trusts."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Elements
from element import Element
from faults.harness import Peer, is_message, new_account, running
from homeserver import Account, Homeserver
from living import answer_to, living, seen
from test_encrypted_live import SOUND, how_drawn, strict

from bench import program
from doetank_bot.settings import ConfigError

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(300)]


def with_password(folder: Path, homeserver: Homeserver, account: Account) -> program.Program:
    """Return the bot as an operator runs it who keeps the password."""
    bot = program.bot(folder, homeserver.url, account)
    config = json.loads((folder / "doetank.yaml").read_text())
    del config["matrix"]["access_token_file"]
    config["matrix"]["password_file"] = "password"
    (folder / "password").write_text(account.password)
    (folder / "password").chmod(0o600)
    (folder / "doetank.yaml").write_text(json.dumps(config))
    return bot


def keys_of(folder: Path) -> list[Path]:
    return sorted((folder / "matrix-store").glob("keys-*.db*"))


@pytest.mark.parametrize("trouble", ["gone", "of an earlier moment"])
async def test_lost_keys_are_told_and_a_new_device_takes_over_that_the_account_vouches_for(
    homeserver: Homeserver, element: Elements, tmp_path: Path, trouble: str
) -> None:
    maaike, account = await strict(element, "maaike"), new_account(homeserver, "bot")
    async with running(with_password(tmp_path, homeserver, account), account.user_id) as bot:
        room = await maaike.create_room(invite=[bot.user_id], is_encrypted=True)
        await seen(maaike, room, lambda event: is_message(event, bot.user_id))
        before = _device(tmp_path)
        await bot.program.stop()
        kept = tmp_path / "kept"
        kept.mkdir()
        for file in keys_of(tmp_path):
            shutil.copy2(file, kept)
        if trouble == "of an earlier moment":
            await bot.program.start()
            await answer_to(maaike, room, bot, await maaike.send(room, "!help"))
            await bot.program.stop()
        for file in keys_of(tmp_path):
            file.unlink()
        if trouble == "of an earlier moment":
            for file in kept.iterdir():
                shutil.copy2(file, tmp_path / "matrix-store")
        await bot.program.start()
        await _is_read(maaike, room, bot)
        devices = await maaike.wait_for_devices(bot.user_id, lambda found: [one.device for one in found] != [before])
    assert [(one.device, one.signed_by_owner) for one in devices] == [(_device(tmp_path), True)]
    assert _device(tmp_path) != before
    assert "keys_lost" in bot.program.last_words()
    assert not (tmp_path / "matrix-store" / "former-session.json").exists()


async def _is_read(who: Element, room: str, bot: Peer) -> None:
    answer = await answer_to(who, room, bot, await who.send(room, "!help"))
    assert how_drawn(answer) == SOUND


def _device(folder: Path) -> str:
    return str(json.loads((folder / "matrix-store" / "session.json").read_text())["device_id"])


async def test_after_a_restore_nothing_is_said_twice_and_what_comes_is_answered_by_a_new_device(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    maaike, account = await strict(element, "maaike"), new_account(homeserver, "bot")
    async with running(with_password(tmp_path, homeserver, account), account.user_id) as bot:
        room = await maaike.create_room(invite=[bot.user_id], is_encrypted=True)
        await seen(maaike, room, lambda event: is_message(event, bot.user_id))
        await answer_to(maaike, room, bot, await maaike.send(room, "!cycle start weeks=4"))
        await _command(tmp_path, "backup", "set.tar")
        asked = await maaike.send(room, "!prompt now")
        await answer_to(maaike, room, bot, asked)
        await bot.program.stop()
        n_said = len([event for event in await maaike.messages(room) if is_message(event, bot.user_id)])
        await _command(tmp_path, "restore", "set.tar", "--yes")
        before = _device(tmp_path)
        await bot.program.start()
        await _is_read(maaike, room, bot)
        said = [event for event in await maaike.messages(room) if is_message(event, bot.user_id)]
    assert len(said) == n_said + 1
    assert _device(tmp_path) != before


async def test_with_a_token_alone_the_operator_reads_in_one_line_what_to_do(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    account = new_account(homeserver, "bot")
    async with living(homeserver, tmp_path, account=account):
        pass
    for file in keys_of(tmp_path):
        file.unlink()
    with pytest.raises(ConfigError, match="a token of a new device of the account") as told:
        async with living(homeserver, tmp_path, account=account):
            pass
    assert "the keys of this device are not here" in str(told.value.problem)


async def _command(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "doetank_bot", *arguments, "--config", "doetank.yaml"]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
