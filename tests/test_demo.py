"""The demo as someone starts it, and the parts of it that decide."""

import io
import json
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
from PIL import Image, ImageChops, ImageStat
from rich.console import Console
from rich.text import Text

from doetank_bot.demo.clock import DemoClock, last_whole_weeks
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
    return list(folder.iterdir())


CYCLES: dict[str, dict[str, Any]] = {
    "nl": {
        "shown": (
            "Week 1 van 8 · Start", "Week 8 van 8 · Oogsten",
            "Ik liet iets weg dat over een persoon gaat: naam, telefoon.",
            "Mag de groep dit lezen?",
            "blijft een concept: het komt nog niet in het weekbericht", "Goed. #14 is voor deze groep.",
            "Dit ligt bij Nadia.", "Goed. #20: opgelost.",
            "De opdrachtgever gaf antwoord: “ja, als Nadia meekijkt”",
            "Ik noem je niet bij een vraag tot maandag",
            "Bas zit even vast en wil er graag met jou over praten.",
            "✎ Doebot past 4 berichten aan", "✗ Joke verwijdert",
            "We keken terug: “Dat mensen sneller klaar zijn", "Wat we leerden, het nieuwste eerst",
        ),
        "digest": ("[telefoon]", "vijf van de zes mensen", "Verhaal van de week “Een mantelzorger stuurde"),
        "gone": "Toen ik een bon kreeg",
    },
    "en": {
        "shown": (
            "Week 1 of 8 · Start", "Week 8 of 8 · Harvest",
            "I left out something about a person: phone.",
            "May the group read this?",
            "stays a draft", "Done. #14 is for this group.",
            "This is with Nadia.", "Good. #20: solved.",
            "The sponsor answered: “yes, if Nadia looks on”",
            "I leave your name out of my questions until Monday",
            "Bas is stuck and would like to talk about it with you.",
            "✎ Doebot edits 4 messages", "✗ Joke deletes",
            "We looked back: “That people are done sooner", "What we learned, the newest first",
        ),
        "digest": ("[phone]", "five of six people", "Story of the week “A carer sent"),
        "gone": "When I got a fine",
    },
}  # fmt: skip


@pytest.mark.homeserver
@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_whole_cycle_is_played_and_leaves_only_the_groups_files(tmp_path: Path, language: str) -> None:
    with demo(tmp_path, "--language", language) as process:
        out, err = process.communicate(timeout=380)
    assert (process.returncode, err) == (0, "")
    assert "\x1b" not in out
    (folder,) = left_in(tmp_path)
    assert str(folder) in out
    assert sorted(path.name for path in folder.iterdir()) == [
        "doetank-week-6.png", "doetank-week-7.png", "doetank-week-8.png", "group.html", "group.json",
    ]  # fmt: skip
    assert (folder / "doetank-week-8.png").read_bytes().startswith(b"\x89PNG")
    cycle, said = CYCLES[language], " ".join(out.split())
    assert [words for words in (*cycle["shown"], *cycle["digest"], cycle["gone"]) if words not in said] == []
    export = json.loads((folder / "group.json").read_text("utf-8"))
    assert [digest["number"] for digest in export["cycles"][0]["digests"]] == [*range(1, 9)]
    assert cycle["gone"] not in (folder / "group.html").read_text("utf-8") + json.dumps(export, ensure_ascii=False)
    assert processes_in(tmp_path) == []
    if language == "en":
        readme_says_what_was_played(out)
        readme_shows_what_was_drawn(folder / "doetank-week-7.png")


def readme_says_what_was_played(out: str) -> None:
    """Its transcript is an excerpt of a real one, apart from the dates; lines may be broken elsewhere."""
    (shown,) = re.findall(r"```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    played = " ".join(DATE.sub("DATE", out).split())
    untrue = [text for text in messages(shown) if " ".join(DATE.sub("DATE", text).split()) not in played]
    assert untrue == [], "make demo ARGS='--language en', and put the new lines in README.md"


def readme_shows_what_was_drawn(path: Path) -> None:
    """Its picture is this one, but for how another machine draws letters."""
    with Image.open(path) as drawn, Image.open(README.parent / "docs/images/cycle.en.png") as shown:
        assert drawn.size == shown.size
        difference = ImageChops.difference(drawn.convert("L"), shown.convert("L"))
    assert ImageStat.Stat(difference).mean[0] < 2, "put the new picture in docs/images/cycle.en.png"


def messages(transcript: str) -> list[str]:
    """The messages in a transcript: each from its time to the next."""
    return [part for part in re.split(r"^(?=\d\d:\d\d )|^(?=[A-Z]\w+day )", transcript, flags=re.MULTILINE) if part]


@pytest.mark.homeserver
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_interrupted_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        while "!ronde start" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert left_in(tmp_path) == []
    assert processes_in(tmp_path) == []


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_the_weeks_that_are_played_are_over_and_have_no_holiday(now: datetime) -> None:
    monday = last_whole_weeks(8, now, "Europe/Amsterdam", CALENDAR)
    assert monday.weekday() == 0
    assert datetime.combine(monday + timedelta(days=8 * 7 - 1), datetime.min.time(), UTC) < now
    days = [monday + timedelta(days=day) for day in range(8 * 7)]
    assert all(CALENDAR.is_working(day) for day in (monday - timedelta(days=4), *days) if day.weekday() < 5)


def test_weeks_with_a_holiday_are_passed_over() -> None:
    after_christmas = datetime(2027, 1, 8, tzinfo=UTC)
    assert last_whole_weeks(1, after_christmas, "Europe/Amsterdam", CALENDAR) == date(2026, 12, 14)
    assert last_whole_weeks(8, after_christmas, "Europe/Amsterdam", CALENDAR) == date(2026, 10, 26)


def test_the_clock_is_only_put_forward() -> None:
    start = datetime(2026, 11, 16, tzinfo=UTC)
    clock = DemoClock(start)
    clock.put_forward(start + timedelta(hours=1))
    clock.put_forward(start)
    assert start + timedelta(hours=1) <= clock.now() < start + timedelta(hours=1, minutes=1)


def said(**content: Any) -> Seen:
    return Seen("!r:test", {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "hi", **content}})


def test_an_answer_in_a_thread_stands_in_the_thread() -> None:
    relation = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$asked"}}
    assert said(**{"m.relates_to": relation}).thread == "$root"
    assert said().thread is None
    assert (said().is_notice, said(msgtype="m.notice").is_notice) == (False, True)


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
