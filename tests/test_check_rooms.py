"""What `check` says of rooms in which the bot can say nothing."""

from pathlib import Path

import pytest
from group import Group, group

from doetank_bot.check import Finding, Weight, findings
from doetank_bot.settings import load_settings


async def _found(here: Group, folder: Path) -> list[Finding]:
    """Return what `check` finds beside the running bot, where no homeserver answers."""
    (folder / "token").write_text("geheim")
    config = folder / "doetank.yaml"
    matrix = "matrix: {homeserver: 'http://127.0.0.1:9', user_id: '@doetank:test', access_token_file: token}\n"
    config.write_text(matrix + f"database: {{url: '{here.house.url}'}}\n")
    return [finding async for finding in findings(load_settings(config, {})) if finding.about == "room"]


@pytest.mark.parametrize(
    ("how", "remedy"), [("mute", "right to send messages"), ("kick", "again"), ("upgrade", "Let someone there invite")]
)
async def test_a_closed_room_is_named_with_its_remedy_until_it_is_open(tmp_path: Path, how: str, remedy: str) -> None:
    async with group(tmp_path) as here:
        await here.start()
        assert await _found(here, tmp_path) == []
        acts = {"mute": here.maaike.mute_bot, "kick": here.maaike.kick_bot, "upgrade": here.maaike.upgrade}
        acts[how](here.room)
        await here.house.settle()
        [finding] = await _found(here, tmp_path)
        assert str(finding).startswith("wrong")
        assert "Parkeren (!1)" in finding.text
        assert remedy in finding.text
        assert finding.weight is Weight.BAD


async def test_a_room_without_a_cycle_is_nobodys_worry(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        here.maaike.kick_bot(here.room)
        await here.house.settle()
        assert await _found(here, tmp_path) == []
