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
    figures = await asyncio.gather(*(ablated(each, homeserver, reader, tmp_path) for each in NAIVE))
    for way, figure in zip(NAIVE, figures, strict=True):
        found = (way.loses and figure.verdict.lost) or (way.doubles and figure.verdict.doubled)
        assert found, figure
