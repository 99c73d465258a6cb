"""The short figures of the fault laboratory: nothing lost, doubled or out of order. `make faults` has the long ones."""

import asyncio
from pathlib import Path

import pytest
from conftest import People
from faults import bot
from faults.figures import Load, Verdict
from faults.harness import new_account
from faults.intake import taken_in
from faults.posting import laid_out, posted
from faults.proxy import by_chance
from faults.stage import Stage, furnished
from homeserver import Homeserver

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(600)]

CLEAN = Verdict(0, 0, 0)
POSTING = Load(n=500, n_rooms=10, n_kills=25)
BAD_LINE = Load(n=200, n_rooms=20, n_kills=5, choose=by_chance(0.4, seed=1))
INTAKE = Load(n=300, n_rooms=4, n_kills=10, gaps=(60, 80))


async def test_500_posts_200_over_a_bad_line_and_300_messages_are_each_there_once_and_in_order_whatever_is_killed(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    async def stage(load: Load) -> Stage:
        return await furnished(homeserver, await person("ana"), new_account(homeserver, "bot"), load.n_rooms)

    crowd, line, talk = await stage(POSTING), await stage(BAD_LINE), await stage(INTAKE)
    for_crowd = await laid_out(crowd, POSTING, tmp_path / "posting")
    for_line = await laid_out(line, BAD_LINE, tmp_path / "line")
    posting, bad_line, intake = await asyncio.gather(
        posted("posting", crowd, POSTING, for_crowd, tmp_path / "posting", bot.life),
        posted("bad line", line, BAD_LINE, for_line, tmp_path / "line", bot.life),
        taken_in("intake", talk, INTAKE, tmp_path / "intake", bot.life),
    )
    assert (posting.n_kills, posting.verdict) == (25, CLEAN)
    assert (bad_line.n_kills, bad_line.verdict) == (5, CLEAN)
    assert bad_line.share_hurt > 0.25, bad_line
    assert (intake.n_kills, intake.verdict) == (10, CLEAN)
