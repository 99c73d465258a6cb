"""The demo as someone starts it, and the parts of it that decide."""

import io
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from doetank_bot.demo.clock import DemoClock, last_whole_week
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.styled import styled
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.calendar import calendar_for

README = Path(__file__).resolve().parent.parent / "README.md"
DATE = re.compile(r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri)day )?\d{1,2} [A-Z][a-z]+\b")
CALENDAR = calendar_for()
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2035-12-31")
HALF_PAST_NINE = datetime.fromisoformat("2026-11-16T09:30")


def demo(tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    """`doetank-bot demo` without a terminal, with its own folder for whatever it makes. Use it in a `with`."""
    environment = os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "doetank_bot", "demo", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def processes_in(folder: Path) -> list[str]:
    """What still runs in `folder`, as Linux tells it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if where.startswith(str(folder)):
            found.append(process.name)
    return found


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith("doetank-port-")]


@pytest.mark.homeserver
@pytest.mark.parametrize(
    ("language", "title", "kept", "withdrawn", "masked"),
    [
        ("nl", "Weekbericht: Parkeren", "vijf van de zes mensen", "Toen ik een bon kreeg", "[telefoon]"),
        ("en", "Weekly digest: Parking", "five of six people", "When I got a fine", "[phone]"),
    ],
)
def test_a_week_is_played_to_its_digest_and_leaves_only_an_export(
    tmp_path: Path, language: str, title: str, kept: str, withdrawn: str, masked: str
) -> None:
    with demo(tmp_path, "--language", language) as process:
        out, err = process.communicate(timeout=110)
    assert (process.returncode, err) == (0, "")
    assert "\x1b" not in out
    (export,) = left_in(tmp_path)
    assert out.rstrip().endswith(str(export))
    digest = " ".join(out[out.rindex(title) :].split())
    assert kept in digest
    assert masked in digest
    assert withdrawn in out
    assert withdrawn not in digest
    assert withdrawn not in export.read_text("utf-8")
    assert processes_in(tmp_path) == []
    if language == "en":
        readme_says_what_was_played(out)


def readme_says_what_was_played(out: str) -> None:
    """Its transcript is an excerpt of a real one, apart from the dates; lines may be broken elsewhere."""
    (shown,) = re.findall(r"```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    played = " ".join(DATE.sub("DATE", out).split())
    untrue = [text for text in messages(shown) if " ".join(DATE.sub("DATE", text).split()) not in played]
    assert untrue == [], "make demo ARGS='--language en', and put the new lines in README.md"


def messages(transcript: str) -> list[str]:
    """The messages in a transcript: each from its time to the next."""
    return [part for part in re.split(r"^(?=\d\d:\d\d )|^(?=[A-Z]\w+day )", transcript, flags=re.MULTILINE) if part]


@pytest.mark.homeserver
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        while "15:04" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert left_in(tmp_path) == []
    assert processes_in(tmp_path) == []


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_the_week_that_is_played_is_over_and_has_five_working_days(now: datetime) -> None:
    monday = last_whole_week(now, "Europe/Amsterdam", CALENDAR)
    assert monday.weekday() == 0
    assert datetime.combine(monday + timedelta(days=6), datetime.min.time(), UTC) < now
    assert all(CALENDAR.is_working(monday + timedelta(days=day)) for day in range(5))


def test_a_week_with_a_holiday_is_passed_over() -> None:
    after_christmas = datetime(2027, 1, 8, tzinfo=UTC)
    assert last_whole_week(after_christmas, "Europe/Amsterdam", CALENDAR) == date(2026, 12, 14)


def test_the_clock_is_only_put_forward() -> None:
    start = datetime(2026, 11, 16, tzinfo=UTC)
    clock = DemoClock(start)
    clock.put_forward(start + timedelta(hours=1))
    assert start + timedelta(hours=1) <= clock.now() < start + timedelta(hours=1, minutes=1)
    with pytest.raises(ValueError, match="already"):
        clock.put_forward(start)


def said(**content: Any) -> Seen:
    return Seen("!r:test", {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "hi", **content}})


def test_an_answer_in_a_thread_is_no_announcement() -> None:
    relation = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$asked"}}
    seen = said(**{"m.relates_to": relation})
    assert (seen.thread, seen.answers, seen.is_announcement) == ("$root", "$asked", False)
    assert said().is_announcement
    assert not said(msgtype="m.notice").is_announcement


def test_an_edit_is_no_message_and_shows_the_new_text() -> None:
    seen = said(**{"m.new_content": {"body": "better"}, "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}})
    assert (seen.is_message, seen.edits, seen.text) == (False, "$1", "better")


def test_without_a_terminal_lines_are_plain_and_end_without_spaces() -> None:
    out = io.StringIO()
    terminal = Terminal(Console(file=out, width=40), "nl")
    terminal.message(HALF_PAST_NINE, "Joke", "een twee drie vier vijf zes zeven acht\n\nnegen", is_in_thread=True)
    _, _, head, *lines = out.getvalue().splitlines()
    assert head == "09:30       Joke"
    assert lines == [
        "            een twee drie vier vijf zes",
        "            zeven acht",
        "",
        "            negen",
    ]


def test_members_words_are_never_read_as_markup_of_the_terminal() -> None:
    out = io.StringIO()
    Terminal(Console(file=out, width=80), "en").message(HALF_PAST_NINE, "Bas", "[red]stop[/red] :smile:")
    assert "[red]stop[/red] :smile:" in out.getvalue()


def test_bold_words_are_bold_where_they_stand_and_nowhere_else() -> None:
    html = "Proef: 1 <strong>Proef</strong><ul><li><strong>1</strong> zo</li></ul>"
    text = styled("Proef: 1 Proef\n- 1 zo", html)
    bold = [text.plain[span.start : span.end] for span in text.spans]
    assert bold == ["Proef", "1"]
    assert [span.start for span in text.spans] == [9, 17]


@given(st.text(), st.text())
def test_styling_never_changes_what_is_said(text: str, html: str) -> None:
    assert styled(text, html).plain == Text(text).plain
