import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.group import FORMAL
from doetank_bot.text.words import Words, WordTable

TABLE = WordTable.load()


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [("cycle", "cycle"), ("RONDE", "cycle"), ("zag", "observe"), ("Sla  over", "skip"), ("nee", "no"), ("no", "no")],
)
def test_both_languages_are_understood_whatever_their_case_and_spacing(typed: str, meaning: str) -> None:
    assert TABLE.canonical(typed) == meaning


def test_a_word_that_is_not_in_the_table_means_nothing() -> None:
    assert TABLE.canonical("rond") is None


def test_the_first_word_of_a_language_is_the_one_that_is_shown() -> None:
    assert (TABLE.word("observe", "nl"), TABLE.word("observe", "en")) == ("waarneming", "observe")


def test_every_word_leads_back_to_its_meaning() -> None:
    for meaning in TABLE.meanings():
        for language in ("nl", "en", FORMAL):
            assert {TABLE.canonical(word) for word in TABLE.words(meaning, language)} == {meaning}


def test_all_words_are_the_words_that_mean_something() -> None:
    assert all(TABLE.canonical(word) for word in TABLE.all_words())
    assert {"sla over", "ronde", "cycle"} <= set(TABLE.all_words())


def test_one_word_with_two_meanings_is_refused() -> None:
    table = {"stop": Words(nl=("stop",), en=("stop",)), "end": Words(nl=("Stop",), en=("end",))}
    with pytest.raises(ValueError, match="means both"):
        WordTable(table)


@given(st.text())
def test_any_text_may_be_looked_up(text: str) -> None:
    assert TABLE.canonical(text) in {None, *TABLE.meanings()}
