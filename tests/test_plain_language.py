"""Our texts are plain language (B1), and so are those of the packs; the lint that says so sees every kind of fault."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.strict_yaml import read_tree
from doetank_bot.resources import packs_dir, toolkit_dir
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain_language import Fault, Jargon, findings, sentences, texts_in, wording

CATALOGUE = Catalogue.load()
JARGON = Jargon.load()
FILES = [path for folder in (packs_dir(), toolkit_dir()) if folder.is_dir() for path in sorted(folder.glob("*.yaml"))]
KEYS = [(key, language) for language in CATALOGUE.languages for key in sorted(CATALOGUE.keys(language))]


def faults(text: str, language: str = "nl") -> list[Fault]:
    return [one.fault for one in findings(text, language, JARGON)]


@pytest.mark.parametrize(("key", "language"), KEYS)
def test_a_text_of_ours_is_plain_language(key: str, language: str) -> None:
    entry = CATALOGUE.entry(key, language)
    for template in filter(None, (entry.one, entry.other)):
        assert [str(one) for one in findings(wording(template), language, JARGON)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pack_asks_in_plain_language(path: Path) -> None:
    texts = list(texts_in(read_tree(path.read_text("utf-8"), path.name).data))
    assert texts
    found = [(loc, str(one)) for loc, language, text in texts for one in findings(text, language, JARGON)]
    assert found == []


def test_a_sentence_of_twenty_five_words_may_stand_beside_a_short_one_and_one_more_is_too_long() -> None:
    assert faults("woord " * 24 + "woord. Kort.") == []
    assert faults("woord " * 25 + "woord. Kort.") == [Fault.SENTENCE]


def test_fifteen_words_on_average_are_the_most() -> None:
    assert faults("woord " * 14 + "woord.") == []
    assert faults("woord " * 15 + "woord.") == [Fault.AVERAGE]


def test_a_message_asks_one_thing() -> None:
    assert faults("Wat zag je? Schrijf het op.") == []
    assert faults("Wat zag je? En wie was erbij?") == [Fault.QUESTIONS]
    assert faults("Echt waar??") == []


@pytest.mark.parametrize(
    ("text", "word", "instead"),
    [
        ("Onze hypotheses zijn klaar.", "hypotheses", "verwachting"),
        ("Wij implementeren dit.", "implementeren", "invoeren"),
        ("Het is gefaciliteerd.", "gefaciliteerd", "helpen"),
        ("Dat is geëvalueerd.", "geëvalueerd", "terugkijken"),
        ("Zij participeert.", "participeert", "meedoen"),
        ("Middels een brief.", "Middels", "met"),
        ("Dat dient te gebeuren.", "dient te", "moet"),
        ("Vraag het m.b.t. de brief.", "m.b.t.", "over"),
        ("Alle stakeholders-overleggen.", "stakeholders", "betrokkene"),
    ],
)
def test_a_hard_word_is_told_with_what_to_write_instead(text: str, word: str, instead: str) -> None:
    [found] = findings(text, "nl", JARGON)
    assert (found.fault, found.words, found.remedy) == (Fault.JARGON, word, f"Write “{instead}”")


@pytest.mark.parametrize("text", ["Dochter en dochters.", "Conformisme.", "Nureeds.", "Dat dient nergens toe."])
def test_a_hard_word_is_never_a_part_of_another_word(text: str) -> None:
    assert faults(text) == []


def test_every_form_of_dutch_has_the_dutch_list_and_english_its_own() -> None:
    for language in ("nl", "nl@formal", "nl_u"):
        assert faults("Indien nodig.", language) == [Fault.JARGON]
    assert faults("Indien nodig.", "en") == []
    assert faults("We utilised it.", "en") == [Fault.JARGON]


def test_the_list_is_long_enough_and_gives_no_hard_word_instead_of_another() -> None:
    assert len(JARGON.words["nl"]) >= 60
    for language, words in JARGON.words.items():
        assert [instead for instead in words.values() if faults(instead, language)] == []


def test_every_word_of_the_list_is_found_by_itself() -> None:
    for language, words in JARGON.words.items():
        for form in (form for forms in words for form in forms.split(" / ")):
            assert faults(f"Zie {form} hier.", language), form


def test_a_text_of_a_pack_is_found_wherever_it_stands() -> None:
    data = {"name": "nl", "title": {"nl": "A", "en": "B"}, "list": [{"ask": {"nl_u": "C", "nl": 3}}]}
    assert list(texts_in(data)) == [
        (("title", "nl"), "nl", "A"),
        (("title", "en"), "en", "B"),
        (("list", 0, "ask", "nl_u"), "nl_u", "C"),
    ]


@given(st.text(), st.sampled_from(["nl", "en", "nl@formal", "", "??"]))
def test_any_text_can_be_looked_at(text: str, language: str) -> None:
    found = findings(text, language, JARGON)
    assert all(str(one) and one.words for one in found)
    assert all(part.strip() for part in sentences(text))
