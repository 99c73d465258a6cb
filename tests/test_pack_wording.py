"""The words of a pack in the languages and forms of address that it has."""

from cast import PACKS, SAYS_JE

from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.pack.wording import Ask, Title


def test_every_question_of_doetank_with_je_has_one_with_u_and_no_other_has() -> None:
    doetank = PACKS["doetank"]
    asks = [prompt.ask for prompt in doetank.prompts.values()]
    asks += [one.ask for form in doetank.forms.values() for one in form]
    for ask in asks:
        assert bool(ask.nl_u) == bool(SAYS_JE.search(ask.nl)), ask.nl
        assert not SAYS_JE.search(ask.get(FORMAL))
        assert ask.nl_u != ask.nl


def test_no_title_or_choice_of_doetank_says_je() -> None:
    doetank = PACKS["doetank"]
    titles = [doetank.title, *(phase.title for phase in doetank.phases)]
    choices = [prompt.choices for prompt in doetank.prompts.values()]
    choices += [one.choices for form in doetank.forms.values() for one in form]
    titles += [title for each in choices for title in (each or {}).values()]
    assert not [title.nl for title in titles if SAYS_JE.search(title.nl)]


def test_a_pack_without_the_dutch_with_u_gives_the_dutch_it_has() -> None:
    ask = Ask(nl="Wat zie je?", nl_u="Wat ziet u?", en="What do you see?")
    assert [ask.get(language) for language in ("nl", FORMAL, "en")] == [
        "Wat zie je?",
        "Wat ziet u?",
        "What do you see?",
    ]
    assert Ask(nl="Wat zie je?", en="What do you see?").get(FORMAL) == "Wat zie je?"
    assert Title(nl="Start", en="Begin").get(FORMAL) == "Start"
