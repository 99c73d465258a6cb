"""A few weeks of a few groups: what the running bot holds on to does not grow with what was said.

A year of fifty groups takes the better part of an hour: `python -m bench.soak`.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.soak import N_MEMBERS, Sample, soaked

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
    assert max(one.wal for one in found.samples) < 16 * MB
    assert found.bytes_a_week() < 2 * MB
    assert _too_many(settled) == {}


def _too_many(settled: Sequence[Sample]) -> dict[str, int]:
    """Return what the bot holds more of than there are rooms and people."""
    n_places = N_GROUPS * (N_MEMBERS + 2)
    most = {name: max(one.held.get(name, 0) for one in settled) for one in settled for name in one.held}
    return {name: n for name, n in most.items() if n > n_places * 2}
