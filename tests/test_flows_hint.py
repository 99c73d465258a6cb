"""Which question is open, and who owes it an answer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from cast import BAS, MAAIKE, WEDNESDAY, cycle, message, said, scene, the

from doetank_bot.domain.cycle import CycleState
from doetank_bot.domain.effect import Say, StoreMember
from doetank_bot.domain.group import Attendance, Member, MemberStatus
from doetank_bot.domain.reference import PostId, Room
from doetank_bot.flows.hint import OPEN_FOR, hint, open_question
from doetank_bot.ports import AskedPrompt

HOUR = timedelta(hours=1)
ASKED = AskedPrompt(PostId(1), "V1", WEDNESDAY - HOUR, message("prompt"))
RUNNING = scene(cycle=cycle(), sender=BAS, source=message("talk"))


def test_the_line_stands_in_the_room_under_the_message_and_is_remembered() -> None:
    effects = hint(RUNNING, ASKED, ()).effects
    line = the(effects, Say)
    assert (line.to, line.reply_to, line.is_notice, line.mentions) == (
        Room(message("talk").space),
        message("talk"),
        True,
        (),
    )
    assert the(effects, StoreMember).member == replace(BAS, is_hinted=True)
    assert "draad onder de vraag" in said([line])


@pytest.mark.parametrize(
    "member",
    [
        replace(BAS, is_hinted=True),
        replace(BAS, attendance=Attendance.READING),
        replace(BAS, status=MemberStatus.LEFT),
        replace(BAS, away_until=date(2027, 2, 4)),
        replace(BAS, asked_since=WEDNESDAY),
        None,
    ],
    ids=["hinted", "reading along", "gone", "away", "skipped or came since", "nobody we know"],
)
def test_who_owes_no_answer_is_left_alone(member: Member | None) -> None:
    assert hint(replace(RUNNING, sender=member), ASKED, ()).effects == ()


def test_nor_who_gave_something_since_and_nobody_without_a_question() -> None:
    assert hint(RUNNING, ASKED, {BAS.id}).effects == ()
    assert hint(RUNNING, None, ()).effects == ()


def test_a_question_is_open_for_a_day_while_its_cycle_runs() -> None:
    assert open_question(RUNNING, [ASKED]) == ASKED
    assert open_question(RUNNING, []) is None
    assert open_question(RUNNING, [replace(ASKED, at=WEDNESDAY - OPEN_FOR)]) is not None
    assert open_question(RUNNING, [replace(ASKED, at=WEDNESDAY - OPEN_FOR - timedelta(seconds=1))]) is None
    assert open_question(replace(RUNNING, cycle=cycle(state=CycleState.PAUSED)), [ASKED]) is None
    assert open_question(replace(RUNNING, cycle=None), [ASKED]) is None


def test_a_question_that_is_not_in_the_room_yet_leaves_the_one_before_it_open() -> None:
    waiting = replace(ASKED, post=PostId(2), at=WEDNESDAY, message=None)
    assert open_question(RUNNING, [waiting, ASKED]) == ASKED


def test_the_coach_who_says_much_in_the_room_is_not_hinted() -> None:
    assert hint(replace(RUNNING, sender=MAAIKE), ASKED, ()).effects == ()
