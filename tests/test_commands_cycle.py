"""Leading a cycle by command: start, status, preview, pause, resume, end, a prompt and a digest before their time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cast import (
    BAS,
    GROUP,
    MAAIKE,
    MONDAY,
    PACKS,
    PRIVATE,
    ROOM,
    WEDNESDAY,
    FakeKept,
    contribution,
    cycle,
    message,
    of_type,
    recorded,
    run,
    said,
    scene,
    schedule,
    the,
)

from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import ANSWER, Open, Purpose, Say, Show, StoreCycle
from doetank_bot.domain.error import UserError
from doetank_bot.domain.reference import Private, Room, Thread
from doetank_bot.domain.schedule import Run
from doetank_bot.flows.kickoff import KickoffState

THURSDAY_IN_WEEK_1 = datetime(2027, 2, 11, 12, 0, tzinfo=UTC)


def slip(text: str, *given: Any, **how: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        run(text, *given, **how)
    return raised.value


# --- start


def test_two_words_start_a_cycle_with_every_default() -> None:
    effects = run("cycle start", scene())
    stored = the(effects, StoreCycle)
    assert (stored.cycle.title, stored.cycle.pack, len(stored.cycle.weeks)) == ("Parkeren", "doetank", 8)
    assert stored.cycle.weeks[0] == MONDAY
    assert stored.cycle.coach == MAAIKE.user
    assert stored.schedule == schedule(stored.cycle)


def test_a_start_shows_the_dated_preview_as_a_reply_and_asks_one_thing_in_its_thread() -> None:
    effects = run("cycle start", scene())
    preview, question, opened = the(effects, Show), the(effects, Say), the(effects, Open)
    assert (preview.reply_to, preview.is_notice, preview.about) == (message("command"), True, ANSWER)
    assert "8 februari" in said([preview])
    assert question.to == opened.place == Thread(message("command"))
    assert opened.state == KickoffState(needs_title=False)
    assert said([question]).count("?") == 1


def test_all_arguments_are_used() -> None:
    effects = run('ronde start "Papier" weken=4 vanaf=2027-02-18', scene())
    stored = the(effects, StoreCycle).cycle
    assert (stored.title, len(stored.weeks), stored.weeks[0]) == ("Papier", 4, date(2027, 2, 15))


def test_a_room_without_a_name_makes_the_title_one_of_the_questions() -> None:
    nameless = scene(group=replace(GROUP, name=""))
    assert the(run("cycle start", nameless), Open).state == KickoffState(needs_title=True)
    assert the(run("cycle start", nameless), StoreCycle).cycle.title == "Doetank"
    assert the(run("cycle start Papier", nameless), Open).state == KickoffState(needs_title=False)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2027, 2, 8, 7, 59, tzinfo=UTC), date(2027, 2, 8)),
        (datetime(2027, 2, 8, 8, 0, tzinfo=UTC), date(2027, 2, 15)),
        (datetime(2027, 2, 14, 22, 30, tzinfo=UTC), date(2027, 2, 15)),
        (datetime(2027, 3, 24, 12, 0, tzinfo=UTC), date(2027, 4, 5)),  # 29 March is Easter Monday
    ],
)
def test_the_default_is_the_next_working_monday_and_today_before_nine(now: datetime, first: date) -> None:
    assert the(run("cycle start", scene(now=now)), StoreCycle).cycle.weeks[0] == first


def test_a_cycle_that_starts_on_a_monday_afternoon_leaves_out_what_is_past() -> None:
    now = datetime(2027, 2, 8, 12, 0, tzinfo=UTC)
    stored = the(run("cycle start vanaf=2027-02-08", scene(now=now)), StoreCycle)
    assert "w1.do" not in {one.key for one in stored.schedule}
    assert min(one.due_at for one in stored.schedule) > now


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("cycle start weeks=3", "cycle.no_such_length"),
        ("cycle start weeks=17", "cycle.no_such_length"),
        ("cycle start pack=nergens", "cycle.no_such_pack"),
        ("cycle start from=2027-01-04", "cycle.from_past"),
        ("cycle start from=2027-02-05", "cycle.from_past"),
        ("cycle start from=2029-02-05", "cycle.from_far"),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_an_example(typed: str, key: str) -> None:
    found = slip(typed, scene())
    assert found.key == key
    assert "!ronde start" in said([Say(Room(ROOM), found.key, found.params)])


def test_a_second_start_is_refused_with_what_to_do_instead() -> None:
    found = slip("cycle start", scene(cycle=cycle()))
    text = said([Say(Room(ROOM), found.key, found.params)])
    assert "Parkeren" in text
    assert "!ronde einde" in text


# --- who may, where, when


@pytest.mark.parametrize(
    "typed", ["cycle start", "cycle pause", "cycle end", "prompt now", "digest send", "question X"]
)
def test_who_does_not_moderate_for_certain_may_not_lead(typed: str) -> None:
    for unsure in (False, None):
        assert slip(typed, scene(is_moderator=unsure, cycle=cycle())).key == "error.moderators_only"


def test_a_cycle_is_not_started_where_the_group_cannot_see_it() -> None:
    assert slip("cycle start", scene(is_private=True, place=Room(PRIVATE))).key == "error.in_room"


def test_a_command_that_waited_is_answered_and_not_carried_out_but_words_are_kept() -> None:
    late = WEDNESDAY - timedelta(minutes=11)
    assert slip("cycle start", scene(), said_at=late).key == "error.waited"
    assert recorded(run("observe iets", scene(), said_at=late)).text == "iets"


def test_in_private_with_several_groups_nothing_is_kept_and_the_way_is_told() -> None:
    lost = scene(group=None, sender=None, is_private=True, n_groups=2)
    assert slip("observe iets", lost).key == "error.which_group"
    assert slip("observe iets", replace(lost, n_groups=0)).key == "error.no_group"


# --- status and preview


def test_status_says_where_we_are_and_what_comes() -> None:
    now = cycle()
    text = said(
        run("cycle", scene(cycle=now, now=THURSDAY_IN_WEEK_1), FakeKept(steps=schedule(now, THURSDAY_IN_WEEK_1)))
    )
    assert "week 1 van 8" in text
    assert "12 februari" in text


def test_status_without_paused_and_before_the_first_week_says_so() -> None:
    assert slip("cycle", scene()).key == "cycle.none"
    assert "8 februari" in said(run("cycle", scene(cycle=cycle())))
    paused = cycle(state=CycleState.PAUSED, paused_on=date(2027, 2, 9))
    assert "9 februari" in said(run("cycle", scene(cycle=paused)))


def test_a_cycle_whose_pack_was_taken_away_or_shortened_says_so() -> None:
    assert slip("cycle", scene(cycle=cycle(pack="weg"))).key == "cycle.pack_gone"
    assert slip("cycle", scene(cycle=cycle(weeks=cycle().weeks * 3))).key == "cycle.pack_gone"


def test_preview_shows_what_is_still_to_come() -> None:
    now = cycle()
    text = said(run("cycle preview", scene(cycle=now), FakeKept(steps=schedule(now))))
    assert "8 februari" in text
    assert len(text.splitlines()) <= 16


# --- pause, resume, end


def test_a_pause_empties_the_schedule_and_a_day_brings_one_step_back() -> None:
    effects = run("cycle pause", scene(cycle=cycle()))
    assert (the(effects, StoreCycle).cycle.state, the(effects, StoreCycle).schedule) == (CycleState.PAUSED, ())
    [step] = the(run("ronde pauze tot 27 maart", scene(cycle=cycle())), StoreCycle).schedule
    assert (step.run, step.planned_local) == (Run.RESUME, datetime(2027, 3, 30, 9, 0))  # noqa: DTZ001 - local by contract


@pytest.mark.parametrize(("day", "key"), [("3-2-2027", "cycle.until_past"), ("3-2-2029", "cycle.until_far")])
def test_a_pause_until_a_day_that_cannot_be_is_refused(day: str, key: str) -> None:
    assert slip(f"cycle pause {day}", scene(cycle=cycle())).key == key


def test_after_a_pause_of_two_weeks_everything_to_come_is_two_weeks_later() -> None:
    paused = cycle(state=CycleState.PAUSED, paused_on=date(2027, 2, 16))
    back = scene(cycle=paused, now=datetime(2027, 3, 2, 9, 0, tzinfo=UTC))
    stored = the(run("cycle resume", back, FakeKept()), StoreCycle)
    assert stored.cycle.state is CycleState.RUNNING
    assert stored.cycle.weeks[:3] == (date(2027, 2, 8), date(2027, 3, 1), date(2027, 3, 8))
    assert stored.schedule == schedule(stored.cycle, back.now)


def test_a_digest_that_was_sent_this_week_does_not_come_back_by_a_pause() -> None:
    settled = ("w1.draft", "w1.digest")
    paused = cycle(state=CycleState.PAUSED, paused_on=date(2027, 2, 11), settled=settled)
    back = scene(cycle=paused, now=THURSDAY_IN_WEEK_1)
    kept = FakeKept(n_digests=1, since=THURSDAY_IN_WEEK_1 - timedelta(hours=1))
    keys = {one.key for one in the(run("cycle resume", back, kept), StoreCycle).schedule}
    assert "w1.digest" not in keys
    assert "w2.digest" in keys


def test_pausing_twice_and_resuming_what_runs_are_slips() -> None:
    assert slip("cycle resume", scene(cycle=cycle())).key == "cycle.not_paused"
    paused = cycle(state=CycleState.PAUSED, paused_on=date(2027, 2, 9))
    assert slip("cycle pause", scene(cycle=paused)).key == "cycle.not_running"


def test_an_end_is_final_and_leaves_nothing_planned() -> None:
    stored = the(run("cycle end", scene(cycle=cycle())), StoreCycle)
    assert (stored.cycle.state, stored.cycle.ended_at, stored.schedule) == (CycleState.ENDED, WEDNESDAY, ())


# --- a prompt now


def test_a_prompt_now_goes_to_the_room_pings_the_active_members_and_is_counted_as_asked() -> None:
    now = cycle()
    effects = run("prompt now", scene(cycle=now), FakeKept(steps=schedule(now)))
    post = next(one for one in of_type(effects, Show) if one.about.purpose is Purpose.PROMPT)
    assert (post.to, post.is_notice, post.mentions) == (Room(ROOM), False, (MAAIKE.user, BAS.user))
    assert post.about.prompt == schedule(now)[0].prompts[0]
    assert not of_type(effects, StoreCycle), "next week's prompt stays planned"


def test_this_weeks_next_prompt_is_brought_forward_not_asked_twice() -> None:
    now, tuesday = cycle(), datetime(2027, 2, 9, 12, 0, tzinfo=UTC)
    effects = run("prompt now", scene(cycle=now, now=tuesday), FakeKept(steps=schedule(now, tuesday)))
    keys = {one.key for one in the(effects, StoreCycle).schedule}
    assert "w1.think" not in keys
    assert "w1.digest" in keys


def test_a_named_prompt_is_asked_whatever_its_case_and_an_unknown_one_refused() -> None:
    effects = run("opdracht nu v1", scene(cycle=cycle()))
    assert of_type(effects, Show)[0].about.prompt == "V1"
    assert slip("opdracht nu V999", scene(cycle=cycle())).key == "prompt.no_such"


def test_the_question_stands_in_a_prompt_as_a_quote_so_that_an_edit_reaches_it() -> None:
    question = contribution(3, ContributionKind.QUESTION, "Waarom **elk** jaar?")
    named = next(name for name, one in PACKS["doetank"].prompts.items() if "{{question}}" in one.ask.nl)
    effects = run(f"prompt now {named}", scene(cycle=cycle()), FakeKept((question,)))
    text = said(of_type(effects, Show))
    assert "Waarom **elk** jaar?" in text
    assert "{{" not in text


# --- the digest


def with_words() -> FakeKept:
    return FakeKept((contribution(4, ContributionKind.OBSERVATION, "Twee mensen stonden buiten."),), schedule(cycle()))


def test_a_preview_goes_to_whoever_asked_in_private_with_one_line_in_the_room() -> None:
    effects = run("digest preview", scene(cycle=cycle(), sender=BAS, is_moderator=False), with_words())
    draft, line = the(effects, Show), the(effects, Say)
    assert (draft.to, draft.about.purpose) == (Private(BAS.user), Purpose.DRAFT)
    assert "Twee mensen stonden buiten." in said([draft])
    assert "Twee mensen" not in said([line])


def test_asked_in_private_the_preview_is_the_answer() -> None:
    effects = run("digest preview", scene(cycle=cycle(), is_private=True, place=Room(PRIVATE)), with_words())
    assert the(effects, Show).to == Private(MAAIKE.user)


def test_a_digest_sent_early_pings_nobody_and_this_weeks_own_does_not_go_again() -> None:
    now = scene(cycle=cycle(), now=THURSDAY_IN_WEEK_1)
    effects = run("digest send", now, replace(with_words(), steps=schedule(cycle(), THURSDAY_IN_WEEK_1)))
    post, stored = the(effects, Show), the(effects, StoreCycle)
    assert (post.to, post.is_notice, post.mentions, post.about.digest) == (Room(ROOM), False, (), 1)
    keys = {one.key for one in stored.schedule}
    assert not keys & {"w1.draft", "w1.digest"}
    assert {"w2.draft", "w2.digest"} <= keys


def test_a_digest_with_nothing_new_is_not_sent() -> None:
    assert slip("digest send", scene(cycle=cycle()), FakeKept(steps=schedule(cycle()))).key == (
        "command.digest_nothing_new"
    )
