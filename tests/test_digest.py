"""Which of the group's words stand in a weekly digest, and that it can be read in two minutes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, Status
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.digest import Digest, Edition, compose
from doetank_bot.domain.digest.experiments import NO_LINE
from doetank_bot.domain.group import Meeting
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Material
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.digest import tree
from doetank_bot.text.plain import plain

SPACE = SpaceRef("bot", "!room")
FRIDAY = datetime(2026, 3, 20, 13, tzinfo=UTC)
LAST_FRIDAY = FRIDAY - timedelta(days=7)
THIS_WEEK = FRIDAY - timedelta(days=2)
LONG_AGO = FRIDAY - timedelta(days=20)
K = ContributionKind
CATALOGUE = Catalogue.load()


def pack(phase: str = "Fase") -> Pack:
    ask = {"nl": "Wat doe je?", "en": "What do you do?"}
    steps = [
        {"id": "do", "on": "mon 09:30", "pick": ["V1"]},
        {"id": "think", "on": "thu 10:00", "pick": ["V2"]},
        {"id": "mixed", "on": "wed 10:00", "pick": ["V1", "V2"]},
        {"id": "draft", "on": "fri 11:00", "run": "digest.draft"},
        {"id": "digest", "on": "fri 14:00", "run": "digest.send"},
    ]
    title = {"nl": phase, "en": phase}
    return Pack.model_validate(
        {
            "schema": "pack/1",
            "name": "small",
            "title": title,
            "weeks": {"min": 8, "default": 8, "max": 8},
            "limits": {"prompts_per_week": 3},
            "prompts": {
                "V1": {"kind": "do", "becomes": "plan", "ask": ask},
                "V2": {"kind": "think", "becomes": "reflection", "ask": ask},
            },
            "phases": [{"name": "try", "title": title, "weeks": {"min": 8, "default": 8}, "steps": steps}],
        }
    )


CYCLE = Cycle(
    CycleId(1),
    GroupId(1),
    "Parkeren zonder papierwinkel",
    "small",
    UserRef("bot", "@coach"),
    weeks_from(date(2026, 2, 16), 8),
)


def given_by(
    author: int, number: int, text: str = "", kind: K = K.OBSERVATION, at: datetime = THIS_WEEK, **changes: object
) -> Contribution:
    one = Contribution(
        number,
        kind,
        text or f"Ik zag nummer {number}.",
        MemberId(author),
        Audience.GROUP,
        MessageRef(SPACE, f"$e{number}"),
        author_name=f"Lid {author}",
        created_at=at,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def made(*contributions: Contribution, since: datetime | None = LAST_FRIDAY, n_digests: int = 4) -> Digest:
    material = Material(contributions, (), n_digests, since)
    return compose(CYCLE, pack(), material, FRIDAY, "Europe/Amsterdam")


def numbers(contributions: tuple[Contribution, ...]) -> list[int]:
    return [one.number for one in contributions]


# ------------------------------------------------------------------------------------------- the frame


def test_a_digest_knows_its_number_week_phase_and_local_date() -> None:
    digest = made()
    assert (digest.number, digest.week, digest.n_weeks, digest.phase.name) == (5, 5, 8, "try")
    assert (digest.on, digest.title) == (date(2026, 3, 20), "Parkeren zonder papierwinkel")


def test_a_digest_that_moved_past_the_weekend_closes_the_week_it_was_meant_for() -> None:
    material = Material((), (), 4, LAST_FRIDAY)
    monday = FRIDAY + timedelta(days=3)
    assert compose(CYCLE, pack(), material, monday, "Europe/Amsterdam").week == 6
    assert compose(CYCLE, pack(), material, monday, "Europe/Amsterdam", Edition(week=5)).week == 5


def test_only_who_really_read_it_is_named_as_its_reader() -> None:
    material = Material((), (), 4, LAST_FRIDAY)
    assert made().checked_by is None
    assert (
        compose(CYCLE, pack(), material, FRIDAY, "Europe/Amsterdam", Edition(checked_by="Maaike")).checked_by
        == "Maaike"
    )


def test_next_steps_are_told_by_kind_and_leave_out_the_coach_s_draft_and_what_is_past() -> None:
    waiting = (
        ("w6.digest", date(2026, 3, 27)),
        ("w6.draft", date(2026, 3, 27)),
        ("w6.do", date(2026, 3, 23)),
        ("w6.mixed", date(2026, 3, 25)),
        ("w6.think", date(2026, 3, 26)),
        ("w5.digest", date(2026, 3, 20)),
        ("resume", date(2026, 3, 24)),
    )
    digest = compose(CYCLE, pack(), Material((), (), 4, LAST_FRIDAY, waiting), FRIDAY, "Europe/Amsterdam")
    assert [(step.what, step.on.day) for step in digest.next] == [("do", 23), ("prompt", 25), ("think", 26)]
    last = compose(CYCLE, pack(), Material((), (), 4, None, waiting[:2]), FRIDAY, "Europe/Amsterdam")
    assert [(step.what, step.on.day) for step in last.next] == [("digest.send", 27)]


# ------------------------------------------------------------------------------------------- who may see what


@pytest.mark.parametrize("kind", list(K))
def test_what_is_private_a_draft_or_withdrawn_stands_nowhere(kind: K) -> None:
    digest = made(
        given_by(1, 1, kind=kind, audience=Audience.PRIVATE),
        given_by(1, 2, kind=kind, status=Status.DRAFT),
        given_by(1, 3, kind=kind, status=Status.WITHDRAWN),
    )
    assert digest.is_empty
    assert (digest.question, digest.experiments, digest.said) == (None, (), ())
    assert (digest.n_more_said, digest.n_more_experiments) == (0, 0)


def test_private_answers_about_a_shared_experiment_stay_out_of_its_card() -> None:
    digest = made(
        given_by(1, 1, "Eén belletje", K.EXPERIMENT),
        given_by(1, 2, "geheim", part_of=1, field="expectation", audience=Audience.PRIVATE),
        given_by(2, 3, "geheim", part_of=1, audience=Audience.PRIVATE),
    )
    assert digest.experiments[0].expectation is None
    assert digest.experiments[0].so_far == ()
    assert digest.experiments[0].n_more == 0


def test_how_someone_is_doing_is_never_shown_to_all() -> None:
    assert made(given_by(1, 1, "moe", K.CHECKIN)).is_empty
    digest = made(given_by(1, 1, "Proef", K.EXPERIMENT), given_by(2, 2, "moe", K.CHECKIN, part_of=1))
    assert digest.experiments[0].so_far == ()


# ------------------------------------------------------------------------------------------- the question


def test_the_latest_version_of_the_question_is_the_one_now() -> None:
    digest = made(given_by(1, 1, "Hoe?", K.QUESTION, LONG_AGO), given_by(1, 5, "Waarom?", K.QUESTION, LONG_AGO))
    assert digest.question is not None
    assert (digest.question.current.text, digest.question.version) == ("Waarom?", 2)
    assert not digest.question.is_changed


def test_a_question_that_is_new_or_edited_since_the_last_digest_is_changed() -> None:
    for one in (
        given_by(1, 1, "Hoe?", K.QUESTION),
        given_by(1, 1, "Hoe?", K.QUESTION, LONG_AGO, edited_at=THIS_WEEK),
    ):
        digest = made(one)
        assert digest.question is not None
        assert digest.question.is_changed
        assert not digest.is_empty


def test_in_the_first_digest_no_question_is_called_changed() -> None:
    digest = made(given_by(1, 1, "Hoe?", K.QUESTION), since=None, n_digests=0)
    assert digest.question is not None
    assert not digest.question.is_changed


def test_when_the_latest_version_is_withdrawn_the_one_before_counts_again() -> None:
    withdrawn = given_by(1, 5, "", K.QUESTION, status=Status.WITHDRAWN)
    digest = made(given_by(1, 1, "Hoe?", K.QUESTION, LONG_AGO), withdrawn, given_by(1, 6, "Wie?", K.QUESTION, LONG_AGO))
    assert digest.question is not None
    assert (digest.question.current.text, digest.question.version) == ("Wie?", 3)
    before = made(given_by(1, 1, "Hoe?", K.QUESTION, LONG_AGO), withdrawn)
    assert before.question is not None
    assert before.question.version == 1


def test_a_week_with_only_an_old_question_is_empty() -> None:
    assert made(given_by(1, 1, "Hoe?", K.QUESTION, LONG_AGO)).is_empty


# ------------------------------------------------------------------------------------------- experiments


def test_an_experiment_is_composed_of_what_members_answered_about_it() -> None:
    digest = made(
        given_by(1, 1, "Eén belletje", K.EXPERIMENT, LONG_AGO),
        given_by(1, 2, "Binnen vijf dagen klaar", K.ANSWER, LONG_AGO, part_of=1, field="expectation"),
        given_by(1, 3, "27 maart", K.ANSWER, LONG_AGO, part_of=1, field="look_on"),
        given_by(2, 4, "Eén dag", part_of=1, at=LONG_AGO),
        given_by(3, 5, "Twee dagen", part_of=1),
        given_by(2, 6, "Nog niet", part_of=1),
        given_by(3, 7, "Vier dagen", part_of=1),
        given_by(3, 8, "Eén dag", part_of=1),
    )
    (card,) = digest.experiments
    assert card.expectation is not None
    assert card.look_on is not None
    assert (card.title.number, card.expectation.number, card.look_on.number) == (1, 2, 3)
    assert (numbers(card.so_far), card.n_more) == ([5, 6, 7, 8], 1)
    assert digest.said == ()


def test_a_later_answer_to_the_same_follow_up_counts() -> None:
    digest = made(
        given_by(1, 1, "Eén belletje", K.EXPERIMENT),
        given_by(1, 2, "27 maart", K.ANSWER, part_of=1, field="look_on"),
        given_by(1, 3, "3 april", K.ANSWER, part_of=1, field="look_on"),
    )
    look_on = digest.experiments[0].look_on
    assert look_on is not None
    assert look_on.text == "3 april"


def test_an_experiment_goes_after_the_digest_that_shows_its_review() -> None:
    trial = given_by(1, 1, "Eén belletje", K.EXPERIMENT, LONG_AGO)
    assert made(trial, given_by(1, 2, "Het werkt", K.REVIEW, part_of=1)).experiments
    assert not made(trial, given_by(1, 2, "Het werkt", K.REVIEW, LONG_AGO, part_of=1)).experiments


def test_of_many_experiments_three_are_shown_those_with_news_first_and_the_rest_counted() -> None:
    trials = [given_by(n, n, f"Proef {n}", K.EXPERIMENT, LONG_AGO) for n in range(1, 6)]
    digest = made(*trials, given_by(9, 10, "Kijk", part_of=1))
    assert [card.title.number for card in digest.experiments] == [1, 4, 5]
    assert digest.n_more_experiments == 2


def test_an_observation_of_an_experiment_that_is_not_shown_is_still_a_line() -> None:
    trials = [given_by(n, n, f"Proef {n}", K.EXPERIMENT) for n in range(1, 5)]
    digest = made(*trials, given_by(9, 10, "Kijk", part_of=1))
    assert [card.title.number for card in digest.experiments] == [2, 3, 4]
    assert numbers(digest.said) == [10]


# ------------------------------------------------------------------------------------------- what members did and saw


def test_lines_are_what_came_since_the_last_digest_in_order() -> None:
    digest = made(
        given_by(1, 1, at=LONG_AGO),
        given_by(1, 2, at=LAST_FRIDAY),
        given_by(2, 3, kind=K.PLAN),
        given_by(1, 4, kind=K.REFLECTION),
        given_by(3, 5, kind=K.CHANGE_STORY),
    )
    assert numbers(digest.said) == [3, 4, 5]


def test_a_late_answer_is_kept_and_counted_next_week() -> None:
    late = given_by(1, 1, at=FRIDAY + timedelta(minutes=1))
    after = Material((late,), (), 5, FRIDAY)
    assert compose(CYCLE, pack(), after, FRIDAY + timedelta(days=7), "Europe/Amsterdam").said == (late,)


def test_the_answer_to_a_follow_up_is_no_line_of_its_own() -> None:
    seen = given_by(1, 1, "Drie mensen")
    digest = made(seen, given_by(1, 2, "Op het plein", K.ANSWER, part_of=1, field="where"))
    assert digest.said == (seen,)


def test_a_member_has_at_most_two_lines_the_newest_and_the_rest_is_counted() -> None:
    digest = made(*(given_by(1, n) for n in range(1, 6)), given_by(2, 6))
    assert numbers(digest.said) == [4, 5, 6]
    assert digest.n_more_said == 3


def test_when_lines_are_short_every_member_has_one_before_anyone_has_two() -> None:
    digest = made(*(given_by(1 + n % 7, n) for n in range(1, 22)))
    authors = [one.author for one in digest.said]
    assert len(authors) == 8
    assert len(set(authors)) == 7
    assert digest.n_more_said == 13


def test_who_begins_turns_from_digest_to_digest() -> None:
    contributions = [given_by(author, author) for author in range(1, 11)]
    shown = [set(numbers(made(*contributions, n_digests=n).said)) for n in range(10)]
    assert set.union(*shown) == set(range(1, 11))
    assert all(len(one) == 8 for one in shown)
    assert sum(1 in one for one in shown) == sum(10 in one for one in shown) == 8


# ------------------------------------------------------------------------------------------- cards


NEWS = given_by(3, 99)
"""Something of this week: without it a digest tells nothing again."""


def part(card: int, number: int, field: str, text: str, at: datetime = THIS_WEEK) -> Contribution:
    return given_by(1, number, text, K.ANSWER, at, part_of=card, field=field)


def test_a_story_stands_in_one_digest_the_newest_first_and_the_others_wait_their_turn() -> None:
    old, new = given_by(1, 1, kind=K.STORY, at=LONG_AGO), given_by(2, 2, kind=K.STORY)
    assert made(old, new).story == new
    after = Material((old, new), (), 5, FRIDAY, told=frozenset({2}))
    assert compose(CYCLE, pack(), after, FRIDAY + timedelta(days=7), "Europe/Amsterdam").story == old


def test_an_open_barrier_stays_and_a_solved_one_is_told_once_before_the_others() -> None:
    oldest, solved = given_by(1, 1, kind=K.BARRIER, at=LONG_AGO), given_by(1, 2, kind=K.BARRIER, at=LONG_AGO)
    digest = made(oldest, solved, part(2, 3, "status", "solved"), part(1, 4, "owner", "Bas"))
    assert [(one.barrier.number, one.solved is not None) for one in digest.barriers] == [(2, True), (1, False)]
    assert (digest.barriers[1].owner, digest.barriers[1].n_days) == (part(1, 4, "owner", "Bas"), 20)
    told = made(oldest, solved, part(2, 3, "status", "solved", LONG_AGO), NEWS)
    assert [one.barrier.number for one in told.barriers] == [1]
    again = made(solved, part(2, 3, "status", "solved", LONG_AGO), part(2, 4, "status", "open"))
    assert [one.solved is not None for one in again.barriers] == [False]


def test_days_are_counted_on_the_group_s_own_calendar() -> None:
    late = FRIDAY.replace(hour=1)
    material = Material((given_by(1, 1, kind=K.BARRIER, at=late),), (), 4, LAST_FRIDAY)
    there = compose(CYCLE, pack(), material, FRIDAY, "America/Kralendijk")
    assert [one.n_days for one in there.barriers] == [1]


def test_an_ask_stays_until_its_day_is_past_and_its_answer_is_told_once() -> None:
    ask = given_by(1, 1, kind=K.ASK, at=LONG_AGO)
    assert [one.is_open for one in made(ask, part(1, 2, "by", "1 april", LONG_AGO), NEWS).asks] == [True]
    assert made(ask, part(1, 2, "by", "10 maart", LONG_AGO), NEWS).asks == ()
    answer = given_by(2, 3, "Ja, twee", K.DECISION, part_of=1)
    answered = made(ask, answer)
    assert [(one.answer, one.is_open) for one in answered.asks] == [(answer, False)]
    assert answered.decisions == ()
    assert made(ask, replace(answer, created_at=LONG_AGO), NEWS).asks == ()


def test_a_week_without_anything_new_is_quiet_whatever_goes_on() -> None:
    going_on = (given_by(1, 1, kind=K.EXPERIMENT, at=LONG_AGO), given_by(1, 2, kind=K.BARRIER, at=LONG_AGO))
    assert made(*going_on).is_empty
    assert not made(*going_on, NEWS).is_empty
    assert not made(*going_on, part(1, 3, "status", "running")).is_empty


def test_lessons_decisions_and_offers_are_told_while_they_are_new() -> None:
    for kind in (K.LESSON, K.DECISION, K.OFFER):
        assert not made(given_by(1, 1, kind=kind)).is_empty
        assert made(given_by(1, 1, kind=kind, at=LONG_AGO)).is_empty


def test_in_one_minute_names_the_next_look_the_open_ask_and_the_barrier_without_an_owner() -> None:
    cards = (
        given_by(1, 1, kind=K.EXPERIMENT),
        part(1, 2, "look_on", "1 april"),
        given_by(1, 3, kind=K.EXPERIMENT),
        part(3, 4, "look_on", "24 maart"),
        given_by(1, 5, kind=K.ASK),
        given_by(1, 6, kind=K.BARRIER),
        part(6, 7, "owner", "Bas"),
        given_by(1, 8, kind=K.BARRIER),
    )
    lines = [(one.kind.value, one.card.number, one.on and one.on.number) for one in made(*cards).minute]
    assert lines == [("look", 3, 4), ("ask", 5, None), ("barrier", 8, None)]


def test_the_coachs_own_first_lines_stand_for_one_digest() -> None:
    mine = given_by(1, 1, "De proef loopt.", K.REFLECTION, field="minute")
    digest = made(mine, given_by(1, 2, kind=K.BARRIER))
    assert (digest.own_minute, digest.minute, digest.said) == (mine, (), ())
    assert made(replace(mine, created_at=LONG_AGO)).own_minute is None


def test_a_meeting_in_the_next_two_weeks_stands_among_what_comes() -> None:
    soon, far = Meeting(date(2026, 3, 26), time(15, 30)), Meeting(date(2026, 4, 26), time(15, 30))
    for meetings, found in (((far, soon), [soon.on]), ((far,), [])):
        material = Material((), (), 4, LAST_FRIDAY, meetings=meetings)
        digest = compose(CYCLE, pack(), material, FRIDAY, "Europe/Amsterdam")
        assert [step.on for step in digest.next] == found


def test_no_kind_of_card_crowds_out_another_or_the_members_lines() -> None:
    kinds = [K.STORY, K.LESSON, K.BARRIER, K.DECISION, K.ASK]
    long = "we zagen dat het ging " * 3
    cards = [given_by(1, 10 * n + k, long, kind) for k, kind in enumerate(kinds) for n in range(1, 8)]
    digest = made(*cards, *(given_by(n, 100 + n, long) for n in range(1, 9)))
    assert digest.story
    assert all((digest.lessons, digest.barriers, digest.decisions, digest.asks))
    assert len(digest.said) >= 2
    n_shown = len(digest.lessons) + len(digest.barriers) + len(digest.decisions) + len(digest.asks)
    assert digest.n_more_cards == 28 - n_shown


# ------------------------------------------------------------------------------------------- properties

WORDS = st.sampled_from(
    ["ja", "a " * 200, "we zagen het " * 20, "bijvoorbeeld " * 30, "Drie van de vier.\nEén niet.\n\n"]
)
NAMES = st.sampled_from(["Bas", "A B C D E F G H I J K L M N O P Q R S T", "مريم", ""])


FIELDS = ["expectation", "look_on", "evidence", "sure", "owner", "by", "to", "status"]
COUNTED = frozenset({K.LESSON, K.BARRIER, K.DECISION, K.ASK, K.OFFER})


def is_new_card(one: Contribution) -> bool:
    is_card = one.kind in COUNTED and one.field is None and (one.kind is not K.DECISION or one.part_of is None)
    return is_card and one.is_for_group and one.created_at == THIS_WEEK


@st.composite
def contributions_of_a_week(draw: st.DrawFn) -> tuple[Contribution, ...]:
    found: list[Contribution] = []
    for number in range(1, draw(st.integers(0, 40)) + 1):
        kind = draw(st.sampled_from([*K, K.EXPERIMENT, K.OBSERVATION, K.PLAN]))
        part_of = draw(st.sampled_from([None, *range(1, number)]))
        found.append(
            given_by(
                draw(st.integers(1, 10)),
                number,
                draw(WORDS),
                kind,
                draw(st.sampled_from([LONG_AGO, THIS_WEEK])),
                audience=draw(st.sampled_from([Audience.GROUP, Audience.GROUP, Audience.PRIVATE, Audience.PUBLIC])),
                status=draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.WITHDRAWN])),
                author_name=draw(NAMES),
                part_of=part_of,
                field=draw(st.sampled_from([None, None, *FIELDS])) if part_of else None,
            )
        )
    return tuple(found)


NEXT = (("w6.do", date(2026, 3, 23)), ("w6.mixed", date(2026, 3, 25)), ("w6.think", date(2026, 3, 26)))


def in_full(contributions: tuple[Contribution, ...], n_digests: int = 4) -> Digest:
    cycle = replace(CYCLE, title="t " * 100)
    material = Material(contributions, (), n_digests, LAST_FRIDAY, NEXT)
    return compose(
        cycle, pack("een fase met veel woorden"), material, FRIDAY, "Europe/Amsterdam", Edition(checked_by="Jan P")
    )


def all_in(digest: Digest) -> list[Contribution]:
    cards = [
        one
        for card in digest.experiments
        for one in (card.title, card.expectation, card.look_on, *card.so_far)
        if one is not None
    ]
    return [*([digest.question.current] if digest.question else []), *cards, *digest.said, *cards_in(digest)]


def cards_in(digest: Digest) -> list[Contribution]:
    found = (
        digest.own_minute,
        digest.story,
        *(part for one in digest.lessons for part in (one.lesson, one.evidence)),
        *(part for one in digest.barriers for part in (one.barrier, one.owner)),
        *digest.decisions,
        *(part for one in digest.asks for part in (one.ask, one.by, one.answer)),
    )
    return [one for one in found if one is not None]


@given(contributions_of_a_week(), st.integers(0, 20), st.sampled_from(["nl", "en"]))
def test_a_digest_has_at_most_350_words_whatever_members_wrote(
    contributions: tuple[Contribution, ...], n_digests: int, language: str
) -> None:
    text = plain(tree(in_full(contributions, n_digests), CATALOGUE, language))
    assert len(text.split()) <= 350


def test_long_experiments_leave_half_of_the_room_to_members_lines_and_still_fit() -> None:
    long = "we zagen dat het ging " * 20
    cards = [given_by(n, n, long, K.EXPERIMENT) for n in range(1, 4)]
    seen = [given_by(n, 10 + n, long, part_of=1 + n % 3) for n in range(1, 8)]
    digest = in_full((*cards, *seen, *(given_by(n, 20 + n, long) for n in range(1, 9))))
    shown = [*(card.title for card in digest.experiments), *digest.said]
    assert digest.experiments
    assert len(digest.said) >= 2
    assert digest.n_more_experiments + len(digest.experiments) == 3
    assert len(shown) < 3 + 8
    assert all(len(plain(tree(digest, CATALOGUE, language)).split()) <= 350 for language in ("nl", "en"))


def test_a_full_week_of_ordinary_answers_uses_the_room_it_has() -> None:
    line = "De mantelzorger kreeg na drie dagen haar vergunning en was er heel blij mee."
    cards = [
        given_by(1, 1, "Eén belletje in plaats van vijf papieren", K.EXPERIMENT, LONG_AGO),
        given_by(1, 2, "Klaar binnen vijf werkdagen", K.ANSWER, LONG_AGO, part_of=1, field="expectation"),
        given_by(1, 3, "vrijdag 27 maart", K.ANSWER, LONG_AGO, part_of=1, field="look_on"),
        given_by(2, 4, line, part_of=1),
        given_by(3, 5, line, part_of=1),
        given_by(2, 6, "Brief in gewone taal", K.EXPERIMENT),
        given_by(1, 7, "Waarom vragen we elk jaar opnieuw wat we al weten?", K.QUESTION, LONG_AGO),
    ]
    digest = compose(
        CYCLE,
        pack("experimenteren"),
        Material((*cards, *(given_by(n % 8, n, line) for n in range(10, 20))), (), 4, LAST_FRIDAY, NEXT),
        FRIDAY,
        "Europe/Amsterdam",
    )
    assert len(digest.experiments) == 2
    assert len(digest.said) >= 5
    assert 250 <= len(plain(tree(digest, CATALOGUE, "nl")).split()) <= 350


@given(contributions_of_a_week())
def test_nothing_is_shown_twice_or_to_someone_it_was_not_meant_for(contributions: tuple[Contribution, ...]) -> None:
    shown = all_in(in_full(contributions))
    assert all(one.is_for_group for one in shown)
    assert len({one.number for one in shown}) == len(shown)


@given(contributions_of_a_week())
def test_what_is_left_out_is_counted(contributions: tuple[Contribution, ...]) -> None:
    digest = in_full(contributions)
    in_cards = {card.title.number for card in digest.experiments}
    lines = {
        one.number
        for one in contributions
        if one.is_for_group and one.field is None and one.created_at == THIS_WEEK and one.part_of not in in_cards
        if one.kind not in NO_LINE
    }
    assert {one.number for one in digest.said} <= lines
    assert len(digest.said) + digest.n_more_said == len(lines)
    shown = {one.number for one in cards_in(digest) if one.kind in COUNTED}
    new = {one.number for one in contributions if is_new_card(one)}
    assert new <= shown or len(new - shown) <= digest.n_more_cards


@given(contributions_of_a_week())
def test_the_order_in_which_material_comes_makes_no_difference(contributions: tuple[Contribution, ...]) -> None:
    assert in_full(contributions) == in_full(contributions[::-1])
