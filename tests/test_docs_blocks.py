"""Every code block in the docs runs here, is held by another test, or says why not."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import pytest
from blocks import Block, blocks
from conftest import People
from homeserver import Homeserver

from doetank_bot.domain.pack import parse_pack

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "doetank_bot" / "text" / "catalogue" / "nl"
PROGRAM = Path(sys.executable).with_name("doetank-bot")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/**/*.md")])
BLOCKS = [block for page in PAGES for block in blocks(page)]
RUN = [block for block in BLOCKS if block.language == "sh" and not block.mark]
# What every page may count on: a bot that was set up, runs, and is in a room.
SHELL = """set -euo pipefail
doetank-bot init --yes --homeserver example.org --user-id doetank --password-file secret > /dev/null
doetank-bot run > out.log 2> err.log &
bot=$!
trap 'kill $bot; wait $bot' EXIT
until grep -q invitation_accepted err.log && grep -q ready out.log; do kill -0 $bot; sleep 0.2; done
"""


def scripts() -> list[tuple[str, list[Block]]]:
    """What runs of each page, in order."""
    return [(name, list(found)) for name, found in groupby(RUN, key=lambda block: block.page.name)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_of_a_kind_that_is_held_to_the_truth(block: Block) -> None:
    assert block.language in {"sh", "yaml", "po"} or block.mark, (
        "name its language, or say above it: <!-- not run: why -->"
    )
    if block.mark == "held by":
        assert block.page.name in (ROOT / block.reason).read_text("utf-8"), (
            f"{block.reason} does not read {block.page.name}"
        )


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "yaml" and not one.mark], ids=str)
def test_a_pack_in_the_docs_is_valid(block: Block) -> None:
    assert parse_pack(block.text, file_of(block)).name in file_of(block)


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "po" and not one.mark], ids=str)
def test_a_text_in_the_docs_is_in_the_catalogue_as_it_stands(block: Block) -> None:
    catalogue = "".join(file.read_text("utf-8") for file in CATALOGUE.glob("*.po"))
    assert [entry for entry in block.text.strip().split("\n\n") if entry not in catalogue] == []


@pytest.mark.homeserver
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "found"), scripts(), ids=[name for name, _ in scripts()])
async def test_the_shell_blocks_of_a_page_run_one_after_the_other(
    homeserver: Homeserver, person: People, tmp_path: Path, name: str, found: list[Block]
) -> None:
    bot, coach = homeserver.register("docs-" + name.partition(".")[0].lower()), await person("coach")
    room = await coach.create_room(name="Parkeren", invite=[bot.user_id])
    place = checkout(tmp_path)
    (place / "secret").write_text(bot.password)
    real = {
        "https://matrix.example.org": homeserver.url,
        "--homeserver example.org --user-id doetank": f"--homeserver {homeserver.url} --user-id {bot.user_id}",
        "@doetank:example.org": bot.user_id,
        "!room:example.org": room,
        "/var/backups/doetank": str(place / "backups"),
    }
    script = _with(real, SHELL + "\n".join(f"# {block}\n{block.text}" for block in found))
    ended = await asyncio.to_thread(
        _run, script, place, homeserver.register("docs-admin-" + bot.device_id.lower(), admin=True).access_token
    )
    assert ended.returncode == 0, f"{script}\n{ended.stdout}\n{ended.stderr}"


def checkout(folder: Path) -> Path:
    """A folder like a fresh clone, with the packs of the docs in `packs`, and one for backups."""
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name != "doetank.yaml":
            (folder / path.name).symlink_to(path)
    (folder / "backups").mkdir()
    (folder / "packs").mkdir()
    for block in BLOCKS:
        if block.language == "yaml" and not block.mark:
            (folder / "packs" / file_of(block)).write_text(block.text, "utf-8")
    return folder


def file_of(pack: Block) -> str:
    """The name its file has to have."""
    found = re.search(r"^name: (\w+)$", pack.text, re.MULTILINE)
    assert found is not None
    return f"{found[1]}.yaml"


def _with(real: Mapping[str, str], text: str) -> str:
    for written, meant in real.items():
        text = text.replace(written, meant)
    return text


def _run(script: str, folder: Path, admin_token: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PROGRAM": str(PROGRAM),
        "ADMIN_TOKEN": admin_token,
    }
    return subprocess.run(
        ["/usr/bin/env", "bash", "-c", script], cwd=folder, env=environ, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
