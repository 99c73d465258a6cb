"""A cycle's dated plan: local times, days off, limits, daylight saving time, and steps that are late."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.calendar import Calendar, calendar_for
from doetank_bot.domain.cycle import monday_of, weeks_from
from doetank_bot.domain.pack import Late, Pack
from doetank_bot.domain.schedule import (
    Drop,
    DropReason,
    Now,
    Occurrence,
    Plan,
    Run,
    Wait,
    choose,
    late,
    next_due,
    phase_of,
    plan,
    to_local,
    to_utc,
)
from doetank_bot.resources import packs_dir
from doetank_bot.settings import load_packs

AMSTERDAM = "Europe/Amsterdam"
KRALENDIJK = "America/Kralendijk"
ASK = {"nl": "Wat doe je?", "en": "What do you do?"}
TITLE = {"nl": "Fase", "en": "Phase"}
StepData = Mapping[str, object]
USUAL: tuple[StepData, ...] = (
    {"id": "do", "on": "mon 09:30", "pick": ["V1", "V3"]},
    {"id": "think", "on": "thu 10:00", "pick": ["V2", "V4"], "requires": "action", "otherwise": "V6"},
    {"id": "draft", "on": "fri 11:00", "run": "digest.draft"},
    {"id": "digest", "on": "fri 14:00", "run": "digest.send"},
)


def pack_of(*steps: StepData, limit: int = 2) -> Pack:
    """A pack of two phases with these steps: one week to open, one or more (8 by default in all) to go on."""
    prompts = {name: {"kind": "do", "becomes": "plan", "ask": ASK} for name in ("V1", "V2", "V3", "V4", "V6")}
    phases = [
        {"name": "open", "title": TITLE, "weeks": {"min": 1, "default": 1}, "steps": steps},
        {"name": "go", "title": TITLE, "weeks": {"min": 0, "default": 7, "stretch": 1}, "steps": steps},
    ]
    return Pack.model_validate(
        {
            "schema": "pack/1",
            "name": "small",
            "title": TITLE,
            "weeks": {"min": 1, "default": 8, "max": 16},
            "limits": {"prompts_per_week": limit},
            "prompts": prompts,
            "phases": phases,
        }
    )


def planned(monday: str, n_weeks: int = 1, pack: Pack | None = None, calendar: Calendar | None = None) -> Plan:
    weeks = weeks_from(date.fromisoformat(monday), n_weeks)
    return plan(pack or pack_of(*USUAL), weeks, AMSTERDAM, calendar or calendar_for())


def shown(found: Plan) -> list[str]:
    return [f"{one.planned_local:%Y-%m-%d %H:%M} {one.key}" for one in found.occurrences]


def dropped(found: Plan) -> list[tuple[str, str]]:
    return [(one.key, one.reason.value) for one in found.dropped]


# ------------------------------------------------------------------------------------------- an ordinary week


def test_an_ordinary_week_has_two_prompts_a_draft_and_a_digest_at_local_times() -> None:
    assert shown(planned("2026-03-02")) == [
        "2026-03-02 09:30 w1.do",
        "2026-03-05 10:00 w1.think",
        "2026-03-06 11:00 w1.draft",
        "2026-03-06 14:00 w1.digest",
    ]


def test_monday_half_past_nine_stays_half_past_nine_when_the_clock_changes() -> None:
    found = [one for one in planned("2026-03-23", 2).occurrences if one.key.endswith("do")]
    assert [one.due_at.hour for one in found] == [8, 7]
    assert {one.planned_local.hour for one in found} == {9}


def test_a_step_carries_what_the_pack_says_about_it() -> None:
    think = planned("2026-03-02").occurrences[1]
    assert (think.run, think.prompts, think.requires_action, think.otherwise) == (
        Run.PROMPT,
        ("V2", "V4"),
        True,
        "V6",
    )
    assert (think.week, think.phase, think.late) == (1, "open", Late.NEXT_WINDOW)


def test_weeks_belong_to_the_phases_in_turn() -> None:
    found = planned("2026-08-31", 4)
    assert [one.phase for one in found.occurrences if one.key.endswith(".do")] == ["open", "go", "go", "go"]
    assert [phase_of(pack_of(*USUAL), 4, week).name for week in (0, 1, 2, 4, 9)] == ["open", "open", "go", "go", "go"]


def test_a_pause_of_three_weeks_moves_only_what_comes_after_it() -> None:
    weeks = [date(2026, 8, 31), date(2026, 9, 28)]
    found = plan(pack_of(*USUAL), weeks, AMSTERDAM, calendar_for())
    assert [f"{one.planned_local:%d %b}" for one in found.occurrences if one.run is Run.DIGEST] == ["04 Sep", "02 Oct"]


# ------------------------------------------------------------------------------------------- days off


def test_a_prompt_on_easter_monday_is_asked_on_tuesday_at_its_own_time() -> None:
    assert shown(planned("2026-04-06"))[0] == "2026-04-07 09:30 w1.do"


def test_a_prompt_on_ascension_day_is_asked_on_friday_before_the_digest() -> None:
    assert shown(planned("2026-05-11"))[1] == "2026-05-15 10:00 w1.think"


def test_a_prompt_that_would_meet_the_digest_is_dropped_with_its_reason() -> None:
    pack = pack_of(*USUAL[:1], {**USUAL[1], "on": "thu 15:00"}, *USUAL[2:])
    found = planned("2026-05-11", pack=pack)
    assert dropped(found) == [("w1.think", "no_day")]
    assert found.dropped[0].planned_local == datetime.fromisoformat("2026-05-14T15:00")


def test_the_coach_s_draft_stops_no_prompt_from_moving() -> None:
    pack = pack_of(*USUAL[:1], {**USUAL[1], "on": "thu 12:00"}, *USUAL[2:])
    assert shown(planned("2026-05-11", pack=pack))[2] == "2026-05-15 12:00 w1.think"


def test_a_prompt_never_moves_to_the_day_of_the_next_prompt() -> None:
    off = calendar_for(add=["2026-03-02", "2026-03-03", "2026-03-04"])
    found = planned("2026-03-02", calendar=off)
    assert dropped(found) == [("w1.do", "no_day")]
    assert shown(found)[0] == "2026-03-05 10:00 w1.think"


def test_a_prompt_never_moves_into_the_next_week() -> None:
    pack = pack_of({"id": "do", "on": "fri 09:30", "pick": ["V1"]})
    assert dropped(planned("2027-01-01", pack=pack)) == [("w1.do", "no_day")]


def test_a_digest_on_new_years_day_comes_on_monday_at_its_own_time_with_its_draft() -> None:
    found = planned("2026-12-28", 2)
    assert shown(found)[2:5] == ["2027-01-04 09:30 w2.do", "2027-01-04 11:00 w1.draft", "2027-01-04 14:00 w1.digest"]
    assert found.dropped == ()


def test_a_digest_that_meets_the_next_one_is_absorbed_by_it() -> None:
    off = calendar_for(add=[date(2026, 3, 6) + timedelta(days=n) for n in range(8)])
    found = planned("2026-03-02", 2, calendar=off)
    assert [one for one in shown(found) if "digest" in one] == ["2026-03-16 14:00 w2.digest"]
    assert dropped(found) == [
        ("w1.draft", "absorbed"),
        ("w1.digest", "absorbed"),
        ("w2.do", "no_day"),
        ("w2.think", "no_day"),
    ]


def test_a_moved_draft_still_comes_before_its_digest() -> None:
    pack = pack_of(USUAL[0], {**USUAL[2], "on": "thu 16:00"}, USUAL[3])
    assert shown(planned("2026-05-11", pack=pack))[1:] == ["2026-05-15 09:00 w1.draft", "2026-05-15 14:00 w1.digest"]


# ------------------------------------------------------------------------------------------- outside the window


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("mon 07:00", "2026-03-02 09:00"), ("mon 18:30", "2026-03-03 09:00"), ("mon 17:00", "2026-03-03 09:00")],
)
def test_a_time_outside_the_window_moves_to_the_next_opening(wanted: str, expected: str) -> None:
    pack = pack_of({**USUAL[0], "on": wanted}, *USUAL[2:])
    assert shown(planned("2026-03-02", pack=pack))[0] == f"{expected} w1.do"


def test_a_pack_may_send_outside_the_window_or_skip_there() -> None:
    send = pack_of({**USUAL[0], "on": "sat 20:00", "late": "send"})
    skip = pack_of({**USUAL[0], "on": "sat 20:00", "late": "skip"})
    assert shown(planned("2026-03-02", pack=send)) == ["2026-03-07 20:00 w1.do"]
    assert dropped(planned("2026-03-02", pack=skip)) == [("w1.do", "skipped")]


# ------------------------------------------------------------------------------------------- after the phase began


def test_a_step_after_the_phase_began_counts_from_the_first_opening_of_its_first_working_day() -> None:
    pack = pack_of({"id": "round", "after": "PT20M", "pick": ["V3"]})
    assert shown(planned("2026-04-06", 2, pack)) == ["2026-04-07 09:20 w1.round", "2026-04-13 09:20 w2.round"]


def test_a_step_after_more_than_its_phase_lasts_is_dropped() -> None:
    pack = pack_of({"id": "round", "after": "P8D", "pick": ["V3"]})
    found = planned("2026-03-02", 3, pack)
    assert dropped(found) == [("w1.round", "phase_over")]
    assert shown(found) == ["2026-03-17 09:00 w3.round"]


def test_a_step_after_the_phase_began_moves_along_with_a_pause() -> None:
    pack = pack_of({"id": "round", "after": "P8D", "pick": ["V3"]})
    weeks = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 5, 18)]
    assert shown(plan(pack, weeks, AMSTERDAM, calendar_for())) == ["2026-05-19 09:00 w3.round"]


def test_prompts_that_meet_in_one_week_keep_to_the_limit() -> None:
    # Whit Monday off: six days after Tuesday is next week's Monday.
    steps: tuple[StepData, ...] = (
        {"id": "one", "after": "P6D", "pick": ["V1"]},
        {"id": "two", "after": "P7D", "pick": ["V2"]},
        {"id": "do", "on": "fri 09:30", "pick": ["V3"]},
    )
    found = planned("2026-05-18", 4, pack_of(*steps))
    assert [one for one in found.dropped if one.reason is DropReason.WEEK_FULL]
    per_week = Counter(monday_of(one.planned_local.date()) for one in found.occurrences)
    assert max(per_week.values()) == 2


# ------------------------------------------------------------------------------------------- properties

CLOCK = st.tuples(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), st.integers(0, 23)).map(
    lambda at: f"{at[0]} {at[1]:02}:15"
)
DURATION = st.one_of(st.integers(1, 30).map("P{}D".format), st.integers(1, 400).map("PT{}M".format))


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    n_prompts = draw(st.integers(0, 4))
    once = draw(st.lists(DURATION, max_size=2))
    picks = [
        {"id": f"p{n}", "on": at, "pick": ["V1", "V2"]}
        for n, at in enumerate(draw(st.lists(CLOCK, max_size=n_prompts)))
    ]
    rounds = [{"id": f"r{n}", "after": at, "pick": ["V3"]} for n, at in enumerate(once)]
    runs = [
        {"id": f"d{n}", "on": draw(CLOCK), "run": draw(st.sampled_from(["digest.draft", "digest.send"]))}
        for n in range(draw(st.integers(0, 3)))
    ]
    every: list[StepData] = [*picks, *rounds, *runs]
    steps = draw(st.permutations(every)) or USUAL[:1]
    return pack_of(*steps, limit=max(1, len(picks) + len(rounds)))


PLANS = st.tuples(
    st.one_of(packs(), st.just(pack_of(*USUAL))),
    st.dates(date(2025, 1, 1), date(2037, 1, 1)),
    st.integers(1, 16),
    st.sampled_from([AMSTERDAM, KRALENDIJK]),
    st.lists(st.integers(0, 120), max_size=25),
)


def made(pack: Pack, first: date, n_weeks: int, timezone: str, off: list[int]) -> tuple[Plan, Calendar]:
    calendar = calendar_for(add=[first + timedelta(days=ahead) for ahead in off])
    return plan(pack, weeks_from(first, n_weeks), timezone, calendar), calendar


@given(PLANS)
def test_no_week_has_more_prompts_than_the_pack_allows(case: tuple[Pack, date, int, str, list[int]]) -> None:
    found, _ = made(*case)
    asked = Counter(monday_of(one.planned_local.date()) for one in found.occurrences if one.run is Run.PROMPT)
    assert max(asked.values(), default=0) <= case[0].limits.prompts_per_week


@given(PLANS)
def test_nothing_is_planned_outside_the_window_or_on_a_day_off(case: tuple[Pack, date, int, str, list[int]]) -> None:
    found, calendar = made(*case)
    assert all(calendar.is_open(one.planned_local) for one in found.occurrences)


@given(PLANS)
def test_every_step_is_planned_once_or_dropped_with_a_reason(case: tuple[Pack, date, int, str, list[int]]) -> None:
    pack, _, n_weeks, *_ = case
    found, _ = made(*case)
    keys = [one.key for one in found.occurrences] + [one.key for one in found.dropped]
    weekly = sum(1 for step in pack.phases[0].steps if step.on)
    n_phases = 1 if n_weeks == 1 else 2
    assert len(set(keys)) == len(keys) == weekly * n_weeks + (len(pack.phases[0].steps) - weekly) * n_phases


@given(PLANS)
def test_the_plan_is_in_order_and_keeps_the_order_of_prompts_and_of_digests(
    case: tuple[Pack, date, int, str, list[int]],
) -> None:
    found, _ = made(*case)
    due = [one.due_at for one in found.occurrences]
    assert due == sorted(due)
    for run in (Run.DIGEST, Run.DRAFT):
        weeks = [one.week for one in found.occurrences if one.run is run]
        assert weeks == sorted(weeks)


@given(PLANS)
def test_the_usual_prompts_keep_their_order_and_no_day_has_two(case: tuple[Pack, date, int, str, list[int]]) -> None:
    found, _ = made(pack_of(*USUAL), *case[1:])
    prompts = [one for one in found.occurrences if one.run is Run.PROMPT]
    wanted = [(one.week, ("do", "think").index(one.key.split(".")[1])) for one in prompts]
    assert wanted == sorted(wanted)
    assert len({one.planned_local.date() for one in prompts}) == len(prompts)


@given(PLANS)
def test_every_draft_comes_before_its_digest(case: tuple[Pack, date, int, str, list[int]]) -> None:
    found, _ = made(pack_of(*USUAL), *case[1:])
    digests = {one.week: one.planned_local for one in found.occurrences if one.run is Run.DIGEST}
    drafts = {one.week: one.planned_local for one in found.occurrences if one.run is Run.DRAFT}
    assert all(drafts[week] < digests[week] for week in drafts)
    assert drafts.keys() == digests.keys()


@given(PLANS)
def test_the_same_input_gives_the_same_plan_and_instants_are_utc(case: tuple[Pack, date, int, str, list[int]]) -> None:
    found, _ = made(*case)
    assert found == made(*case)[0]
    assert all(one.due_at.tzinfo is UTC for one in found.occurrences)
    assert all(to_local(one.due_at, case[3]) == one.planned_local for one in found.occurrences)


# ------------------------------------------------------------------------------------------- choosing in turn


def occurrence(run: Run = Run.PROMPT, due: str = "2026-03-02T08:30", **changes: object) -> Occurrence:
    due_at = datetime.fromisoformat(due).replace(tzinfo=UTC)
    base: dict[str, object] = {"prompts": ("V1", "V3", "V4"), "late": Late.NEXT_WINDOW}
    return Occurrence("w1.do", 1, "open", run, to_local(due_at, AMSTERDAM), due_at, **{**base, **changes})  # type: ignore[arg-type]


def test_prompts_are_asked_in_turn() -> None:
    asked: list[str] = []
    for _ in range(7):
        found = choose(occurrence(), asked, has_action=False)
        assert found is not None
        asked.append(found)
    assert asked == ["V1", "V3", "V4", "V1", "V3", "V4", "V1"]


@given(st.lists(st.sampled_from(["V1", "V3", "V4", "V9"]), max_size=12))
def test_last_weeks_prompt_is_never_asked_again(asked: list[str]) -> None:
    found = choose(occurrence(), asked, has_action=True)
    assert not asked or found != asked[-1]


def test_without_an_action_the_other_prompt_is_asked_or_none() -> None:
    step = occurrence(requires_action=True, otherwise="V6")
    assert choose(step, [], has_action=False) == "V6"
    assert choose(step, [], has_action=True) == "V1"
    assert choose(occurrence(requires_action=True), [], has_action=False) is None
    assert choose(occurrence(Run.RESUME, prompts=()), [], has_action=True) is None


# ------------------------------------------------------------------------------------------- daylight saving time


def changes_of_clock(timezone: str) -> Iterator[tuple[datetime, timedelta]]:
    """Every change of offset from 2025 to 2037: its UTC instant and by how much the clock jumps."""
    zone = ZoneInfo(timezone)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    while at.year < 2038:
        following = at + timedelta(hours=1)
        before, after = at.astimezone(zone).utcoffset(), following.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            yield following, after - before
        at = following


def test_every_change_in_amsterdam_until_2037_gives_each_local_time_one_instant() -> None:
    found = list(changes_of_clock(AMSTERDAM))
    assert len(found) == 26
    for instant, jump in found:
        before = to_local(instant - timedelta(minutes=1), AMSTERDAM) + timedelta(minutes=1)
        if jump > timedelta():
            skipped = [before + timedelta(minutes=n) for n in range(60)]
            assert {to_utc(local, AMSTERDAM) for local in skipped} == {instant}
            assert to_utc(before + timedelta(minutes=60), AMSTERDAM) == instant
        else:
            twice = [before - timedelta(minutes=n) for n in range(1, 61)]
            assert [to_utc(local, AMSTERDAM) for local in twice] == [
                instant - timedelta(minutes=n) for n in range(1, 61)
            ]
        assert to_utc(before - timedelta(minutes=61), AMSTERDAM) == instant - timedelta(minutes=61)


def test_a_weekly_nine_o_clock_is_once_a_week_around_every_change() -> None:
    for timezone in (AMSTERDAM, KRALENDIJK):
        mondays = weeks_from(date(2025, 1, 6), 52 * 13)
        instants = [to_utc(datetime.combine(day, time(9)), timezone) for day in mondays]
        assert len(set(instants)) == len(mondays)
        assert {to_local(instant, timezone).hour for instant in instants} == {9}


def test_kralendijk_has_no_change_of_clock() -> None:
    assert not list(changes_of_clock(KRALENDIJK))
    assert to_utc(datetime.fromisoformat("2026-03-29T02:30"), KRALENDIJK) == datetime(2026, 3, 29, 6, 30, tzinfo=UTC)


def test_a_clock_that_jumps_half_an_hour_is_followed_too() -> None:
    assert to_utc(datetime.fromisoformat("2026-10-04T02:10"), "Australia/Lord_Howe") == datetime(
        2026, 10, 3, 15, 30, tzinfo=UTC
    )


@given(
    st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2037-12-31")),
    st.sampled_from([AMSTERDAM, KRALENDIJK]),
)
def test_a_later_local_time_is_never_an_earlier_instant(local: datetime, timezone: str) -> None:
    assert to_utc(local, timezone) <= to_utc(local + timedelta(minutes=30), timezone)


# ------------------------------------------------------------------------------------------- late steps


def verdict(one: Occurrence, now: str, until: str | None = None) -> object:
    ends = None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC)
    return late(one, datetime.fromisoformat(now).replace(tzinfo=UTC), calendar_for(), AMSTERDAM, ends)


def at(text: str) -> Wait:
    return Wait(datetime.fromisoformat(text).replace(tzinfo=UTC))


THINK = "2026-03-05T09:00"


def test_within_an_hour_a_step_goes_out_as_if_nothing_happened() -> None:
    assert verdict(occurrence(), "2026-03-02T08:30", THINK) == Now()
    assert verdict(occurrence(late=Late.SKIP), "2026-03-02T09:30", THINK) == Now()


def test_a_step_that_is_not_due_yet_waits() -> None:
    assert verdict(occurrence(), "2026-03-02T08:29", THINK) == at("2026-03-02T08:30")


def test_a_prompt_that_is_hours_late_is_asked_now_in_the_window() -> None:
    assert verdict(occurrence(), "2026-03-03T12:00", THINK) == Now()


def test_a_prompt_that_is_late_in_the_evening_waits_for_the_morning() -> None:
    assert verdict(occurrence(), "2026-03-02T20:00", THINK) == at("2026-03-03T08:00")


def test_a_prompt_is_dropped_when_the_next_step_is_due_or_will_be() -> None:
    assert verdict(occurrence(), THINK, THINK) == Drop()
    assert verdict(occurrence(), "2026-03-04T20:00", "2026-03-05T08:00") == Drop()


def test_a_late_digest_goes_out_at_the_next_window_and_is_dropped_only_for_the_next_digest() -> None:
    digest = occurrence(Run.DIGEST, "2026-03-06T13:00")
    assert verdict(digest, "2026-03-06T15:30", "2026-03-13T13:00") == Now()
    assert verdict(digest, "2026-03-07T10:00", "2026-03-13T13:00") == at("2026-03-09T08:00")
    assert verdict(digest, "2026-03-07T10:00") == at("2026-03-09T08:00")
    assert verdict(digest, "2026-03-13T13:00", "2026-03-13T13:00") == Drop()


def test_a_late_step_waits_over_a_holiday() -> None:
    assert verdict(occurrence(Run.DIGEST, "2026-04-03T12:00"), "2026-04-03T16:00") == at("2026-04-07T07:00")


def test_a_pack_may_never_wait_or_rather_skip() -> None:
    assert verdict(occurrence(late=Late.SEND), "2026-03-02T22:00", THINK) == Now()
    assert verdict(occurrence(late=Late.SKIP), "2026-03-02T12:00", THINK) == Drop()


def test_going_on_after_a_pause_never_waits() -> None:
    assert verdict(occurrence(Run.RESUME), "2026-03-08T03:00") == Now()


def test_what_makes_a_step_pointless_is_the_next_prompt_or_digest_its_digest_or_the_next_one() -> None:
    schedule = planned("2026-03-02", 2).occurrences
    ends = {one.key: next_due(one, schedule) for one in schedule}
    due = {one.key: one.due_at for one in schedule}
    assert ends["w1.do"] == due["w1.think"]
    assert ends["w1.think"] == due["w1.digest"]
    assert ends["w1.draft"] == due["w1.digest"]
    assert ends["w1.digest"] == due["w2.digest"]
    assert ends["w2.digest"] is None


@given(
    st.sampled_from(list(Run)),
    st.integers(0, 60 * 24 * 20),
    st.one_of(st.none(), st.integers(1, 60 * 24 * 10)),
)
def test_a_late_step_goes_out_in_the_window_or_waits_until_it_opens(run: Run, minutes: int, ends: int | None) -> None:
    one = occurrence(run)
    now = one.due_at + timedelta(minutes=minutes)
    end = None if ends is None else one.due_at + timedelta(minutes=ends)
    found = late(one, now, calendar_for(), AMSTERDAM, end)
    if isinstance(found, Wait):
        assert found.until > now
        assert calendar_for().is_open(to_local(found.until, AMSTERDAM))
        assert end is None or found.until < end
    if isinstance(found, Now) and run is not Run.RESUME and minutes > 60:
        assert calendar_for().is_open(to_local(now, AMSTERDAM))
        assert end is None or now < end


# ------------------------------------------------------------------------------------------- the harvest


def test_a_harvest_in_a_holiday_waits_until_that_is_over() -> None:
    doetank = load_packs([packs_dir()])["doetank"]
    off = calendar_for(add=[date(2026, 3, 24) + timedelta(days=n) for n in range(6)])
    last = [one for one in shown(planned("2026-03-02", 4, doetank, off)) if " w4." in one]
    assert last == [
        "2026-03-30 09:30 w4.do",
        "2026-03-31 10:00 w4.think",
        "2026-04-03 11:00 w4.draft",
        "2026-04-03 14:00 w4.digest",
    ]


@pytest.mark.parametrize("timezone", [AMSTERDAM, KRALENDIJK])
def test_on_each_day_of_a_change_until_2037_every_quarter_of_an_hour_comes_once_and_in_order(timezone: str) -> None:
    for change, _jump in changes_of_clock(AMSTERDAM):
        midnight = datetime.combine(to_local(change, AMSTERDAM).date(), time())
        quarters = [midnight + timedelta(minutes=15 * n) for n in range(96)]
        instants = [to_utc(local, timezone) for local in quarters]
        assert instants == sorted(instants)
        for local, instant in zip(quarters, instants, strict=True):
            shown = to_local(instant, timezone)
            is_skipped = to_local(instant - timedelta(minutes=1), timezone) + timedelta(minutes=1) != shown
            assert shown == local or (is_skipped and local < shown <= local + timedelta(hours=1))
            # Nothing before it shows that time already: of a time that comes twice it is the first.
            assert to_local(instant - timedelta(hours=1), timezone) != local
