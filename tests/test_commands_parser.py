"""From typed text to a command: words of two languages, quotes, dates, and everything that is none of it."""

from datetime import date

import pytest
from cast import WORDS
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.commands.parser import BadUse, Parsed, Unknown, own_words, parse
from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import complaint
from doetank_bot.domain.day import parse_day
from doetank_bot.domain.hygiene import is_blank

TODAY = date(2027, 2, 3)


def parsed(text: str) -> Parsed:
    found = parse(text, WORDS, COMMANDS)
    assert isinstance(found, Parsed), found
    return found


def unknown(text: str) -> Unknown:
    found = parse(text, WORDS, COMMANDS)
    assert isinstance(found, Unknown), found
    return found


def bad(text: str) -> BadUse:
    found = parse(text, WORDS, COMMANDS)
    assert isinstance(found, BadUse), found
    return found


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("cycle start", "cycle.start"),
        ("ronde start", "cycle.start"),
        ("RONDE begin", "cycle.start"),
        ("  cycle \n  begin ", "cycle.start"),
        ("cycle", "cycle.status"),
        ("ronde stand", "cycle.status"),
        ("opdracht nu", "prompt.now"),
        ("help", "help"),
        ("Hulp!", "help"),
        ("bewaar", "keep"),
    ],
)
def test_words_of_both_languages_in_any_case_and_spacing_are_the_command(typed: str, name: str) -> None:
    assert parsed(typed).command.name == name


def test_a_start_takes_its_arguments_in_any_order_and_both_languages() -> None:
    for text in (
        'cycle start "Parkeren zonder papier" pack=doetank weeks=8 from=2027-02-08',
        "ronde start weken=8 “Parkeren zonder papier” vanaf=8-2-2027 aanpak=doetank",
        "ronde start vanaf='8 februari 2027' weeks=8 pack=doetank Parkeren zonder papier",
        "cycle start title=„Parkeren zonder papier” from=2027-02-08 weken=8 aanpak=doetank",
    ):
        arguments = parsed(text).arguments
        day = arguments.day("from")
        assert arguments.text("title") == "Parkeren zonder papier"
        assert (arguments.text("pack"), arguments.number("weeks")) == ("doetank", 8)
        assert day is not None
        assert day.on(TODAY) == date(2027, 2, 8)


def test_an_apostrophe_inside_a_title_is_no_quote() -> None:
    assert parsed("ronde start Auto's en 's avonds parkeren").arguments.text("title") == "Auto's en 's avonds parkeren"


def test_free_text_is_verbatim_with_its_quotes_lines_and_equals_signs() -> None:
    text = 'Ze zei: "papier=weg"\n\nen toen  niets'
    assert parsed(f"zag   {text} ").arguments.text("text") == text


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("digest", "error.which"),
        ("observe", "error.missing"),
        ("observe \u200b", "error.missing"),
        ("cycle start weeks=acht", "error.no_number"),
        ("cycle start weeks=٨", "error.no_number"),
        ("cycle start weeks=-1", "error.no_number"),
        ("cycle start weeks=", "error.missing"),
        ("cycle start weeks= 8", "error.missing"),
        ("cycle start from=31-2-2027", "error.no_date"),
        ("cycle start from=morgen", "error.no_date"),
        ("cycle start kleur=rood", "error.no_such_option"),
        ("cycle start 8", "error.no_title"),
        ("cycle start " + "lang " * 40, "error.title_too_long"),
        ("cycle start " + "x" * 5000, "error.too_long"),
        ("cycle pause ooit", "error.no_date"),
        ("cycle resume 3", "error.too_much"),
        ("prompt now V1 V2", "error.no_word"),
    ],
)
def test_a_wrong_argument_is_told_by_its_own_text_with_usage(typed: str, key: str) -> None:
    assert bad(typed).key == key


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("cycel start", "cycle.start"),
        ("ronda strat", "cycle.start"),
        ("cycel", "cycle.status"),
        ("cycle strat", "cycle.start"),
        ("obsrve iets", "observe"),
        ("hlep", "help"),
        ("start", "cycle.start"),
        ("einde", "cycle.end"),
        ("xyzzy", None),
        ("", None),
        ("   ", None),
    ],
)
def test_an_unknown_command_gets_the_nearest_match(typed: str, nearest: str | None) -> None:
    found = unknown(typed).nearest
    assert (found.name if found else None) == nearest


@pytest.mark.parametrize("typed", ["cyclefoo", "helpme now", "observeer-iets", "keeper"])
def test_a_word_that_only_begins_like_a_command_is_not_that_command(typed: str) -> None:
    unknown(typed)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-02-08", date(2027, 2, 8)),
        ("8-2-2027", date(2027, 2, 8)),
        ("08/02/2027", date(2027, 2, 8)),
        ("8 februari", date(2027, 2, 8)),
        ("8 FEB 2027", date(2027, 2, 8)),
        ("maandag 8 februari", date(2027, 2, 8)),
        ("monday, 8 february", date(2027, 2, 8)),
        ("2 februari", date(2028, 2, 2)),
        ("29 februari", date(2028, 2, 29)),
    ],
)
def test_a_date_is_read_and_without_a_year_it_is_the_next_one(typed: str, day: date) -> None:
    found = parse_day(typed)
    assert found is not None
    assert found.on(TODAY) == day


@pytest.mark.parametrize(
    "typed",
    ["", "8", "31 juni", "2027-13-01", "29-2-2027", "0-1-2027", "8 februari 1999", "8 blauw", "8-2", "٨-٢-٢٠٢٧"],
)
def test_what_is_no_date_is_not_guessed(typed: str) -> None:
    assert parse_day(typed) is None


def test_an_edited_command_gives_its_new_words_and_nothing_else() -> None:
    assert own_words("!zag twee mensen", "!", WORDS, COMMANDS) == "twee mensen"
    assert own_words("!observe", "!", WORDS, COMMANDS) == ""
    assert own_words("zag twee mensen", "!", WORDS, COMMANDS) == "zag twee mensen"
    assert own_words("zag twee mensen", "!", WORDS, COMMANDS, is_bare=True) == "twee mensen"
    assert own_words("!cycle end", "!", WORDS, COMMANDS) == "!cycle end"


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser_and_what_is_wrong_can_be_said(text: str) -> None:
    found = parse(text, WORDS, COMMANDS)
    if not isinstance(found, Parsed):
        assert complaint(found, WORDS, "nl", "!").key.startswith("error.")


@given(st.sampled_from(sorted(WORDS.all_words())), st.sampled_from(sorted(WORDS.all_words())), st.text(max_size=80))
def test_no_arguments_break_a_command(first: str, second: str, rest: str) -> None:
    found = parse(f"{first} {second} {rest}", WORDS, COMMANDS)
    if isinstance(found, BadUse):
        assert all(len(value) <= 80 for value in found.params.values())


@given(
    st.text(min_size=1, max_size=200)
    .map(str.strip)
    .filter(lambda text: any(map(str.isalnum, text)) and not is_blank(text))
)
def test_what_a_member_gives_comes_through_verbatim(text: str) -> None:
    assert parsed(f"observe {text}").arguments.text("text") == text


def test_a_hundred_kilobytes_of_anything_is_parsed() -> None:
    for text in ("x" * 100_000, "cycle start " + "a=b " * 25_000, "cycle start " + '"' * 100_000, "! " * 50_000):
        assert parse(text, WORDS, COMMANDS) is not None
    assert parsed("observe " + "x" * 100_000).arguments.text("text") == "x" * 100_000
