"""What goes out when its time has come, and how a cycle ends by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cast import (
    BAS,
    CATALOGUE,
    GROUP,
    MAAIKE,
    PACKS,
    ROOM,
    RULES,
    contribution,
    cycle,
    of_type,
    said,
    scene,
    schedule,
    the,
)

from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import Effect, Purpose, Say, Show, StoreCycle
from doetank_bot.domain.reference import Private, Room
from doetank_bot.domain.schedule import Occurrence, Run
from doetank_bot.domain.view import Material
from doetank_bot.flows import course
from doetank_bot.flows.stage import Stage
from doetank_bot.flows.steps import dropped, fire

ALL = schedule(cycle())
WORDS_OF_BAS = contribution(4, ContributionKind.OBSERVATION, "Twee mensen stonden buiten.")


def step(key: str) -> Occurrence:
    return next(one for one in ALL if one.key == key)


def stage(**changes: Any) -> Stage:
    return replace(Stage(cycle(), GROUP, Material((WORDS_OF_BAS,), (MAAIKE, BAS)), waiting=ALL), **changes)


def fired(one: Occurrence, known: Stage | None = None, late: timedelta = timedelta()) -> tuple[Effect, ...]:
    known = known or stage()
    at = scene(now=one.due_at + late, place=Room(ROOM), sender=None, source=None, cycle=known.cycle)
    return fire(one, at, RULES, known, CATALOGUE).effects


def test_a_prompt_is_a_message_to_the_room_that_pings_the_active_members() -> None:
    post = the(fired(step("w1.do")), Show)
    assert (post.to, post.is_notice, post.mentions) == (Room(ROOM), False, (MAAIKE.user, BAS.user))
    assert (post.about.purpose, post.about.prompt) == (Purpose.PROMPT, step("w1.do").prompts[0])
    assert "{{" not in said([post])


def test_the_next_prompt_in_turn_is_another_one() -> None:
    one = next(one for one in ALL if len(one.prompts) > 1 and not one.requires_action)
    again = the(fired(one, stage(asked=(one.prompts[0],))), Show)
    assert again.about.prompt == one.prompts[1]


def test_a_step_that_needs_an_action_asks_something_else_without_one() -> None:
    one = next(one for one in ALL if one.requires_action)
    assert the(fired(one), Show).about.prompt == one.otherwise
    plan = contribution(5, ContributionKind.PLAN, "Dinsdag bel ik.")
    with_plan = stage(material=Material((plan,), (BAS,), has_action=True))
    assert the(fired(one, with_plan), Show).about.prompt in one.prompts


def test_a_message_over_an_hour_late_says_for_when_it_was_meant() -> None:
    assert "bedoeld" not in said(fired(step("w1.do"), late=timedelta(minutes=59)))
    assert "8 februari, 09:30" in said(fired(step("w1.do"), late=timedelta(hours=2)))
    assert "12 februari, 14:00" in said(fired(step("w1.digest"), late=timedelta(days=3)))


def test_the_draft_goes_to_the_coach_in_private_with_when_it_goes_out_and_how_to_send_it() -> None:
    post = the(fired(step("w1.draft")), Show)
    assert (post.to, post.about.purpose) == (Private(MAAIKE.user), Purpose.DRAFT)
    text = said([post])
    assert "12 februari, 14:00" in text
    assert "!weekbericht stuur" in text
    assert "Twee mensen stonden buiten." in text


def test_the_digest_goes_to_the_room_and_pings_nobody() -> None:
    post = the(fired(step("w1.digest")), Show)
    assert (post.to, post.is_notice, post.mentions) == (Room(ROOM), False, ())
    assert (post.about.purpose, post.about.digest) == (Purpose.DIGEST, 1)
    assert "Twee mensen stonden buiten." in said([post])


def test_what_was_said_in_private_is_in_no_digest_and_no_draft() -> None:
    secret = replace(WORDS_OF_BAS, audience=Audience.PRIVATE, text="Niet voor de groep.")
    known = stage(material=Material((secret,), (BAS,)))
    for key in ("w1.draft", "w1.digest"):
        assert "Niet voor de groep." not in said(fired(step(key), known))


def test_going_on_after_a_pause_moves_the_weeks_and_says_so() -> None:
    paused = cycle(state=CycleState.PAUSED, paused_on=date(2027, 2, 16))
    local = datetime(2027, 3, 2, 9, 0)  # noqa: DTZ001 - local by contract
    due_at = datetime(2027, 3, 2, 8, 0, tzinfo=UTC)
    one = Occurrence("resume.2027-03-02", 2, "verkennen", Run.RESUME, local, due_at)
    effects = fired(one, stage(cycle=paused, waiting=(one,)))
    stored = the(effects, StoreCycle)
    assert (stored.cycle.state, stored.cycle.weeks[1]) == (CycleState.RUNNING, date(2027, 3, 1))
    assert stored.schedule
    assert "gaat weer verder" in said(effects)


def test_after_the_last_step_the_cycle_ends_by_itself_with_one_kind_line() -> None:
    last = ALL[-1]
    effects = fired(last, stage(waiting=(last,)))
    assert the(effects, StoreCycle).cycle.state is CycleState.ENDED
    assert "laatste week" in said(of_type(effects, Say))
    before = fired(ALL[-2], stage(waiting=ALL[-2:]))
    assert not of_type(before, StoreCycle)


def test_a_dropped_step_is_told_to_the_coach_alone_and_a_dropped_last_one_still_ends_the_cycle() -> None:
    for key, planned in (("w1.do", "8 februari, 09:30"), ("w1.draft", "12 februari, 11:00")):
        line = the(dropped(step(key), scene(), stage()).effects, Say)
        assert line.to == Private(MAAIKE.user)
        assert planned in said([line])
    ended = dropped(ALL[-1], scene(), stage(waiting=(ALL[-1],))).effects
    assert the(ended, StoreCycle).cycle.state is CycleState.ENDED


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_whole_cycle_can_be_played_in_either_language(language: str) -> None:
    group = replace(GROUP, language=language)
    known, asked = stage(group=group), list[str]()
    for index, one in enumerate(ALL):
        effects = fired(one, replace(known, waiting=ALL[index:], asked=tuple(asked)))
        asked += [post.about.prompt for post in of_type(effects, Show) if post.about.prompt]
        assert said(effects, language)
    assert len(set(asked)) > len(asked) // 2
    assert all(prompt in PACKS["doetank"].prompts for prompt in asked)


def test_the_steps_ahead_are_keyed_for_the_digest_without_the_coachs_draft() -> None:
    assert course.next_steps(ALL[:4]) == (
        ("w1.do", date(2027, 2, 8)), ("w1.think", date(2027, 2, 11)), ("w1.digest", date(2027, 2, 12)),
    )  # fmt: skip


def test_a_digest_says_what_comes_next() -> None:
    text = said(fired(step("w1.digest")))
    assert "Wat er nu komt" in text
    assert "maandag 15 februari" in text
