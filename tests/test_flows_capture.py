"""What becomes of answers, edits and deletions, and the choice about personal data."""

from dataclasses import replace
from typing import Any

import pytest
from cast import (
    BAS,
    MAAIKE,
    PACKS,
    PRIVATE,
    ROOM,
    RULES,
    WORDS,
    contribution,
    cycle,
    message,
    recorded,
    said,
    scene,
    the,
)

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.effect import (
    About,
    Effect,
    Forget,
    Open,
    Outcome,
    Purpose,
    React,
    Record,
    Rewrite,
    Say,
    StoreMember,
)
from doetank_bot.domain.flow import Said, Step
from doetank_bot.domain.personal_data import Kind
from doetank_bot.domain.reference import CycleId, PostId, Room, Thread
from doetank_bot.domain.view import Post, Scene
from doetank_bot.flows import ADVANCE
from doetank_bot.flows.capture import KEPT_SIGN, answer
from doetank_bot.flows.correction import deleted, edited, was_bare
from doetank_bot.flows.form import FormState
from doetank_bot.flows.personal import PersonalState

PROMPTS = PACKS["doetank"].prompts
PLAIN = next(name for name, prompt in PROMPTS.items() if prompt.form is None)
WITH_FORM = next(name for name, prompt in PROMPTS.items() if prompt.form is not None)


def post(prompt: str = PLAIN, purpose: Purpose = Purpose.PROMPT, of: int = 7) -> Post:
    return Post(PostId(40), About(purpose, CycleId(of), prompt=prompt), message("prompt"))


def in_thread(**changes: Any) -> Scene:
    made = scene(cycle=cycle(), sender=BAS, place=Thread(message("prompt")), source=message("answer"), next_number=3)
    return replace(made, **changes)


def test_an_answer_is_kept_as_what_the_prompt_says_and_signed() -> None:
    effects = answer(Said("  Ik ga *dinsdag*. "), post(), in_thread(), RULES, WORDS).effects
    kept = recorded(effects)
    assert (kept.text, kept.kind) == ("  Ik ga *dinsdag*. ", PROMPTS[PLAIN].becomes)
    assert (kept.number, kept.author, kept.prompted_by, kept.cycle) == (3, BAS.id, 40, 7)
    assert the(effects, React) == React(message("answer"), KEPT_SIGN)
    assert not said(effects)


def test_an_answer_with_a_form_gets_one_question_instead_of_a_sign() -> None:
    effects = answer(Said("Een gesprek"), post(WITH_FORM), in_thread(), RULES, WORDS).effects
    opened = the(effects, Open)
    assert (opened.place, opened.member) == (Thread(message("prompt")), BAS.id)
    assert isinstance(opened.state, FormState)
    assert said(effects).count("?") == 1
    assert not [one for one in effects if isinstance(one, React)]


def test_an_answer_in_the_main_room_gets_its_follow_up_in_a_thread_of_its_own() -> None:
    effects = answer(Said("Een gesprek"), post(WITH_FORM), in_thread(place=Room(ROOM)), RULES, WORDS).effects
    assert the(effects, Open).place == the(effects, Say).to == Thread(message("answer"))


def test_an_answer_in_private_is_for_nobody_else() -> None:
    where = in_thread(place=Room(PRIVATE), is_private=True, source=message("answer", PRIVATE))
    effects = answer(Said("Een gesprek"), post(WITH_FORM), where, RULES, WORDS).effects
    state = the(effects, Open).state
    assert recorded(effects).audience is Audience.PRIVATE
    assert isinstance(state, FormState)
    assert state.audience is Audience.PRIVATE
    assert the(effects, Say).to == Room(PRIVATE)


def test_a_late_answer_to_a_cycle_that_is_over_is_still_kept() -> None:
    effects = answer(Said("Alsnog"), post(WITH_FORM), in_thread(cycle=None), RULES, WORDS).effects
    assert (recorded(effects).kind, recorded(effects).cycle) == (ContributionKind.ANSWER, 7)


@pytest.mark.parametrize("text", [" \n", "1", "2.", "👍", "..."])
def test_what_has_no_words_gets_a_kind_line_and_nothing_is_kept(text: str) -> None:
    effects = answer(Said(text), post(), in_thread(), RULES, WORDS).effects
    assert "bewaar" in said(effects)
    assert not [one for one in effects if isinstance(one, Record)]


@pytest.mark.parametrize("text", ["overslaan", "sla over", "Skip.", "stop"])
def test_of_a_skip_nothing_is_kept_but_from_when_silence_counts(text: str) -> None:
    effects = answer(Said(text), post(), in_thread(), RULES, WORDS).effects
    assert [type(one) for one in effects] == [StoreMember, Say]
    assert the(effects, StoreMember).member.asked_since == in_thread().now


def test_a_question_for_help_keeps_nothing() -> None:
    effects = answer(Said("help"), post(), in_thread(), RULES, WORDS).effects
    assert [type(one) for one in effects] == [Say]


@pytest.mark.parametrize("purpose", [Purpose.DIGEST, Purpose.DRAFT, Purpose.ANSWER, Purpose.NOTICE])
def test_talk_under_anything_but_a_prompt_is_not_kept(purpose: Purpose) -> None:
    assert answer(Said("mooi"), post(purpose=purpose), in_thread(), RULES, WORDS) == Outcome()


# --- personal data


def choose(text: str, state: PersonalState) -> Step:
    return ADVANCE["personal"](state, Said(text), in_thread(next_number=4), RULES, WORDS)


def choice(prompt: str = PLAIN) -> PersonalState:
    effects = answer(Said("Bel [telefoon]"), post(prompt), in_thread(), RULES, WORDS, (Kind.PHONE,)).effects
    state = the(effects, Open).state
    assert isinstance(state, PersonalState)
    assert "telefoon" in said(effects)
    return state


@pytest.mark.parametrize("text", ["1", "1.", "1️⃣", "bewaar", "Keep", "ja", "overslaan", "stop"])
def test_the_masked_text_stays_when_the_member_leaves_it_so(text: str) -> None:
    step = choose(text, choice())
    assert step.state is None
    assert not [one for one in step.effects if isinstance(one, Forget)]


@pytest.mark.parametrize("text", ["3", "niet bewaren", "Vergeet", "wis", "forget", "nee"])
def test_the_member_may_have_it_not_kept(text: str) -> None:
    step = choose(text, choice(WITH_FORM))
    assert the(step.effects, Forget) == Forget(3)
    assert step.state is None, "no form about what is gone"


def test_rewriting_is_editing_the_message_and_the_form_goes_on() -> None:
    step = choose("2", choice(WITH_FORM))
    assert isinstance(step.state, FormState)
    assert "Verander je bericht" in said(step.effects)


def test_a_sentence_in_between_is_kept_and_the_choice_stays_open() -> None:
    state = choice()
    step = choose("En ik sprak ook nog met de buurvrouw", state)
    assert step.state == state
    assert (recorded(step.effects).number, recorded(step.effects).kind) == (4, PROMPTS[PLAIN].becomes)


def test_a_choice_that_is_none_is_asked_again() -> None:
    state = choice()
    step = choose("4", state)
    assert step.state == state
    assert "1" in said(step.effects)


# --- edits and deletions

KEPT = contribution(3, ContributionKind.ANSWER, "Bel [telefoon] of mij")


def test_an_edit_by_the_author_is_followed_everywhere() -> None:
    other = replace(KEPT, text="Eerst")
    assert edited(other, BAS, "Daarna") == Outcome((Rewrite(3, "Daarna"),))


def test_an_edit_that_takes_personal_data_out_erases_the_copies() -> None:
    assert edited(KEPT, BAS, "Bel mij") == Outcome((Rewrite(3, "Bel mij", erases=True),))
    assert edited(KEPT, BAS, "Bel [telefoon] maar") == Outcome((Rewrite(3, "Bel [telefoon] maar"),))


def test_someone_elses_edit_is_ignored() -> None:
    assert edited(KEPT, MAAIKE, "gekaapt") == Outcome()
    assert edited(KEPT, None, "gekaapt") == Outcome()


def test_an_edit_that_leaves_nothing_and_a_deletion_take_the_text_away() -> None:
    gone: tuple[Effect, ...] = (Forget(3),)
    assert edited(KEPT, BAS, " \u200b").effects == gone
    assert deleted(KEPT).effects == gone


def test_what_is_withdrawn_stays_withdrawn_and_the_same_text_changes_nothing() -> None:
    withdrawn = replace(KEPT, status=Status.WITHDRAWN, text="")
    assert edited(withdrawn, BAS, "terug") == Outcome()
    assert deleted(withdrawn) == Outcome()
    assert edited(KEPT, BAS, KEPT.text) == Outcome()


def test_only_what_was_given_in_private_unasked_may_have_come_without_a_prefix() -> None:
    private = replace(KEPT, audience=Audience.PRIVATE)
    assert was_bare(private)
    assert not was_bare(KEPT)
    assert not was_bare(replace(private, prompted_by=PostId(1)))
    assert not was_bare(replace(private, part_of=2))
