"""A cycle on paper: whatever the start and length, it keeps to the calendar, to what a pack may ask, and to reality."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from group import Group, group
from house import AMSTERDAM
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import doetank_bot

from doetank_bot.chat.memory import Shown
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


DAYS = st.dates(date(2026, 1, 1), date(2035, 12, 31))
PINGS = {"prompt.do", "prompt.think"}
HARVEST = [PACK.prompt(name).ask.nl for name in ("H1", "H2", "H3", "H4")]


class Line(NamedTuple):
    at: datetime
    kind: str
    audience: str
    text: str


def at(local: str) -> datetime:
    return datetime.fromisoformat(local)


def simulated(
    first: date, n_weeks: int | None = None, *, calendar: Calendar = CALENDAR, is_silent: bool = False
) -> Simulation:
    return simulate(PACK, first, n_weeks, "nl", calendar, CATALOGUE, is_silent=is_silent)


def lines_of(told: Simulation) -> list[Line]:
    found = [LINE.fullmatch(line) for line in told.lines]
    assert all(found)
    return [Line(at(one[1]), one[2], one[3], one[4]) for one in found if one]


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(4, 16), REGIONS)
def test_every_message_is_on_a_working_day_in_the_window_and_members_are_pinged_twice_a_week_at_most(
    first: date, n_weeks: int, region: Region
) -> None:
    calendar = replace(CALENDAR, school=SCHOOL[region])
    told = simulated(first, n_weeks, calendar=calendar)
    lines = lines_of(told)
    assert lines == sorted(lines, key=lambda one: one.at)
    assert all(calendar.is_open(one.at) for one in lines)
    pings = Counter(monday_of(one.at.date()) for one in lines if one.kind in PINGS)
    assert max(pings.values(), default=0) <= 2
    assert {one.audience for one in lines} == {"group", "coach", "member", "sponsor"}
    digests = [one.at.date() for one in lines if one.kind == "digest.send"]
    assert len(set(digests)) == len(digests)
    over = calendar.school_break(monday_of(first) + timedelta(weeks=n_weeks, days=-3))
    last_day = over.last if over else monday_of(first) + timedelta(weeks=n_weeks)
    assert all(one.at.date() < last_day + timedelta(weeks=1) for one in lines)
    assert simulated(first, n_weeks, calendar=calendar) == told


@settings(max_examples=60, deadline=None)
@given(first=DAYS, n_weeks=st.integers(4, 16), region=REGIONS, is_silent=st.booleans())
def test_every_cycle_asks_the_four_questions_of_its_harvest_before_its_last_digest(
    first: date, n_weeks: int, region: Region, *, is_silent: bool
) -> None:
    calendar = replace(CALENDAR, school=SCHOOL[region])
    lines = lines_of(simulated(first, n_weeks, calendar=calendar, is_silent=is_silent))
    ends = max(one.at for one in lines if one.kind.startswith("digest."))
    expected = [text.replace("{{weeks}}", str(n_weeks)) for text in HARVEST]
    asked = [one.text for one in lines if one.audience == "group" and one.text in expected and one.at < ends]
    assert asked[:4] == expected


def test_the_coach_is_asked_first_and_every_member_in_private_with_the_first_prompt() -> None:
    lines = lines_of(simulated(date(2027, 2, 8)))
    kickoff, personal = ([one for one in lines if one.kind == f"prompt.{kind}"] for kind in ("kickoff", "personal"))
    assert lines[:4] == kickoff
    assert {(one.at, one.audience) for one in kickoff} == {(at("2027-02-08 09:00"), "coach")}
    assert {(one.at, one.audience) for one in personal} == {(at("2027-02-08 09:30"), "member")}
    assert [one.text.split("?")[0] for one in personal] == [
        "Waarom doe jij mee",
        "Wat wil jij na deze 8 weken weten of kunnen",
        "Hoeveel tijd heb jij hier per week voor",
    ]


def test_a_plan_comes_back_two_working_days_later_and_a_digest_has_its_version_for_the_sponsor() -> None:
    lines = lines_of(simulated(date(2027, 2, 8), 4))
    checkins = [one for one in lines if one.kind == "prompt.checkin"]
    assert [one.at for one in checkins] == [at(f"2027-02-{day} 16:00") for day in (10, 17, 24)]
    assert {one.audience for one in checkins} == {"member"}
    sponsor, sent = ([one.at for one in lines if one.kind == f"digest.{kind}"] for kind in ("sponsor", "send"))
    assert sponsor == sent


def test_no_prompt_is_asked_two_weeks_running() -> None:
    texts = [one.text for one in lines_of(simulated(date(2027, 2, 8), 16)) if one.audience == "group"]
    assert all(one != other for one, other in pairwise(texts))


# --- beside a real group


def first_line(shown: Shown) -> str:
    return " · ".join(part for part in shown.text.split("\n")[:2] if part)


def sent_at(shown: Shown) -> datetime:
    return shown.sent_at.astimezone(AMSTERDAM).replace(tzinfo=None)


async def lived(here: Group) -> list[Shown]:
    """The prompts, questions of a series and digests that the room got."""
    await here.house.move_to("2027-03-05 15:00")
    return [shown for shown in here.of_bot() if not shown.is_notice]


def assert_same(real: list[Shown], lines: list[Line]) -> None:
    on_paper = [one for one in lines if one.audience == "group"]
    assert [sent_at(one) for one in real] == [one.at for one in on_paper]
    for shown, line in zip(real, on_paper, strict=True):
        assert line.text in " ".join(shown.text.split()) or line.text == first_line(shown)


async def test_a_silent_cycle_is_lived_as_it_stands_on_paper(tmp_path: Path) -> None:
    async with group(tmp_path, name="Doetank") as here:
        await here.start("vanaf=2027-02-08 weken=4")
        real = await lived(here)
    assert_same(real, lines_of(simulated(date(2027, 2, 8), 4, is_silent=True)))


async def test_a_cycle_in_which_people_answer_is_lived_as_it_stands_on_paper(tmp_path: Path) -> None:
    lines = lines_of(simulated(date(2027, 2, 8), 4))
    async with group(tmp_path, name="Doetank") as here:
        start = await here.start("vanaf=2027-02-08 weken=4")
        kickoff = [one.text for one in lines if one.kind == "prompt.kickoff"]
        for _ in kickoff:
            await here.says(here.maaike, "overslaan", thread=start)
        answered = "\n".join(" ".join(one.text.split()) for one in here.of_bot())
        assert [text for text in kickoff if text not in answered] == []
        for when in [one.at for one in lines if one.kind in PINGS]:
            await here.house.move_to(f"{when:%Y-%m-%d %H:%M}")
            prompt = next(shown for shown in reversed(here.of_bot()) if shown.mentions)
            for person in (here.maaike, here.joke, here.bas):
                await here.says(person, "Ik bel de balie", thread=prompt.ref)
                await here.says(person, "stop", thread=prompt.ref)
        real = await lived(here)
        private = here.joke.private_chat()
        assert private is not None
        asked = [sent_at(shown) for shown in here.joke.sees(private) if "Hoe gaat het ermee?" in shown.text]
    assert_same(real, lines)
    assert asked == [one.at for one in lines if one.kind == "prompt.checkin"]


def test_the_program_prints_it_and_says_on_stderr_what_drops_out() -> None:
    done = doetank_bot(packs_dir(), "simulate", "--pack", "doetank", "--from", "2027-04-26", "--language", "en")
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert first.startswith("2027-04-26 09:00 prompt.kickoff coach ")
    assert "\n2027-04-26 09:30 prompt.do group " in done.stdout
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
