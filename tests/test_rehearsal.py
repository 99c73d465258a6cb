"""The rehearsal as someone starts it: `doetank-bot demo --terminal`, through a pipe and at a terminal."""

import contextlib
import io
import itertools
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from house import PACKS, TEXTS, FakeClock
from rich.console import Console

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.demo.rehearsal.bot import RehearsedBot, rules_for
from doetank_bot.demo.rehearsal.director import Director
from doetank_bot.demo.rehearsal.troupe import BOT_ID
from doetank_bot.demo.terminal import Terminal

GOLDEN = Path(__file__).parent / "golden"
HINT = "» "
HINTS = (
    ("bas> te vroeg", "Er is nog geen vraag aan de groep."),
    ("bas>> te vroeg", "Bas was nog in geen draad."),
    ("bas>(99) wat", "Bericht (99) is daar niet."),
    ("bas*(1) ander", "Bericht (1) is niet van Bas."),
    ("bas!(nooit gezegd)", "Bericht (nooit gezegd) is daar niet."),
    ("bas!", "Bas zei nog niets."),
    ("erik: hallo", "Erik zit niet in de ruimte."),
    ("joke+", "Joke is er al."),
    ("fatma: hallo", "fatma is hier niet."),
    ("doebot: hallo", "Doebot spreekt zelf."),
    ("/naar 2027-02-03", "De klok gaat niet terug: het is al donderdag 4 februari 2027, 09:00."),
    ("/naar ooit", "Welk moment?"),
    ("/+99w", "Hoeveel later?"),
    ("/verder", "Er staat niets gepland."),
    ("/xyz", "/xyz ken ik niet."),
    ("/+1d", "Het is nu vrijdag 5 februari 2027, 09:00."),
)


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(folder), "COLUMNS": "120", "TERM": "xterm", "LANG": "C.UTF-8"}


def rehearse(folder: Path, lines: str | bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Let the program play these lines from Thursday 4 February 2027, nine o'clock, on."""
    return subprocess.run(
        [sys.executable, "-m", "doetank_bot", "demo", "--terminal", "--from", "2027-02-04", *arguments],
        input=lines.encode() if isinstance(lines, str) else lines,
        capture_output=True, env=environment(folder), timeout=100, check=False,
    )  # fmt: skip


def played(folder: Path, *lines: str, language: str = "nl") -> str:
    ended = rehearse(folder, "\n".join(lines), "--language", language)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert list(folder.iterdir()) == []
    return ended.stdout.decode()


@contextlib.contextmanager
def at_a_terminal(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "doetank_bot", "demo", "--terminal", "--from", "2027-02-04"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment(folder), start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def read_until(terminal: int, words: str) -> str:
    shown = b""
    while words.encode() not in shown:
        shown += os.read(terminal, 65536)
    return shown.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("language", "start", "digest"),
    [
        ("nl", "!ronde start weken=6", "Weekbericht: Parkeren"),
        ("en", "!cycle start weeks=6", "Weekly digest: Parking"),
    ],
)
def test_a_week_through_a_pipe_ends_in_a_digest_in_their_own_words(
    tmp_path: Path, language: str, start: str, digest: str
) -> None:
    out = played(
        tmp_path, f"maaike: {start}", "stop", "/verder", "bas> Vier van de zes 06-12345678", "1", "/next", "/next",
        "/next", "bas*(6-1234) Vijf van de zes mensen", "joke~ !mijn", "/next", language=language,
    )  # fmt: skip
    assert HINT not in out
    assert "\x1b" not in out
    days = re.findall(r"^(\w+ \d+ \w+) ─", out, re.MULTILINE)
    assert [day.split()[1] for day in days] == ["4", "8", "11", "12", "15"]
    assert "“Vijf van de zes mensen” — Bas" in out[out.index(digest) :]


async def test_an_edit_and_a_deletion_reach_the_digest_that_is_out(tmp_path: Path) -> None:
    out = await typed(
        tmp_path, "maaike: !ronde start weken=6", "stop", "/verder", "bas> Dit blijft", "joke> Dit moet weg",
        "/naar 12 februari 14:00", "bas*(Dit blijft) Dit is beter", "joke!",
    )  # fmt: skip
    after = out[out.index("✗") :]
    assert "Dit moet weg\n            ✔️ Doebot" in out
    assert "verandert bericht" in out
    assert "“Dit is beter” — Bas" in after
    assert "“Dit moet weg” — Joke" in out
    assert "“Dit moet weg” — Joke" not in after


async def test_what_the_bot_asks_under_a_message_is_answered_by_a_bare_line(tmp_path: Path) -> None:
    out = await typed(tmp_path, "maaike: !ronde start", "Waarom is het zo lastig?", "fatima: hoi", "en nog iets")
    assert "Maaike  (5) · draad (2)\n            Waarom is het zo lastig?" in out
    assert re.search(r"^09:00   Fatima  \(8\)\n        en nog iets", out, re.MULTILINE)


async def test_private_words_say_who_sees_them(tmp_path: Path) -> None:
    out = await typed(tmp_path, "maaike: !ronde start", "/verder", "joke~ Omdat het mij raakt")
    assert "privé, aan ieder apart: Bas, Fatima, Joke, Maaike" in out
    assert "alleen Joke ziet dit\n        Omdat het mij raakt" in out


async def test_what_cannot_be_done_gets_one_line_that_helps(tmp_path: Path) -> None:
    async with directed(tmp_path) as (director, out):
        for line, hint in HINTS:
            before = len(out.getvalue())
            assert await director.enter(line)
            told = out.getvalue()[before:].splitlines()
            assert [one[: len(HINT + hint)] for one in told] == [HINT + hint], line


async def test_whoever_stands_before_the_line_says_a_line_without_a_name(tmp_path: Path) -> None:
    async with directed(tmp_path) as (director, out):
        assert director.prompt.endswith(" · Maaike: ")
        await director.enter("joke~ hallo")
        assert director.prompt == "do 4 feb 09:00 · Joke~ "
        await director.enter("ahmed+")
        assert director.prompt.endswith(" · Joke~ ")
        await director.enter("ahmed: dag allemaal")
        assert director.prompt.endswith(" · Ahmed: ")
        assert "(Ahmed komt in de ruimte)" in out.getvalue()


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_golden_script_can_be_typed_as_it_is(tmp_path: Path, language: str) -> None:
    begin, _, _, _, *lines = (GOLDEN / f"cycle.{language}.chat").read_text("utf-8").splitlines()
    two_weeks = itertools.takewhile(lambda line: not line.startswith("= 2027-02-22"), lines)
    async with directed(tmp_path, begin, language=language) as (director, out):
        for line in ("nadia+", "sander+", *two_weeks):
            assert await director.enter(line)
    told = [line for line in out.getvalue().splitlines() if line.startswith(HINT)]
    assert [line for line in told if not line.startswith((f"{HINT}Het is nu", f"{HINT}It is"))] == []
    assert out.getvalue().count("Week 2 ") >= 1


@contextlib.asynccontextmanager
async def directed(
    folder: Path, begin: str = "2027-02-04 09:00", language: str = "nl"
) -> AsyncIterator[tuple[Director, io.StringIO]]:
    clock = FakeClock(begin)
    chat = MemoryChat(clock.now, me=BOT_ID)
    bot = RehearsedBot(folder, clock, chat, rules_for(chat.me, language, PACKS), TEXTS)
    out = io.StringIO()
    director = Director(bot, Terminal(Console(file=out, width=300), language), language, lambda: None)
    async with bot.running():
        await director.begin()
        yield director, out


async def typed(folder: Path, *lines: str) -> str:
    """What is shown when these lines are typed."""
    async with directed(folder) as (director, out):
        for line in lines:
            assert await director.enter(line)
    return out.getvalue()


def test_absurd_input_never_ends_it(tmp_path: Path) -> None:
    absurd = [
        b"", b"   ", b"~", b">>", b"bas*", b"/" * 5000, b"/+" + b"9" * 100, b"bas>(" + b"9" * 400 + b") x",
        b"\x00\x1b[2J\x07", b"maaike: \x1b]0;hoi\x07[red]x[/red]", b"\xff\xfe\xed\xa0\x80",
        "maaike: \ud800".encode("utf-8", "surrogatepass"), "maaike: {0} 👩🏽‍🔬".encode() * 300, b"joke!(" + b"(" * 500,
        b"maaike: " + b"a" * 1_000_000,
    ]  # fmt: skip
    ended = rehearse(tmp_path, b"\n".join([*absurd, b"maaike: en nu gewoon"]))
    assert (ended.returncode, ended.stderr) == (0, b"")
    out = ended.stdout.decode()
    assert "Die regel is langer dan 8192 tekens" in out
    assert "[red]x[/red]" in out
    assert "\x1b" not in out
    assert out.rstrip().endswith("en nu gewoon")


def test_input_that_is_closed_is_the_end(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -m doetank_bot demo --terminal <&-', sys.executable],
        capture_output=True, env=environment(tmp_path), timeout=100, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_at_a_terminal_the_prompt_shows_the_date_and_ctrl_d_ends_it(tmp_path: Path) -> None:
    with at_a_terminal(tmp_path) as (process, terminal):
        read_until(terminal, "do 4 feb 09:00 · Maaike: ")
        os.write(terminal, b"!ronde start\n")
        shown = read_until(terminal, "do 4 feb 09:00 · Maaike>> ")
        assert "\x1b[1A\x1b[2K" in shown
        os.write(terminal, b"/verder\n")
        read_until(terminal, "ma 8 feb 09:30 · Maaike>> ")
        os.write(terminal, b"\x04")
        assert process.wait(timeout=20) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_rehearsal_that_is_interrupted_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with at_a_terminal(tmp_path) as (process, terminal):
        read_until(terminal, "Maaike: ")
        # Python may see a signal only at the next key when it comes just before readline begins to wait for one.
        for _ in range(20):
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                break
        assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--from", "2027-02-04"), "--from is for --terminal only"),
        (("--terminal", "--from", "1899-01-01"), "--from 1899-01-01: name a day from 2000 to 2100"),
    ],
)
def test_a_beginning_that_cannot_be_is_one_line(arguments: tuple[str, ...], complaint: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "doetank_bot", "demo", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (65, "")
    assert ended.stderr.startswith(complaint)
    assert len(ended.stderr.splitlines()) == 1
