"""`make soak`: two accelerated years, and docs/soak.md with what was found beside what it may be."""

import argparse
import asyncio
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bench.report import ROOT, commit, drawn
from bench.soak import Sample, Soaked, soaked

PAGE = ROOT / "docs" / "soak.md"
MB = 1024**2
_HEAD = ("figure", "found", "bar", "held")
N_WEEKS = 104
MOST_GROWTH = 1
"""MB an hour."""
MOST_LOG = 16
"""MB."""


def main() -> int:
    """Soak, and write the page; 1 when a bar is not held."""
    parser = argparse.ArgumentParser(prog="bench.soaked", description=__doc__)
    parser.add_argument("--weeks", type=int, default=N_WEEKS)
    parser.add_argument("--groups", type=int, default=50)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="doetank-soak-") as folder:
        found = asyncio.run(soaked(Path(folder), asked.groups, asked.weeks, _show))
    stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}"
    PAGE.write_text(page(found, asked.groups, stamp))
    sys.stdout.write(f"{PAGE.read_text()}\n{PAGE}\n")
    return 0 if is_held(found) else 1


def page(found: Soaked, n_groups: int, stamp: str) -> str:
    """Return the page."""
    return _PAGE.format(
        n_groups=n_groups,
        n_weeks=len(found.samples),
        n_warm_up=len(found.samples) - len(found.settled()),
        stamp=stamp,
        python=platform.python_version(),
        processors=os.cpu_count(),
        load=f"{os.getloadavg()[2]:.1f}",
        table=drawn([_HEAD, *((*cells, "yes" if held else "NO") for *cells, held in _rows(found))]),
    )


def is_held(found: Soaked) -> bool:
    """Say whether every figure keeps to its bar."""
    return all(held for *_, held in _rows(found))


def _rows(found: Soaked) -> Sequence[tuple[str, str, str, bool]]:
    first, *_, last = settled = found.settled()
    growth, in_first_year = found.bytes_an_hour() / MB, found.first_year().bytes_an_hour() / MB
    wal = max(one.wal for one in found.samples) / MB
    tasks, files = ({getattr(one, name) for one in settled} for name in ("n_tasks", "n_files"))
    ends = f"{first.rss / MB:.0f} and {last.rss / MB:.0f} MB"
    return [
        ("what people said and did, taken in", f"{last.n_handled:,}", "-", True),
        (
            "memory after the warm-up, by least squares",
            f"{growth:+.2f} MB an hour",
            f"< {MOST_GROWTH}",
            growth < MOST_GROWTH,
        ),
        ("the same, of the first year alone", f"{in_first_year:+.2f} MB an hour", "-", True),
        ("memory at the end of the warm-up, and at the end", ends, "-", True),
        ("tasks after the warm-up", _range(tasks), "constant", len(tasks) == 1),
        ("open files after the warm-up", _range(files), "constant", len(files) == 1),
        ("largest write-ahead log at the end of a week", f"{wal:.1f} MB", f"< {MOST_LOG}", wal < MOST_LOG),
        ("inputs and steps that failed", str(last.n_faults), "0", not last.n_faults),
        ("exceptions that nobody caught", str(len(found.uncaught)), "0", not found.uncaught),
    ]


def _range(counts: set[int]) -> str:
    return " to ".join(str(one) for one in sorted({min(counts), max(counts)}))


_PAGE = """# Soak

Made by `make soak`; do not edit by hand. {n_groups} groups of a coach and three members, {n_weeks} weeks of their time.

- {stamp}
- Python {python}; {processors} processors; load average {load}

{table}

- The whole bot over a chat in memory, with a clock that jumps from one moment of the week to the next. In each week a
  group starts, pauses or goes on with a cycle, answers prompts, gives observations, edits, deletes, and reads back.
- An hour is an hour of a soak in which a year takes four, however long it took here. The warm-up is the first third:
  {n_warm_up} weeks. Memory is resident, and that of the chat and of the people is in it.
- In a first year the heap is still filling up: what is in use stays the same, and the free places between grow. So it
  goes on for longer than a year after the warm-up.
- Code: `bench/soak.py`. `tests/test_soak.py` does some weeks of it in `make test`.
"""


def _show(one: Sample) -> None:
    line = (
        f"week {one.week:3d} {one.seconds:7.0f} s  {one.rss / MB:6.1f} MB  tasks {one.n_tasks}  files {one.n_files}  "
        f"wal {one.wal / MB:.1f} MB  handled {one.n_handled}  faults {one.n_faults}  {dict(one.held)}\n"
    )
    sys.stderr.write(line)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
