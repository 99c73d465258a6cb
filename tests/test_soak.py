"""A few weeks of a few groups: what the running bot holds on to does not grow with what was said.

Two years of fifty groups take half an hour: `make soak`, docs/soak.md.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.soak import N_MEMBERS, Sample, Soaked, soaked
from bench.soaked import MOST_LOG, is_held, page

N_GROUPS, N_WEEKS = 6, 7
MB = 1024**2

pytestmark = pytest.mark.timeout(300)


async def test_weeks_of_use_leave_no_task_no_open_file_and_nothing_that_grows_for_ever(tmp_path: Path) -> None:
    found = await soaked(tmp_path, N_GROUPS, N_WEEKS)
    first, *_, last = settled = found.settled()

    assert list(found.uncaught) == []
    assert last.n_faults == 0
    assert last.n_handled > first.n_handled + N_GROUPS * N_MEMBERS * (len(settled) - 1)
    assert len({one.n_tasks for one in settled}) == 1
    assert max(one.n_files for one in settled) <= first.n_files
    assert max(one.wal for one in found.samples) < MOST_LOG * MB
    assert found.bytes_a_week() < 2 * MB
    assert _too_many(settled) == {}


def _too_many(settled: Sequence[Sample]) -> dict[str, int]:
    """Return what the bot holds more of than there are rooms and people."""
    n_places = N_GROUPS * (N_MEMBERS + 2)
    most = {name: max(one.held.get(name, 0) for one in settled) for one in settled for name in one.held}
    return {name: n for name, n in most.items() if n > n_places * 2}


def two_years(**changes: int) -> Soaked:
    """Two years in which everything stays as it is, but for `changes` by as much a week."""
    start = {"rss": 120 * MB, "n_tasks": 10, "n_files": 20, "wal": MB, "n_handled": 0, "n_faults": 0}
    weeks = [{name: value + week * changes.get(name, 0) for name, value in start.items()} for week in range(104)]
    return Soaked([Sample(week, float(week), held={}, **one) for week, one in enumerate(weeks)], [])


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({}, True),
        ({"n_handled": 1000}, True),
        ({"rss": 70_000}, True),
        ({"rss": 90_000}, False),
        ({"n_tasks": 1}, False),
        ({"n_files": 1}, False),
        ({"wal": MB}, False),
        ({"n_faults": 1}, False),
    ],
)
def test_years_in_which_something_grows_that_may_not_is_told_as_such(changes: dict[str, int], *, is_good: bool) -> None:
    found = two_years(**changes)
    assert is_held(found) is is_good
    assert ("| NO " in page(found, 50, "now")) is not is_good


def test_what_nobody_caught_is_told() -> None:
    assert not is_held(Soaked(two_years().samples, ["ValueError"]))
