"""`make bench ARGS="--rounds 3 --only burst"`: measures, prints one table and writes docs/measured.md."""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import burst, devices, due, first, latency, reading, report, start

FIGURES = ("latency", "burst", "due", "start", "first", "devices", "reading")
_ROOMS = {"burst": (100, 10), "due": (200, 20), "start": (200, 20), "first": (1000, 200)}
"""How many, and how many when it is to be quick."""


def _arguments(typed: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds (5)")
    parser.add_argument("--pings", type=int, default=40, help="pings a round, of each (40)")
    parser.add_argument("--quick", action="store_true", help="small and short; says nothing about the bars")
    parser.add_argument("--only", choices=FIGURES, action="append", help="only this figure; may be repeated")
    parser.add_argument("--keep", type=Path, help="a folder for prepared homeservers, to be used again")
    asked = parser.parse_args(typed)
    if asked.quick:
        asked.rounds, asked.pings = 1, 10
    return asked


async def _measured(asked: argparse.Namespace, scratch: Path, kept: Path) -> list[report.Row]:
    rooms = {figure: sizes[asked.quick] for figure, sizes in _ROOMS.items()}
    rows: list[report.Row] = []
    for figure in asked.only or FIGURES:
        print(f"{figure} …", flush=True)
        match figure:
            case "latency":
                rows += report.of_latency(await latency.measure(scratch, asked.rounds, asked.pings))
            case "burst":
                rows += report.of_burst(await burst.measure(kept, scratch, asked.rounds, rooms[figure]))
            case "due":
                rows += report.of_due(await due.measure(kept, scratch, asked.rounds, rooms[figure]))
            case "first":
                rows += report.of_first(await first.measure(kept, scratch, asked.rounds, rooms[figure]))
            case "devices":
                rows += report.of_devices(await devices.measure(scratch, asked.rounds))
            case "reading":
                rows += report.of_reading(await reading.measure(scratch, max(asked.rounds, 5)))
            case _:
                rows += report.of_start(await start.measure(kept, scratch, asked.rounds, rooms[figure]))
    return rows


def main() -> int:
    """Measure; 1 when a bar is not held."""
    asked = _arguments(sys.argv[1:])
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    with tempfile.TemporaryDirectory(prefix="doetank-bench-") as scratch:
        rows = asyncio.run(_measured(asked, Path(scratch), asked.keep or Path(scratch)))
    print(report.table(rows))
    arguments = f"ARGS='{shlex.join(sys.argv[1:])}'" if sys.argv[1:] else ""
    if not asked.quick and not asked.only:
        report.write(rows, arguments, load)
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
