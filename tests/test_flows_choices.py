"""A choice is taken by its number or its words, as people type them: with a full stop, a bracket, or both."""

import re

import pytest
from cast import CATALOGUE, PACKS, WORDS

from doetank_bot.flows import filling, personal, stuck
from doetank_bot.flows.audience import parse_audience
from doetank_bot.flows.control import Control, control, picked
from doetank_bot.flows.form import chosen
from doetank_bot.text.plain import plain

MENUS = {"stuck.exits": stuck._EXITS, "capture.personal": personal._CHOICES, "flow.ask_check": filling._CHECKS}
CHECKIN = PACKS["doetank"].prompts["E2"].choices or {}


def menu(key: str, language: str) -> list[tuple[str, str]]:
    """Return the numbered choices of a text, as it is shown."""
    shown = plain(CATALOGUE.document(key, {"what": "x", "ask": "?"}, "en" if language == "en" else "nl"))
    return re.findall(r"(?:^|- |· )([1-9]) ([^·\n]+?) *(?=$|·|\n)", shown, re.MULTILINE)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("key", MENUS)
def test_what_a_menu_shows_may_be_typed_as_it_stands_there(key: str, language: str) -> None:
    options = menu(key, language)
    assert len(options) == len(MENUS[key])
    for number, words in options:
        for typed in (number, f"{number}.", f"{number})", words, f"{words}!", f"{number} {words}", f"“{words}”"):
            assert picked(typed, MENUS[key], WORDS) == MENUS[key][number], typed


@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_may_read_a_story_may_be_typed_as_it_is_shown(language: str) -> None:
    options = menu("flow.ask_audience", language)
    assert len(options) == 4
    for number, words in options:
        expected = parse_audience(number, WORDS)
        for typed in (words, f"{number} {words}", f"{number})", f"{words}."):
            assert parse_audience(typed, WORDS) == expected, typed
        unnamed = parse_audience(f"{words} anoniem", WORDS)
        assert unnamed is not None
        assert unnamed.is_unnamed


@pytest.mark.parametrize(
    "text", ["2 keer gebeld", "1 deze groep graag", "groep en anoniem", "1 iedereen", "deze", "", "👍"]
)
def test_what_is_no_choice_of_readers_is_none(text: str) -> None:
    assert parse_audience(text, WORDS) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.", "done"),
        ("1)", "done"),
        ("gedaan!", "done"),
        ("Gedaan 👍", "done"),
        ("1 gedaan", "done"),
        ("“bezig”", "busy"),
        ("Ik zit vast", "stuck"),
        ("ik zit vast.", "stuck"),
        ("3: I am stuck", "stuck"),
        ("#4", "not_now"),
        ("Deze week niet...", "not_now"),
        ("2 gedaan", None),
        ("11", None),
        ("", None),
    ],
)
def test_a_check_in_takes_number_and_words_in_both_languages(text: str, name: str | None) -> None:
    assert chosen(CHECKIN, text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("opdrachtgever", "sponsor"), ("de buurt", "neighbourhood"), ("buurt!", "neighbourhood"), ("2 netwerk", "network"),
     ("Sponsor", "sponsor"), ("our group", "group"), ("groep", "group"), ("de", None)],
)  # fmt: skip
def test_whom_a_group_asks_may_be_typed_without_the_article(text: str, name: str | None) -> None:
    to = next(field for field in PACKS["doetank"].form("ask") if field.field == "to")
    assert chosen(to.choices or {}, text) == name


def test_words_that_tell_something_are_no_choice() -> None:
    assert picked("2 keer gebeld naar de gemeente", stuck._EXITS, WORDS) is None
    assert picked("de coach weet het ook niet", stuck._EXITS, WORDS) is None


@pytest.mark.parametrize("text", ["stop 🙏", "«stop»", "Stop…", "- stop", "sla over 👍", "help??"])
def test_a_sign_around_a_word_that_steers_changes_nothing(text: str) -> None:
    assert control(text, WORDS) in set(Control)
