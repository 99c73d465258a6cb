"""The laboratory can see the faults: each usual way to write it loses or doubles something in the same runs."""

import asyncio
from pathlib import Path

import pytest
from conftest import People
from faults.ablation import NAIVE, ablated
from homeserver import Homeserver

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(240)]


async def test_each_naive_way_fails_where_ours_does_not(homeserver: Homeserver, person: People, tmp_path: Path) -> None:
    reader = await person("ana")
    figures = await asyncio.gather(
        *(ablated(each, homeserver, reader, tmp_path / each.name.replace(" ", "-")) for each in NAIVE)
    )
    assert [(each.name, each.verdict.lost > 0, each.verdict.doubled > 0) for each in figures] == [
        (each.name, each.loses, each.doubles) for each in NAIVE
    ]
