"""What the benchmark sums up can be made of any rounds."""

from bench.block import Block, Rounds
from bench.devices import Devices
from bench.devices import Run as OneSend
from bench.first import First
from bench.first import Run as OneFirst
from bench.report import of_devices, of_first


def _blocks() -> list[Block]:
    return [Block(seconds, own) for seconds, own in ((0.3, 0.01), (0.1, 0.03), (0.2, 0.02))]


def test_devices_give_the_median_of_the_longest_blocks() -> None:
    found = Devices(rounds=[OneSend(1.0, block) for block in _blocks()])
    assert isinstance(found, Rounds)
    assert found.block == Block(0.2, 0.02)
    assert all(row.held for row in of_devices(found))


def test_a_first_start_that_takes_too_much_is_not_held() -> None:
    slow = [OneFirst(1.0, Block(0.5, 0.4), 900.0) for _ in range(3)]
    rows = of_first(First(rounds=slow, n_rooms=1000, mib=1.0))
    assert not all(row.held for row in rows)
