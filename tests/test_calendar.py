"""Days off by the Cao Gemeenten, what an operator adds and skips, and the hours in which the bot writes."""

from datetime import date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.calendar import Calendar, Holiday, Window, calendar_for, easter, next_working_day

# Written out by hand from the known dates of Easter: Easter Monday, King's Day, Ascension Day, Whit Monday.
MOVABLE = {
    2026: ("04-06", "04-27", "05-14", "05-25"),
    2027: ("03-29", "04-27", "05-06", "05-17"),
    2028: ("04-17", "04-27", "05-25", "06-05"),
    2029: ("04-02", "04-27", "05-10", "05-21"),
    2030: ("04-22", "04-27", "05-30", "06-10"),
    2031: ("04-14", "04-26", "05-22", "06-02"),
    2032: ("03-29", "04-27", "05-06", "05-17"),
    2033: ("04-18", "04-27", "05-26", "06-06"),
    2034: ("04-10", "04-27", "05-18", "05-29"),
    2035: ("03-26", "04-27", "05-03", "05-14"),
}
FIXED = {"01-01": "new_year", "05-05": "liberation_day", "12-25": "christmas_day", "12-26": "boxing_day"}
NAMES = ("easter_monday", "kings_day", "ascension_day", "whit_monday")

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def days_off(calendar: Calendar, year: int) -> dict[str, str]:
    named = ((day, calendar.name_of(day)) for day in days_of(year))
    return {day.isoformat(): name.value for day, name in named if name is not None}


def test_the_days_off_of_2027_are_those_of_the_cao_gemeenten() -> None:
    assert days_off(calendar_for(), 2027) == {
        "2027-01-01": "new_year",
        "2027-03-29": "easter_monday",
        "2027-04-27": "kings_day",
        "2027-05-05": "liberation_day",
        "2027-05-06": "ascension_day",
        "2027-05-17": "whit_monday",
        "2027-12-25": "christmas_day",
        "2027-12-26": "boxing_day",
    }


@pytest.mark.parametrize("year", MOVABLE)
def test_ten_years_are_those_of_the_table(year: int) -> None:
    expected = FIXED | dict(zip(MOVABLE[year], NAMES, strict=True))
    assert days_off(calendar_for(), year) == {f"{year}-{day}": name for day, name in expected.items()}


@pytest.mark.parametrize("year", range(2026, 2036))
def test_ten_years_agree_with_the_holidays_package_but_for_good_friday_and_the_fifth_of_may(year: int) -> None:
    known = {day for day, _ in holidays.country_holidays("NL", years=year).items() if day.year == year}
    sundays = {easter(year), easter(year) + timedelta(days=49)}
    good_friday = easter(year) - timedelta(days=2)
    expected = known - sundays - {good_friday} | {date(year, 5, 5)}
    assert {date.fromisoformat(day) for day in days_off(calendar_for(), year)} == expected


@pytest.mark.parametrize("year", range(2026, 2036))
def test_good_friday_is_worked_and_the_fifth_of_may_is_not(year: int) -> None:
    calendar = calendar_for()
    assert calendar.is_working(easter(year) - timedelta(days=2))
    assert not calendar.is_working(date(year, 5, 5))


def test_kings_day_moves_to_saturday_when_it_falls_on_a_sunday() -> None:
    assert calendar_for().name_of(date(2031, 4, 26)) is Holiday.KINGS_DAY
    assert calendar_for().name_of(date(2031, 4, 27)) is None
    assert calendar_for().is_working(date(2031, 4, 28))


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_an_operator_adds_days_by_date_by_yearly_date_and_by_name() -> None:
    calendar = calendar_for(add=["2027-05-07", date(2027, 5, 10), "10-03", "good_friday"])
    assert calendar.name_of(date(2027, 5, 7)) is Holiday.DAY_OFF
    assert calendar.name_of(date(2027, 5, 10)) is Holiday.DAY_OFF
    assert not calendar.is_working(date(2028, 10, 3))
    assert calendar.name_of(date(2027, 3, 26)) is Holiday.GOOD_FRIDAY
    assert calendar.is_working(date(2028, 5, 8))


def test_an_operator_skips_days_by_date_by_yearly_date_and_by_name() -> None:
    calendar = calendar_for(skip=["2027-04-27", "12-24", "liberation_day"], add=["12-24"])
    assert calendar.is_working(date(2027, 4, 27))
    assert not calendar.is_working(date(2026, 4, 27))
    assert calendar.is_working(date(2027, 12, 24))
    assert calendar.is_working(date(2027, 5, 5))


@pytest.mark.parametrize("day", ["2027-02-30", "13-01", "02-30", "pasen", "", "day_off", "٠١-٠٢"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        calendar_for(add=[day])


def test_the_twenty_ninth_of_february_can_be_a_yearly_day_off() -> None:
    assert not calendar_for(add=["02-29"]).is_working(date(2028, 2, 29))


@given(DAYS)
def test_the_next_working_day_is_the_first_one_that_is_worked(day: date) -> None:
    calendar = calendar_for()
    found = next_working_day(day, calendar)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days)]
    assert found > day
    assert calendar.is_working(found)
    assert not any(map(calendar.is_working, between))


def test_a_year_without_working_days_is_an_error_and_no_endless_search() -> None:
    every_day = [f"{day.month:02}-{day.day:02}" for day in days_of(2028)]
    with pytest.raises(ValueError, match="no working day"):
        next_working_day(date(2027, 1, 1), calendar_for(add=every_day))


@given(st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2038-01-01")))
def test_the_next_opening_is_the_first_later_moment_at_which_the_window_opens(local: datetime) -> None:
    calendar = calendar_for()
    opening = calendar.next_opening(local)
    assert opening > local
    assert calendar.is_open(opening)
    assert not calendar.is_open(opening - timedelta(minutes=1))
    n_days = (opening.date() - local.date()).days + 1
    earlier = [datetime.combine(local.date() + timedelta(days=n), time(9)) for n in range(n_days)]
    assert [at for at in earlier if at > local and calendar.is_open(at)] == [opening]


def test_the_window_is_open_at_nine_and_closed_at_five() -> None:
    assert time(9) in Window()
    assert time(16, 59) in Window()
    assert time(17) not in Window()
    assert time(8, 59) not in Window()


def test_at_the_opening_itself_the_next_opening_is_tomorrow() -> None:
    opening = datetime.fromisoformat("2027-03-30T09:00")
    assert calendar_for().next_opening(opening) == opening + timedelta(days=1)
