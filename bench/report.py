"""One table on the screen, and the same in docs/measured.md with what it takes to measure it again."""

import math
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import block, burst, devices, due, first, latency, reading, start
from bench.block import Block
from bench.burst import Burst
from bench.devices import Devices
from bench.due import Due
from bench.first import First
from bench.latency import Latency
from bench.people import AT_ONCE
from bench.reading import Reading
from bench.start import Start

ROOT = Path(__file__).parent.parent
MEASURED = ROOT / "docs" / "measured.md"
HEAD = ("figure", "bot", "raw echo", "ratio", "bar", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `held` says whether it keeps to its bar."""

    figure: str
    bot: str
    raw: str
    ratio: str
    bar: str
    held: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """As printed."""
        return self.figure, self.bot, self.raw, self.ratio, self.bar, "yes" if self.held else "NO"


def of_latency(found: Latency) -> Iterator[Row]:
    """The figures of the pings."""
    bot, raw = (statistics.median(each) for each in zip(*(one.medians for one in found.rounds), strict=True))
    n = len(found.rounds[0].bot)
    yield Row(
        f"command to answer, one room ({len(found.rounds)} x {n}), median",
        f"{bot * 1000:.0f} ms",
        f"{raw * 1000:.0f} ms",
        f"{found.ratio:.2f}",
        f"{latency.BAR} x raw",
        found.ratio <= latency.BAR,
    )


def of_burst(found: Burst) -> Iterator[Row]:
    """The figures of the thousand commands."""
    rounds = found.rounds
    n = rounds[0].bot.tally.n_commands
    bot, raw = (statistics.median(getattr(one, who).seconds for one in rounds) for who in ("bot", "raw"))
    yield Row(
        f"{n} commands at once, last answer ({len(rounds)} rounds), median",
        f"{bot:.1f} s",
        f"{raw:.1f} s",
        f"{found.ratio:.2f}",
        f"{burst.BAR} x raw",
        found.ratio <= burst.BAR,
    )
    once = min(one.bot.tally.once for one in rounds)
    raw_once = min(one.raw.tally.once for one in rounds)
    yield Row("the same, answered exactly once", str(once), str(raw_once), "", str(n), found.is_exact)
    cpu, raw_cpu = (statistics.median(getattr(one, who).cpu_seconds for one in rounds) for who in ("bot", "raw"))
    peak, raw_peak = (max(getattr(one, who).peak_mib for one in rounds) for who in ("bot", "raw"))
    yield Row("the same, processor time", f"{cpu:.1f} s", f"{raw_cpu:.1f} s", "", "-", held=True)
    yield Row("the same, peak memory", f"{peak:.0f} MiB", f"{raw_peak:.0f} MiB", "", "-", held=True)


def of_due(found: Due) -> Iterator[Row]:
    """The figures of many rooms due at once."""
    rounds = found.rounds
    what = f"{found.n_rooms} rooms due at one instant ({len(rounds)} rounds)"
    for share, name, bar in ((0.5, "half", math.inf), (0.99, "99 %", due.P99_BAR)):
        bot, raw = (statistics.median(getattr(one, who).seen_by(share) for one in rounds) for who in ("bot", "raw"))
        shown = "-" if math.isinf(bar) else f"{bar} s"
        yield Row(f"{what}: {name} seen, median", f"{bot:.2f} s", f"{raw:.2f} s", "", shown, bot <= bar)
    bot, raw = (statistics.median(getattr(one, who).delivery for one in rounds) for who in ("bot", "raw"))
    is_held = found.ratio <= due.BAR
    yield Row(
        "the same, last one seen", f"{bot:.2f} s", f"{raw:.2f} s", f"{found.ratio:.2f}", f"{due.BAR} x raw", is_held
    )
    bot, raw = (statistics.median(getattr(one, who).cpu for one in rounds) for who in ("bot", "raw"))
    yield Row("the same, processor time", f"{bot:.2f} s", f"{raw:.2f} s", "", "-", held=True)


def of_start(found: Start) -> Iterator[Row]:
    """The figures of the start."""
    rounds = found.rounds
    what = f"start, {found.n_rooms} rooms x {start.N_PEOPLE} with {start.N_WAITING} commands waiting"
    ready, peak = found.median("ready"), found.median("peak_mib")
    yield Row(
        f"{what} ({len(rounds)} rounds): until ready, median",
        f"{ready:.1f} s",
        "",
        "",
        f"{start.READY_BAR} s",
        ready <= start.READY_BAR,
    )
    yield _of_block(f"in {start.WATCHED_FOR:.0f} s", found.block)
    yield Row(
        "the same, peak memory", f"{peak:.0f} MiB", "", "", f"{start.MEMORY_BAR:.0f} MiB", peak <= start.MEMORY_BAR
    )
    yield Row("the same, commands answered twice", str(sum(one.tally.more for one in rounds)), "", "", "0",
              all(one.tally.more == 0 for one in rounds))  # fmt: skip


def of_first(found: First) -> Iterator[Row]:
    """The figures of the first sync."""
    what = f"first sync of {found.n_rooms:,} encrypted rooms x {first.N_PEOPLE}, {found.mib:.0f} MiB"
    ready = f"{what} ({len(found.rounds)} rounds): until ready, median"
    yield Row(ready, f"{found.median('ready'):.1f} s", "", "", "-", held=True)
    yield _of_block(f"until it said hello in {first.N_HELLOS}", found.block)
    yield Row("the same, peak memory", f"{found.median('peak_mib'):.0f} MiB", "", "", "-", held=True)


def _of_block(while_: str, found: Block) -> Row:
    return Row(
        f"the same, longest block of the event loop {while_}, median",
        f"{found.own * 1000:.0f} ms ({found.seconds * 1000:.0f} ms with waiting for a processor)",
        "",
        "",
        f"{block.BAR * 1000:.0f} ms",
        found.own <= block.BAR,
    )


def of_devices(found: Devices) -> Iterator[Row]:
    """The figures of the first words in an encrypted room."""
    n = devices.N_PEOPLE * devices.N_DEVICES
    what = f"first words to {n} devices in an encrypted room, invitation to hello"
    yield Row(
        f"{what} ({len(found.rounds)} rounds), median", f"{found.median('seconds'):.1f} s", "", "", "-", held=True
    )
    yield _of_block("since it began", found.block)


def of_reading(found: Sequence[Reading]) -> Iterator[Row]:
    """The figures of reading back; the second column is the same over few contributions."""
    for one in found:
        yield Row(
            f"`!{one.command}` over {reading.LARGE:,} contributions (beside: over {reading.SMALL:,}), median",
            f"{one.large * 1000:.0f} ms",
            f"{one.small * 1000:.0f} ms",
            f"{one.large / one.small:.2f}",
            f"{reading.BAR * 1000:.0f} ms; {reading.RATIO_BAR} x or +{reading.OVER_BAR * 1000:.0f} ms",
            one.held,
        )


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    return drawn([HEAD, *(row.cells for row in rows)])


def drawn(lines: Sequence[Sequence[str]]) -> str:
    """These lines of cells as a Markdown table, aligned; the first is its head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    head, *rest = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([head, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *rest])


HOW = f"""How: the bot is `doetank-bot run` in its own process, talked to by other users through the homeserver. The raw
echo (`bench/raw.py`) is aiohttp, a sync loop and one task a room; it keeps nothing. A ratio is the median over
rounds of bot and raw side by side: the homeserver is the bottleneck, and a busy machine slows both. A command is
`!cycle status`.

- *One room*: three people, the sender's own long poll, turns of {latency.BLOCK} pings.
- *At once*: ten people who are all in every room, {AT_ONCE} requests in flight; each run on a fresh copy of a prepared
  homeserver; counted from `/messages` as another user, timed by the homeserver's clock.
- *Due*: a prompt planned for the same second in every room, seen by another user's long poll; beside it the same
  message put by a loop (`bench/put.py`) that begins at that moment with all requests at once.
- *Start*: from exec to the line `ready`, on a homeserver that has just seen the messages. Blocks are seen by a 10 ms
  ticker in the bot's own loop, in a run of their own. Time in which others had the processor is left out, by the
  kernel's own count (`schedstat`); in brackets it is in.
- *First sync*: one room of a real Synapse, told again with other people and ids by a small server of our own
  (`bench/crowd.py`), because Synapse itself would need an hour to get them.
- Memory is resident, at its highest.
"""


def write(rows: Sequence[Row], arguments: str, load: str) -> None:
    """Write docs/measured.md."""
    lines = (
        "# Measured",
        "",
        f"Made by `{f'make bench {arguments}'.strip()}`; do not edit by hand.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}",
        f"- {versions()}",
        f"- {os.cpu_count()} processors, {platform.machine()}, {platform.system()}; load average {load}",
        "",
        table(rows),
        "",
        HOW,
    )
    MEASURED.write_text("\n".join(lines))


def versions() -> str:
    """What it was measured with."""
    ours = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "matrix-nio", "sqlalchemy", "aiosqlite"))
    synapse = _output(
        str(ROOT / ".synapse/bin/python"),
        "-c",
        "import importlib.metadata as found; print(found.version('matrix-synapse'))",
    )
    return f"Python {platform.python_version()}, {ours}; Synapse {synapse} on SQLite, no rate limits, same machine"


def commit() -> str:
    """The commit that is checked out."""
    return _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    return done.stdout.strip() or "unknown"
