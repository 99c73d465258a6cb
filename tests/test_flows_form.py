"""Follow-up questions: one at a time, in any mood, and nothing that was said is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cast import PACKS, RULES, WORDS, cycle, message, recorded, said, scene, the
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.domain.effect import Effect, Forget, Record, Say, SetTimer, StoreCycle
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.pack import AnswerType, FormField
from doetank_bot.domain.personal_data import Kind
from doetank_bot.domain.reference import Thread
from doetank_bot.domain.schedule import Run
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import ADVANCE, FLOW_STATES
from doetank_bot.flows.form import FormState
from doetank_bot.flows.kickoff import Asking, KickoffState
from doetank_bot.flows.leaving import LeavingState
from doetank_bot.flows.personal import PersonalState
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.sponsor import SponsorState
from doetank_bot.flows.stuck import StuckState
from doetank_bot.flows.telling import TellingState

FORM = FormState(pack="doetank", form="experiment", card=5, audience=Audience.GROUP, cycle=7)
FIELDS = [field.field for field in PACKS["doetank"].forms["experiment"]]


def here(number: int = 6, **changes: Any) -> Scene:
    return scene(
        cycle=cycle(), place=Thread(message("card")), source=message(f"m{number}"), next_number=number, **changes
    )


def turn(state: FlowState, text: str, where: Scene | None = None, found: tuple[str, ...] = ()) -> Step:
    return ADVANCE[state.kind](state, Said(text, found), where or here(), RULES, WORDS)


def at(field: str, **changes: Any) -> FormState:
    return FORM.model_copy(update={"index": FIELDS.index(field), **changes})


def test_an_answer_is_kept_as_part_of_its_card_and_the_next_field_is_asked() -> None:
    step = turn(FORM, "Minder wachten.")
    kept = recorded(step.effects)
    assert (kept.text, kept.kind, kept.part_of, kept.field) == (
        "Minder wachten.",
        ContributionKind.ANSWER,
        5,
        FIELDS[0],
    )
    assert kept.source == message("m6"), "so that an edit of this message is followed"
    assert isinstance(step.state, FormState)
    assert step.state.index == 1
    assert said(step.effects).count("?") == 1


def test_an_answer_has_the_audience_of_its_card() -> None:
    private = FORM.model_copy(update={"audience": Audience.PRIVATE})
    assert recorded(turn(private, "Minder wachten.").effects).audience is Audience.PRIVATE


def test_after_the_last_field_it_is_over() -> None:
    step = turn(at(FIELDS[-1]), "Bas belt.")
    assert step.state is None
    assert recorded(step.effects).field == FIELDS[-1]


@pytest.mark.parametrize("text", ["overslaan", "Skip.", "sla over"])
def test_skip_asks_the_next_and_keeps_nothing(text: str) -> None:
    step = turn(FORM, text)
    assert isinstance(step.state, FormState)
    assert step.state.index == 1
    assert not [one for one in step.effects if isinstance(one, Record)]


@pytest.mark.parametrize("text", ["later", "straks", "Later 2 uur", "later 30 min", "later 1 dag"])
def test_later_keeps_the_question_and_says_when_it_comes_back(text: str) -> None:
    step = turn(FORM, text)
    assert step.state == FORM
    reminder = the(step.effects, SetTimer).reminder
    assert reminder.run is Run.LATER
    assert reminder.due_at > here().now
    assert not [one for one in step.effects if isinstance(one, Record)]


def test_two_hours_are_two_hours_and_no_time_is_the_next_working_morning() -> None:
    assert the(turn(FORM, "later 2 uur").effects, SetTimer).reminder.due_at == here().now + timedelta(hours=2)
    local = the(turn(FORM, "later").effects, SetTimer).reminder.planned_local
    assert (local.date() - here().now.date(), local.hour) == (timedelta(days=1), 9)


def test_a_time_that_cannot_be_read_is_told_and_the_question_stays() -> None:
    step = turn(FORM, "later 999 dagen")
    assert step.state == FORM
    assert "later 2 uur" in said(step.effects)


@pytest.mark.parametrize("text", ["stop", "STOP!", "stoppen"])
def test_stop_ends_it_with_one_line(text: str) -> None:
    step = turn(FORM, text)
    assert step.state is None
    assert len(step.effects) == 1


def test_back_asks_the_one_before_and_a_new_answer_replaces_the_old() -> None:
    second = turn(FORM, "Eerst dit").state
    assert second is not None
    back = turn(second, "terug", here(7)).state
    assert isinstance(back, FormState)
    assert back.index == 0
    step = turn(back, "Toch dat", here(7))
    assert the(step.effects, Forget) == Forget(6)
    assert recorded(step.effects).text == "Toch dat"


def test_help_explains_and_asks_nothing_new() -> None:
    step = turn(FORM, "hulp")
    assert step.state == FORM
    assert "overslaan" in said(step.effects)


def test_a_word_inside_a_sentence_is_an_answer_no_command() -> None:
    assert recorded(turn(FORM, "stop met papier").effects).text == "stop met papier"


def test_a_date_is_kept_verbatim_and_said_back_and_a_wrong_one_asked_again() -> None:
    step = turn(at("look_on"), "27-3-2027")
    assert recorded(step.effects).text == "27-3-2027"
    assert "zaterdag 27 maart" in said(step.effects)
    wrong = turn(at("look_on"), "ergens in de lente")
    assert wrong.state == at("look_on")
    assert len(wrong.effects) == 1


def test_personal_data_in_an_answer_brings_the_choice_and_then_the_next_field() -> None:
    step = turn(FORM, "Bel [telefoon]", found=(Kind.PHONE,))
    assert isinstance(step.state, PersonalState)
    assert step.state.card == recorded(step.effects).number == 6
    after = turn(step.state, "3", here(7))
    assert the(after.effects, Forget) == Forget(6)
    assert isinstance(after.state, FormState)
    assert (after.state.index, after.state.given) == (1, {})


def test_when_the_pack_lost_the_form_the_words_are_kept_all_the_same() -> None:
    gone = FORM.model_copy(update={"form": "weg"})
    step = turn(gone, "Toch bewaren")
    assert step.state is None
    assert (recorded(step.effects).text, recorded(step.effects).part_of) == ("Toch bewaren", 5)


def choosing() -> Rules:
    pack = PACKS["doetank"]
    title = {"nl": "Ja", "en": "Yes"}, {"nl": "Nog niet", "en": "Not yet"}
    field = FormField.model_validate({
        "field": "done", "type": "choice", "ask": {"nl": "Is het klaar?", "en": "Is it done?"},
        "choices": {"yes_done": title[0], "not_yet": title[1]},
    })  # fmt: skip
    number = FormField.model_validate({"field": "n", "type": "number", "ask": {"nl": "Hoeveel?", "en": "How many?"}})
    packs = {"doetank": pack.model_copy(update={"forms": {"experiment": (field, number)}})}
    return Rules(RULES.me, "!", "nl", "Europe/Amsterdam", packs, RULES.calendar)


@pytest.mark.parametrize("text", ["2", "nog niet", "Not yet."])
def test_a_choice_is_typed_as_number_or_word_in_either_language(text: str) -> None:
    step = ADVANCE["form"](FORM, Said(text), here(), choosing(), WORDS)
    assert recorded(step.effects).text == "not_yet"


def test_what_is_no_choice_or_no_number_is_asked_again() -> None:
    wrong = ADVANCE["form"](FORM, Said("3"), here(), choosing(), WORDS)
    assert wrong.state == FORM
    assert "1 Ja" in said(wrong.effects)
    second = FORM.model_copy(update={"index": 1})
    assert ADVANCE["form"](second, Said("veel"), here(), choosing(), WORDS).state == second
    assert recorded(ADVANCE["form"](second, Said("6,5"), here(), choosing(), WORDS).effects).text == "6,5"


# --- kickoff


def test_the_question_is_recorded_for_the_group_and_then_it_is_over() -> None:
    step = turn(KickoffState(), "Waarom elk jaar opnieuw?")
    assert (recorded(step.effects).kind, recorded(step.effects).cycle) == (ContributionKind.QUESTION, 7)
    assert said(step.effects).count("?") == 1


def test_the_coach_is_asked_what_the_pack_wants_to_know_one_thing_at_a_time() -> None:
    state: FlowState | None = KickoffState()
    kept = []
    for number, words in enumerate(("Waarom elk jaar opnieuw?", "Mantelzorgers", "Een afdelingshoofd", "Namen"), 6):
        assert state is not None
        step = turn(state, words, here(number))
        kept.append(recorded(step.effects))
        state = step.state
    assert state is None
    assert [(one.kind, one.part_of) for one in kept] == [
        (ContributionKind.QUESTION, None),
        (ContributionKind.OBSERVATION, 6),
        (ContributionKind.OBSERVATION, 6),
        (ContributionKind.DECISION, None),
    ]


def test_back_in_the_kickoff_asks_the_one_before() -> None:
    second = turn(KickoffState(), "Waarom?").state
    assert second is not None
    back = turn(second, "terug").state
    assert isinstance(back, KickoffState)
    assert back.index == 0


def test_a_pack_without_kickoff_questions_asks_only_for_the_question() -> None:
    pack = PACKS["doetank"].model_copy(update={"kickoff": ()})
    rules = replace(RULES, packs={"doetank": pack})
    assert ADVANCE["kickoff"](KickoffState(), Said("Waarom?"), here(), rules, WORDS).state is None


def test_a_cycle_without_a_name_asks_for_one_after_the_question() -> None:
    second = turn(KickoffState(needs_title=True), "overslaan").state
    assert second == KickoffState(asking=Asking.TITLE, needs_title=True)
    stored = the(turn(second, "Papier").effects, StoreCycle)
    assert stored.cycle.title == "Papier"
    assert stored.schedule, "the schedule stays"


def test_stopping_the_questions_leaves_the_cycle_as_it_is() -> None:
    step = turn(KickoffState(needs_title=True), "stop")
    assert step.state is None
    assert not [one for one in step.effects if isinstance(one, StoreCycle | Record)]


def test_an_answer_after_the_cycle_ended_is_told_so() -> None:
    step = turn(KickoffState(), "Te laat", replace(here(), cycle=None))
    assert step.state is None
    assert len(step.effects) == 1


# --- every flow, any conversation

TYPED = st.one_of(
    st.sampled_from(
        ["1", "2", "3", "skip", "terug", "later", "stop", "help", "27 maart", "ja", "nee", "x", "", "\ud800"]
    ),
    st.text(max_size=60),
)
STARTS: dict[str, FlowState] = {
    "form": FORM,
    "story": FORM.model_copy(update={"form": "story"}),
    "kickoff": KickoffState(needs_title=True),
    "personal": PersonalState(card=5, audience=Audience.GROUP, then=FORM),
    "question": QuestionState(pack="doetank", prompts=("S3", "S5"), cycle=7),
    "checkin": QuestionState(pack="doetank", prompts=("E2",), cycle=7, about=3),
    "stuck": StuckState(cycle=7),
    "leaving": LeavingState(),
    "sponsor": SponsorState(number=3, cycle=7),
    "telling": TellingState(cycle=7),
    "sharing": TellingState(cycle=7, card=5),
}


def test_every_kind_of_flow_is_among_those_that_are_tried() -> None:
    assert {state.kind for state in STARTS.values()} == set(FLOW_STATES)


@pytest.mark.parametrize("word", ["skip", "overslaan", "later", "back", "terug", "stop", "help", "hulp"])
@pytest.mark.parametrize("start", sorted(STARTS))
def test_the_five_words_always_work_and_nothing_is_kept_of_them(start: str, word: str) -> None:
    step = turn(STARTS[start], word)
    assert not [one for one in step.effects if isinstance(one, Record)]
    assert said(step.effects)


def step_place() -> Thread:
    return Thread(message("card"))


class Conversation(RuleBasedStateMachine):
    """One member talks to one flow, about anything, until it is over."""

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def open_one(self, start: str) -> None:
        self.begin(start)

    def begin(self, start: str) -> None:
        self.state: FlowState | None = STARTS[start]
        self.number = 6
        self.effects: tuple[Effect, ...] = ()

    @precondition(lambda self: self.state is None)
    @rule(start=st.sampled_from(sorted(STARTS)))
    def begin_again(self, start: str) -> None:
        self.begin(start)

    @precondition(lambda self: self.state is not None)
    @rule(text=TYPED, found=st.sampled_from([(), (Kind.PHONE,)]))
    def write(self, text: str, found: tuple[str, ...]) -> None:
        assert self.state is not None
        step = turn(self.state, text, here(self.number), found)
        self.state, self.effects = step.state, step.effects
        self.number += len([one for one in step.effects if isinstance(one, Record)])

    @precondition(lambda self: self.state is not None)
    @rule(text=st.sampled_from(["stop", "Stop.", "STOPPEN"]))
    def leave(self, text: str) -> None:
        assert self.state is not None
        step = turn(self.state, text, here(self.number))
        assert step.state is None
        assert len([one for one in step.effects if isinstance(one, Say) and one.to == step_place()]) == 1
        self.state, self.effects = None, step.effects

    @invariant()
    def at_most_one_question_is_open(self) -> None:
        assert said(self.effects).count("?") <= 1
        assert len([one for one in self.effects if isinstance(one, Record)]) <= 1

    @invariant()
    def the_state_survives_being_stored(self) -> None:
        if self.state is not None:
            assert FLOW_STATES[self.state.kind].model_validate_json(self.state.model_dump_json()) == self.state

    @invariant()
    def it_stays_in_its_lane(self) -> None:
        for effect in self.effects:
            if isinstance(effect, Say):
                # The coach and the group hear what the member or the sponsor chose to tell them, and nothing else.
                is_told_on = effect.key in {"stuck.to_coach", "sponsor.call", "sponsor.no_answer", "sponsor.answered"}
                assert is_told_on or effect.to == step_place()
                assert effect.mentions == ()


TestConversation = Conversation.TestCase


def test_every_field_type_has_a_question_in_both_languages() -> None:
    for language in ("nl", "en"):
        for index in range(len(FIELDS)):
            state = FORM.model_copy(update={"index": index - 1}) if index else None
            if state is not None:
                step = turn(state, "skip", here(language=language))
                assert said(step.effects, language)
    assert {AnswerType.TEXT, AnswerType.DATE} <= {field.type for field in PACKS["doetank"].forms["experiment"]}
