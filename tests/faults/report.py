"""docs/reliability.md: what the bot promises and what the laboratory found, each row with its day, commit and seed.

The rows are kept in docs/reliability.json, so that one lab can be run again without the others.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from faults.figures import Figure
from faults.laboratory import SHARE_HURT, Away, Findings

from bench.report import ROOT, commit, drawn, versions

KEPT = ROOT / "docs" / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"
Row = Mapping[str, Any]

_RUNS = ("run", "things", "rooms", "kills", "homeserver kills", "requests hurt", "lost", "doubled", "out of order",
         "minutes", "seed", "day, commit, load")  # fmt: skip
_AWAY = ("away for", "every request got", "outages", "waiting rooms", "asked again: max", "first answer: p50, p95, max",
         "last answer: max", "requests in the outage: most", "day, commit, load")  # fmt: skip
_ABLATION = "ablation"


def keep(lab: str, findings: Findings) -> None:
    """Put these findings in the place of the lab's former ones, and write the page."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    stamp = f"{datetime.now(UTC):%Y-%m-%d}, {commit()}, {os.getloadavg()[2]:.1f}"
    kept[lab] = {"versions": versions(), "rows": [_row(each, stamp) for each in findings]}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(kept))


def page(kept: Mapping[str, Any]) -> str:
    """The whole page, from the rows that are kept."""
    runs = [row for lab, each in kept.items() if lab not in {_ABLATION, "outage"} for row in each["rows"]]
    usual = kept.get(_ABLATION, {"rows": []})["rows"]
    away = kept.get("outage", {"rows": []})["rows"]
    made = sorted({each["versions"] for each in kept.values()})
    return _PAGE.format(
        runs=drawn([_RUNS, *(_run_cells(row) for row in runs)]),
        usual=drawn([_RUNS, *(_run_cells(row) for row in usual)]),
        away=drawn([_AWAY, *(_away_cells(row) for row in away)]),
        versions="\n".join(f"- {each}" for each in made),
        share=f"{SHARE_HURT:.0%}",
        processors=os.cpu_count(),
    )


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _row(found: Figure | Away, stamp: str) -> Row:
    if isinstance(found, Away):
        firsts = [each.first for each in found.found]
        return {
            "name": found.name,
            "fault": found.fault.value,
            "n": len(firsts),
            "n_waiting": found.n_waiting,
            "first": [round(percentile(firsts, share), 1) for share in (0.5, 0.95, 1)],
            "again": round(max(each.asked for each in found.found), 1),
            "last": round(max(each.last for each in found.found), 1),
            "asked": max(each.n_requests for each in found.found),
            "seconds": max(each.seconds for each in found.found),
            "stamp": stamp,
        }
    verdict = found.verdict
    return {
        "name": found.name,
        "n": found.load.n,
        "n_rooms": found.load.n_rooms,
        "n_kills": found.n_kills,
        "n_falls": found.n_falls,
        "share_hurt": round(found.share_hurt, 3),
        "faults": [verdict.lost, verdict.doubled, verdict.disordered],
        "seconds": round(found.seconds),
        "seed": found.load.seed,
        "stamp": stamp,
    }


def _run_cells(row: Row) -> Sequence[str]:
    return (
        row["name"],
        f"{row['n']:,}",
        str(row["n_rooms"]),
        str(row["n_kills"]),
        str(row["n_falls"]),
        f"{row['share_hurt']:.0%}",
        *map(str, row["faults"]),
        f"{row['seconds'] / 60:.1f}",
        str(row["seed"]),
        row["stamp"],
    )


def _away_cells(row: Row) -> Sequence[str]:
    firsts = ", ".join(f"{each} s" for each in row["first"])
    asked = f"{row['asked']} in {row['seconds']:.0f} s"
    return (
        row["name"],
        row["fault"],
        str(row["n"]),
        str(row["n_waiting"]),
        f"{row['again']} s" if "again" in row else "not measured",
        firsts,
        f"{row['last']} s",
        asked,
        row["stamp"],
    )


_PAGE = """# Reliability

Made by `make faults`; do not edit by hand. Each row says of which day and commit it is.

## What the bot promises

- **What was due is there once, in order per room**, or it is refused for good and `post_not_sent` in the log says why.
  So it is however often bot and homeserver are killed, and whatever the line does to requests and answers.
- **What people gave is taken in once**, and answered once, in order, also what they said while the bot was away.
- **Trouble costs little**: waits grow to 5 s in the first ten minutes and to 30 s after, 10 % more or less. When the
  homeserver does not answer at all, the sync alone asks. At most 150 requests in the first ten minutes.
- **It is back at once**: it asks again within 5.5 s of the homeserver's return, within 33 s after ten minutes.
  The first answer comes as soon after that as the machine allows; the last table says when, and how busy it was.
- **One room's trouble is its own.** `Retry-After` is heeded, up to a quarter of an hour; other rooms go on.

And what it does not: a homeserver that forgets what it accepted loses it for us too. A transaction id is known for 24
hours; a post that was tried longer ago is looked up in the room before it is tried again. After a login on a new device
that look-up finds nothing. A command that waited for more than ten minutes is not carried out, but answered.

## What the laboratory found

Every figure is what *another user* of a real Synapse sees in the rooms, not what the bot believes.

{runs}

The same runs, smaller, for the usual ways to write a bot; each must fail, or the laboratory would not see anything:

{usual}

A homeserver that is away while somebody says something in every room:

{away}

{versions}

## How

- *Kills* are SIGKILL, at requests drawn by the seed: before their bytes arrive, while they do, after the homeserver
  did it, or some milliseconds into the work that follows. A life is `doetank-bot run` from its configuration file on.
- *A bad line* hurts {share} of all requests, sync and login included: 429 (with a header, a body, or no word of
  how long), 502 in HTML, cut before and after the homeserver did it, 504, no answer, half the JSON, an old
  `next_batch`.
- *Crash points*: before and after each commit and each request, the first three of a kind in each step, from the
  invitation to a deletion that takes words out of a digest. Things are what the bot does in the rooms of all plays.
- *Posting*: everything is due at once, in rooms in turn. *Intake*: commands, and 100, 300 and 1,000 in one room while
  the bot is dead; a thing is a command and its answer.
- *Load* is the machine's load average of a quarter of an hour when the run ended: the homeserver, the bot, those who
  speak and read, and whatever else went on there share its {processors} processors. Seconds and minutes go up with it.
- Again, with the same chance: `make faults ARGS="--seed N --only posting"`. Code: `tests/faults/`.
"""
