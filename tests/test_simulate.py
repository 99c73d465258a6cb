"""A cycle on paper: whatever the start and length, it keeps to the calendar and to what a pack may ask."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import doetank_bot

from doetank_bot.domain.calendar import Calendar, calendar_for
from doetank_bot.domain.cycle import monday_of
from doetank_bot.domain.group import Region
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.settings import load_packs, read_school
from doetank_bot.simulate import Simulation, simulate
from doetank_bot.text.catalogue import Catalogue

PACK = load_packs([packs_dir()])["doetank"]
CALENDAR, CATALOGUE = calendar_for(), Catalogue.load()
LINE = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) ((?:prompt|digest)\.\w+) (group|coach|member|sponsor) (\S.*)")


SCHOOL = read_school(breaks_file())
REGIONS = st.sampled_from([Region.NONE, Region.NOORD, Region.MIDDEN, Region.ZUID])


def simulated(
    first: date, n_weeks: int | None = None, language: str = "nl", calendar: Calendar = CALENDAR
) -> Simulation:
    return simulate(PACK, first, n_weeks, language, calendar, CATALOGUE)


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2035, 12, 31)), st.integers(4, 16), REGIONS)
def test_every_message_is_on_a_working_day_in_the_window_and_two_prompts_a_week_are_the_most(
    first: date, n_weeks: int, region: Region
) -> None:
    calendar = replace(CALENDAR, school=SCHOOL[region])
    told = simulated(first, n_weeks, calendar=calendar)
    found = [LINE.fullmatch(line) for line in told.lines]
    seen = [(datetime.fromisoformat(match[1]), match[2]) for match in found if match is not None]
    assert len(seen) == len(found)
    assert seen == sorted(seen, key=lambda one: one[0])
    assert all(calendar.is_open(at) for at, _ in seen)
    prompts = Counter(monday_of(at.date()) for at, kind in seen if kind.startswith("prompt"))
    assert max(prompts.values(), default=0) <= 2
    digests = [at.date() for at, kind in seen if kind == "digest.send"]
    assert len(set(digests)) == len(digests)
    over = calendar.school_break(monday_of(first) + timedelta(weeks=n_weeks, days=-3))
    last_day = over.last if over else monday_of(first) + timedelta(weeks=n_weeks)
    assert all(at.date() < last_day + timedelta(weeks=1) for at, _ in seen)
    assert simulated(first, n_weeks, calendar=calendar) == told


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


def test_the_school_holidays_of_a_region_hold_no_message() -> None:
    arguments = ("simulate", "--pack", "doetank", "--from", "2027-02-08", "--region")
    south, north = (doetank_bot(packs_dir(), *arguments, region).stdout for region in ("zuid", "noord"))
    assert "2027-02-15" not in south
    assert "2027-02-15" in north
    assert "2027-02-22" not in north


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
