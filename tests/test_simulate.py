"""A cycle on paper: whatever the start and length, it keeps to the calendar and to what a pack may ask."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import doetank_bot

from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.cycle import monday_of
from doetank_bot.resources import packs_dir
from doetank_bot.settings import load_packs
from doetank_bot.simulate import Simulation, simulate
from doetank_bot.text.catalogue import Catalogue

PACK = load_packs([packs_dir()])["doetank"]
CALENDAR, CATALOGUE = calendar_for(), Catalogue.load()
LINE = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) ((?:prompt|digest)\.\w+) (group|coach) (\S.*)")


def simulated(first: date, n_weeks: int | None = None, language: str = "nl") -> Simulation:
    return simulate(PACK, first, n_weeks, language, CALENDAR, CATALOGUE)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2035, 6, 1)), st.integers(PACK.weeks.min, PACK.weeks.max))
def test_every_message_is_on_a_working_day_in_the_window_and_two_prompts_a_week_are_the_most(
    first: date, n_weeks: int
) -> None:
    found = [LINE.fullmatch(line) for line in simulated(first, n_weeks).lines]
    seen = [(datetime.fromisoformat(match[1]), match[2]) for match in found if match is not None]
    assert len(seen) == len(found)
    assert seen == sorted(seen, key=lambda one: one[0])
    assert all(CALENDAR.is_open(at) for at, _ in seen)
    prompts = Counter(monday_of(at.date()) for at, kind in seen if kind.startswith("prompt"))
    assert max(prompts.values()) <= 2
    digests = [at.date() for at, kind in seen if kind == "digest.send"]
    assert len(set(digests)) == len(digests)
    assert seen[-1][0].date() < monday_of(first) + timedelta(weeks=n_weeks + 1)
    assert simulated(first, n_weeks) == simulated(first, n_weeks)


def test_no_prompt_is_asked_two_weeks_running() -> None:
    texts = [line.split(" group ", 1)[1] for line in simulated(date(2027, 2, 8), 16).lines if " prompt." in line]
    assert all(one != other for one, other in pairwise(texts))


def test_the_program_prints_it_and_says_on_stderr_what_drops_out() -> None:
    done = doetank_bot(packs_dir(), "simulate", "--pack", "doetank", "--from", "2027-04-26", "--language", "en")
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert first.startswith("2027-04-26 09:30 prompt.do group ")
    assert all(LINE.fullmatch(line) for line in done.stdout.splitlines())
    assert all("is dropped" in line for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("--pack", "nope", "--from", "2027-02-08"), 65, "Choose from: doetank"),
        (("--pack", "doetank", "--from", "2027-02-08", "--weeks", "99"), 65, "takes 4 to 16 weeks"),
        (("--pack", "doetank", "--from", "morgen"), 2, "--from"),
    ],
)
def test_what_does_not_fit_is_one_line_and_an_exit_code(arguments: tuple[str, ...], code: int, part: str) -> None:
    done = doetank_bot(packs_dir(), "simulate", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert part in done.stderr
    assert "Traceback" not in done.stderr
