"""Two whole cycles, in Dutch and in English, as seven people and their sponsor live them. Read golden/*.txt aloud."""

import os
from pathlib import Path

import pytest
from played import played

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_whole_cycle_reads_as_it_was_read_aloud(tmp_path: Path, language: str) -> None:
    page = await played((GOLDEN / f"cycle.{language}.chat").read_text("utf-8"), tmp_path, language)
    kept = GOLDEN / f"cycle.{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        kept.write_text(page, "utf-8")
    assert page == kept.read_text("utf-8"), "read it aloud; then: make golden"
