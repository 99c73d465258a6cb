"""School holidays: the file that comes with the bot, files of an operator, and which region counts for a group."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cast import GROUP, RULES

from doetank_bot.domain.calendar import Holiday
from doetank_bot.domain.group import Region
from doetank_bot.domain.school import parse_school
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.flows.course import calendar_of
from doetank_bot.resources import breaks_file
from doetank_bot.settings import read_school

SHIPPED = read_school(breaks_file())
REGIONS = (Region.NOORD, Region.MIDDEN, Region.ZUID)
SATURDAY, SUNDAY = 5, 6
HEAD = "schema: breaks/1\nbreaks:\n"


@pytest.mark.parametrize("region", REGIONS)
def test_each_shipped_break_runs_from_a_saturday_to_a_sunday_and_they_do_not_overlap(region: Region) -> None:
    assert {one.first.weekday() for one in SHIPPED[region]} == {SATURDAY}
    assert {one.last.weekday() for one in SHIPPED[region]} == {SUNDAY}
    assert all(one.last < other.first for one, other in pairwise(SHIPPED[region]))
    weeks = {"zomervakantie": 6, "kerstvakantie": 2}
    for one in SHIPPED[region]:
        assert one.last - one.first == timedelta(weeks=weeks.get(one.nl, 1), days=1)


@pytest.mark.parametrize("region", REGIONS)
def test_the_school_year_2026_2027_has_all_five_breaks(region: Region) -> None:
    year = [one.nl for one in SHIPPED[region] if one.first < date(2027, 9, 1)]
    assert year == ["herfstvakantie", "kerstvakantie", "voorjaarsvakantie", "meivakantie", "zomervakantie"]


def test_summers_differ_by_region_and_the_may_holiday_does_not() -> None:
    summers = {next(one.first for one in SHIPPED[region] if one.nl == "zomervakantie") for region in REGIONS}
    mays = {next(one.first for one in SHIPPED[region] if one.nl == "meivakantie") for region in REGIONS}
    assert (len(summers), mays) == (3, {date(2027, 4, 24)})


@pytest.mark.parametrize(
    ("own", "usual", "expected"),
    [
        (None, None, None),
        (None, Region.ZUID, Holiday.BREAK),
        (Region.NOORD, Region.ZUID, None),
        (Region.NONE, Region.ZUID, None),
        (Region.ZUID, None, Holiday.BREAK),
    ],
)
def test_the_group_s_own_region_wins_over_the_operator_s(
    own: Region | None, usual: Region | None, expected: Holiday | None
) -> None:
    rules = replace(RULES, region=usual, school=SHIPPED)
    calendar = calendar_of(GROUP.with_settings(region=own), rules)
    assert calendar.name_of(date(2027, 2, 17)) is expected
    assert calendar.is_working(date(2027, 2, 17)) is (expected is None)


def test_every_problem_in_a_file_is_told_with_its_line_and_key() -> None:
    rows = (
        "  - {name: {nl: mei, en: May}, regions: [oost], first: 2027-05-01, last: 2027-05-09}\n"
        "  - {name: {nl: mei}, regions: [zuid], first: 2027-05-01, last: morgen}\n"
        "  - {name: {nl: mei, en: May}, regions: [zuid], first: 2027-05-09, last: 2027-05-01}\n"
    )
    with pytest.raises(Invalid) as caught:
        parse_school(HEAD + rows, "own.yaml")
    assert [(one.line, one.key) for one in caught.value.problems] == [
        (3, "breaks[0].regions[0]"),
        (4, "breaks[1].name.en"),
        (4, "breaks[1].last"),
        (5, "breaks[2].last"),
    ]
    assert all(one.remedy for one in caught.value.problems)


def test_a_file_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="breaks_file"):
        read_school(tmp_path / "gone.yaml")


def test_a_file_of_one_s_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    row = "  - {name: {nl: carnaval, en: carnival}, regions: [zuid], first: 2027-02-08, last: 2027-02-09}\n"
    (tmp_path / "own.yaml").write_text(HEAD + row, encoding="utf-8")
    school = read_school(tmp_path / "own.yaml")
    assert [one.nl for one in school[Region.ZUID]] == ["carnaval"]
    assert school[Region.NOORD] == ()
