"""`make faults ARGS="--only posting --seed 3"`: the long runs, up to an hour; prints and writes docs/reliability.md."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from faults.figures import Figure
from faults.laboratory import LABS, Findings
from faults.report import PAGE, keep


def main() -> int:
    """Run the labs; 1 when one of ours found something lost, doubled or out of order."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", choices=LABS, action="append", help="only this lab; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="of all chance (1)")
    asked = parser.parse_args()
    is_clean = True
    for lab in asked.only or LABS:
        with tempfile.TemporaryDirectory(prefix="doetank-faults-") as folder:
            findings = asyncio.run(_found(lab, Path(folder), asked.seed))
        keep(lab, findings)
        is_clean = is_clean and (lab == "ablation" or all(_is_clean(each) for each in findings))
        for each in findings:
            sys.stdout.write(f"{each}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{PAGE}\n")
    return 0 if is_clean else 1


async def _found(lab: str, folder: Path, seed: int) -> Findings:
    return await LABS[lab](folder, seed)


def _is_clean(found: object) -> bool:
    return not isinstance(found, Figure) or found.verdict.is_clean


if __name__ == "__main__":
    sys.exit(main())
