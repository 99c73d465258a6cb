"""At every enumerated crash point the bot dies once; at the end the room is as if nothing had happened."""

import asyncio
from pathlib import Path

import pytest
from conftest import People
from faults.doom import Deal
from faults.harness import new_account
from faults.points import Played, played
from faults.scenario import EXPECTED
from homeserver import Homeserver

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(600)]

PARTS = 4


async def test_dying_once_at_each_commit_and_each_request_of_the_scenario_leaves_everything_there_once(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    async def play(part: int) -> Played:
        people = await person("ana"), await person("bas")
        account = new_account(homeserver, "bot")
        return await played(homeserver, *people, account, tmp_path / str(part), Deal(part, PARTS))

    plays = await asyncio.gather(*(play(part) for part in range(PARTS)))
    points = frozenset().union(*(each.reached for each in plays))
    for each in plays:
        assert each.room == EXPECTED
        personal, *drafts = each.private
        assert (each.n_private, personal.count("Why do you take part?")) == (1, 1)
        assert drafts == ["removed", "removed"]
    assert len(points) > 100
    assert sum(each.n_deaths for each in plays) >= 100
