"""What members give by command: kept verbatim, in the right hands, with the follow-up that is due."""

from typing import Any

import pytest
from cast import (
    BAS,
    BOT,
    MAAIKE,
    PRIVATE,
    ROOM,
    FakeKept,
    contribution,
    cycle,
    message,
    recorded,
    run,
    said,
    scene,
    the,
)

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.effect import Open, Record, Say
from doetank_bot.domain.error import UserError
from doetank_bot.domain.personal_data import Kind
from doetank_bot.domain.reference import Room, Thread, UserRef
from doetank_bot.domain.view import Snapshot
from doetank_bot.flows.form import FormState
from doetank_bot.flows.personal import PersonalState

IN_PRIVATE: dict[str, Any] = {"is_private": True, "place": Room(PRIVATE), "source": message("p", PRIVATE)}


def slip(text: str, *given: Any, **how: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        run(text, *given, **how)
    return raised.value


def test_an_observation_is_kept_verbatim_for_the_group_and_answered_with_its_number() -> None:
    text = 'Twee mensen.\n  "Buiten"  **niet** @room'
    effects = run(f"zag {text}", scene(cycle=cycle(), next_number=12))
    kept = recorded(effects)
    assert (kept.text, kept.kind, kept.number) == (text, ContributionKind.OBSERVATION, 12)
    assert (kept.audience, kept.author, kept.source) == (Audience.GROUP, MAAIKE.id, message("command"))
    line = the(effects, Say)
    assert (line.is_notice, line.reply_to, line.mentions) == (True, message("command"), ())
    assert "#12" in said([line])


def test_what_is_said_in_private_stays_private_and_the_answer_says_so() -> None:
    effects = run("observe iets", scene(cycle=cycle(), **IN_PRIVATE))
    assert recorded(effects).audience is Audience.PRIVATE
    assert "De groep ziet dit niet" in said(effects)


def test_an_experiment_brings_its_form_one_question_at_a_time() -> None:
    effects = run("proef één belletje", scene(cycle=cycle(), next_number=5))
    opened = the(effects, Open)
    assert opened.place == Thread(message("command"))
    assert isinstance(opened.state, FormState)
    assert (opened.state.card, opened.state.form, opened.state.audience) == (5, "experiment", Audience.GROUP)
    assert said(effects).count("?") == 1


def test_without_a_cycle_an_experiment_is_kept_and_nothing_is_asked() -> None:
    effects = run("proef één belletje", scene())
    assert recorded(effects).cycle is None
    assert "bewaard" in said(effects)


def test_masked_personal_data_is_named_and_the_choice_comes_before_the_form() -> None:
    effects = run("proef bel [telefoon]", scene(cycle=cycle(), next_number=5), found=(Kind.PHONE,))
    state = the(effects, Open).state
    assert isinstance(state, PersonalState)
    assert state.then is not None
    assert "telefoon" in said(effects)


def test_the_question_is_shown_to_anyone_and_changed_by_a_moderator_only() -> None:
    versions = FakeKept((
        contribution(1, ContributionKind.QUESTION, "Eerst"),
        contribution(2, ContributionKind.QUESTION, "Daarna"),
        contribution(3, ContributionKind.QUESTION, "", status=Status.WITHDRAWN),
    ))  # fmt: skip
    everyone = scene(cycle=cycle(), sender=BAS, is_moderator=None)
    shown = said(run("vraagstuk", everyone, versions))
    assert "versie 2" in shown
    assert "Daarna" in shown
    assert slip("vraagstuk Nieuw", everyone, versions).key == "error.moderators_only"
    effects = run("vraagstuk Nieuw", scene(cycle=cycle()), versions)
    assert (recorded(effects).kind, recorded(effects).audience) == (ContributionKind.QUESTION, Audience.GROUP)
    assert "versie 4" in said(effects)


def test_without_a_question_its_absence_is_told() -> None:
    assert "nog geen vraagstuk" in said(run("vraagstuk", scene(cycle=cycle())))


# --- keep


def kept_chat(author: UserRef = BAS.user, text: str = "Ze belde 06-12345678 terug") -> FakeKept:
    return FakeKept(messages={message("talk"): Snapshot(author, text)})


def test_keep_as_a_reply_keeps_someones_words_under_their_own_name_and_masked() -> None:
    effects = run("bewaar", scene(cycle=cycle(), reply_to=message("talk")), kept_chat())
    kept = recorded(effects)
    assert (kept.author, kept.source, kept.text) == (BAS.id, message("talk"), "Ze belde [telefoon] terug")
    assert "Bas" in said(effects)
    assert not [effect for effect in effects if isinstance(effect, Open)], "the choice is the author's, not mine"


def test_keeping_my_own_message_lets_me_choose_about_personal_data() -> None:
    effects = run("bewaar", scene(cycle=cycle(), reply_to=message("talk")), kept_chat(MAAIKE.user))
    assert isinstance(the(effects, Open).state, PersonalState)


@pytest.mark.parametrize(
    ("kept", "key"),
    [
        (FakeKept(), "keep.gone"),
        (kept_chat(BOT), "keep.mine"),
        (kept_chat(UserRef(ROOM.account, "@weg:test")), "keep.no_member"),
        (kept_chat(text=" \u200b "), "keep.no_text"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(kept: FakeKept, key: str) -> None:
    assert slip("keep", scene(reply_to=message("talk")), kept).key == key


def test_keep_needs_a_reply_and_a_message_is_kept_once() -> None:
    assert slip("keep", scene()).key == "keep.reply"
    earlier = contribution(9, ContributionKind.ANSWER, "x", source=message("talk"))
    effects = run("keep", scene(reply_to=message("talk")), FakeKept((earlier,)))
    assert "#9" in said(effects)
    assert not [effect for effect in effects if isinstance(effect, Record)]


# --- help


def test_help_shows_only_what_this_person_may_do_here_in_at_most_twelve_lines() -> None:
    for where in (scene(), scene(cycle=cycle())):
        assert len(said(run("help", where)).splitlines()) <= 12
    moderator, member = said(run("help", scene())), said(run("help", scene(is_moderator=False)))
    assert "!ronde start" in moderator
    assert "!ronde start" not in member
    assert "!vraagstuk [tekst]" in moderator
    assert "!vraagstuk: lees jullie vraagstuk\n" in member
    assert "!waarneming TEKST" in member
    assert "!ronde start" not in said(run("help", scene(cycle=cycle()))), "there is a cycle already"


def test_help_without_a_group_tells_the_way() -> None:
    lost = scene(group=None, sender=None, is_private=True, n_groups=0)
    assert "Nodig mij uit" in said(run("help", lost))


def test_help_is_in_the_readers_language() -> None:
    assert "!cycle start" in said(run("hulp", scene(language="en")), "en")
