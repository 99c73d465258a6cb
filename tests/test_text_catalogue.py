from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.document import (
    Bullets,
    Code,
    Document,
    Emphasis,
    Heading,
    Mention,
    Paragraph,
    Quote,
    Strong,
    Text,
)
from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.reference import UserRef
from doetank_bot.text.catalogue import Catalogue, Entry
from doetank_bot.text.catalogue.markup import parse
from doetank_bot.text.plain import isolated

ANA = Mention(user=UserRef("bot", "@ana:test"), name="Ana")


def one_text(text: str, one: str | None = None) -> Catalogue:
    entry = Entry(other=parse(text), one=parse(one) if one else None)
    return Catalogue({"nl": {"x.y": entry}, "en": {"x.y": entry}})


def document(text: str, **params: Params) -> Document:
    return one_text(text).document("x.y", params, "nl")


def only_line(text: str, **params: Params) -> tuple[object, ...]:
    return one_text(text).line("x.y", params, "nl")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def make(**areas: str) -> Path:
        for language in ("nl", "en", FORMAL):
            (tmp_path / language).mkdir()
        for language in ("nl", "en"):
            for area, text in areas.items():
                (tmp_path / language / f"{area}.po").write_text(text, "utf-8")
        return tmp_path

    return make


def test_markup_of_our_own_becomes_nodes() -> None:
    assert only_line("Typ `!hulp` of **niets**. _Klein._") == (
        Text(text="Typ "),
        Code(text="!hulp"),
        Text(text=" of "),
        Strong(text="niets"),
        Text(text=". "),
        Emphasis(text="Klein."),
    )


def test_code_inside_small_print_is_code() -> None:
    assert only_line("_Typ `{word}`, of `stop`._", word="later") == (
        Emphasis(text="Typ "),
        Code(text="later"),
        Emphasis(text=", of "),
        Code(text="stop"),
        Emphasis(text="."),
    )


def test_blank_lines_line_breaks_headings_and_bullets_make_blocks() -> None:
    tree = document("# Titel\n## Kop\nRegel een\nRegel twee\n- a\n- b\n\nSlot")
    assert tree.blocks == (
        Heading(level=2, line=(Text(text="Titel"),)),
        Heading(level=3, line=(Text(text="Kop"),)),
        Paragraph(lines=((Text(text="Regel een"),), (Text(text="Regel twee"),))),
        Bullets(items=((Text(text="a"),), (Text(text="b"),))),
        Paragraph(lines=((Text(text="Slot"),),)),
    )


def test_a_value_inside_code_or_bold_takes_that_style() -> None:
    assert only_line("`{prefix}hulp` **{name}**", prefix="?", name="Ana") == (
        Code(text="?hulp"),
        Text(text=" "),
        Strong(text="Ana"),
    )


def test_a_mention_and_a_quote_stay_nodes_even_inside_bold() -> None:
    quote = Quote(number=4, text="hoi")
    assert only_line("**Dag {who}!** {said}", who=ANA, said=quote) == (
        Strong(text="Dag "),
        ANA,
        Strong(text="!"),
        Text(text=" "),
        quote,
    )


def test_an_underscore_inside_a_word_or_a_placeholder_is_no_small_print() -> None:
    assert only_line("_Tot {look_on} kijken we._ snake_case_name", look_on="morgen") == (
        Emphasis(text="Tot morgen kijken we."),
        Text(text=" snake_case_name"),
    )


@given(st.text(), st.text())
def test_whatever_a_value_holds_it_comes_out_literal_and_is_not_filled_again(first: str, second: str) -> None:
    for hostile in (first, f"**{first}** `x` {{b}} _y_\n# {first}"):
        catalogue = one_text("Over {a} en {b}.")
        assert catalogue.line("x.y", {"a": hostile, "b": second}, "nl") == (
            Text(text=f"Over {isolated(hostile)} en {isolated(second)}."),
        )


def test_a_value_written_right_to_left_cannot_turn_our_own_words() -> None:
    assert only_line("Dag {name}!", name="עברית") == (Text(text="Dag \u2068עברית\u2069!"),)


@pytest.mark.parametrize("text", ["**half", "een `stuk", "leeg {}", "{open", "dicht}"])
def test_markup_that_is_not_closed_is_an_error_at_start(text: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        parse(text)


def test_a_date_is_written_as_the_language_does() -> None:
    catalogue = one_text("{on}")
    params = {"on": date(2027, 2, 8)}
    assert catalogue.plain("x.y", params, "nl") == "maandag 8 februari"
    assert catalogue.plain("x.y", params, "en") == "Monday 8 February"


def test_an_instant_is_shown_in_the_groups_zone_in_summer_and_winter() -> None:
    catalogue = one_text("{at}")
    winter, summer = (datetime(2027, month, 1, 23, 30, tzinfo=UTC) for month in (2, 7))
    assert catalogue.plain("x.y", {"at": winter}, "nl") == "dinsdag 2 februari, 00:30"
    assert catalogue.plain("x.y", {"at": summer}, "nl") == "vrijdag 2 juli, 01:30"
    assert catalogue.plain("x.y", {"at": winter}, "en", "America/Kralendijk") == "Monday 1 February, 19:30"


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        document("{at}", at=datetime(2027, 2, 1))  # noqa: DTZ001  # the mistake is the point


@pytest.mark.parametrize(("n", "shown"), [(0, "0 mensen"), (1, "1 mens"), (2, "2 mensen")])
def test_the_plural_follows_the_number(n: int, shown: str) -> None:
    assert one_text("{n} mensen", one="{n} mens").plain("x.y", {"n": n}, "nl") == shown


def test_a_plural_without_its_number_is_named() -> None:
    with pytest.raises(KeyError, match=r"x\.y.*number n"):
        one_text("{n} mensen", one="{n} mens").plain("x.y", {}, "nl")


def test_a_missing_text_or_value_is_named_with_key_and_language() -> None:
    catalogue = one_text("Dag {name}")
    with pytest.raises(KeyError, match=r"a\.b.*nl"):
        catalogue.document("a.b", {}, "nl")
    with pytest.raises(KeyError, match=r"x\.y.*de"):
        catalogue.document("x.y", {}, "de")
    with pytest.raises(KeyError, match=r"x\.y.*name"):
        catalogue.document("x.y", {}, "nl")


def test_a_group_that_is_spoken_to_with_u_gets_the_dutch_text_where_there_is_none_of_its_own(
    folder: Callable[..., Path],
) -> None:
    root = folder(one='msgid "a.b"\nmsgstr "Wil je {on}?"\n\nmsgid "a.c"\nmsgstr "Tot {on}."\n')
    (root / FORMAL / "one.po").write_text('msgid "a.b"\nmsgstr "Wilt u {on}?"\n', "utf-8")
    catalogue, params = Catalogue.load(root), {"on": date(2027, 2, 8)}
    assert catalogue.plain("a.b", params, FORMAL) == "Wilt u maandag 8 februari?"
    assert catalogue.plain("a.c", params, FORMAL) == "Tot maandag 8 februari."
    assert catalogue.plain("a.b", params, "nl") == "Wil je maandag 8 februari?"
    assert catalogue.keys(FORMAL) == {"a.b"}


def test_a_text_of_two_lines_is_no_line() -> None:
    with pytest.raises(ValueError, match="more than one line"):
        only_line("een\ntwee")


def test_the_areas_of_a_language_are_merged(folder: Callable[..., Path]) -> None:
    root = folder(
        one='msgid "a.b"\nmsgstr "A"\n', two='msgid "c.d"\nmsgid_plural "c.d"\nmsgstr[0] "1"\nmsgstr[1] "n"\n'
    )
    catalogue = Catalogue.load(root)
    assert catalogue.keys("nl") == {"a.b", "c.d"}
    assert catalogue.plain("c.d", {"n": 1}, "en") == "1"


def test_a_key_that_stands_twice_is_refused_in_one_file_and_over_files(folder: Callable[..., Path]) -> None:
    entry = 'msgid "a.b"\nmsgstr "A"\n'
    with pytest.raises(ValueError, match=r"nl/two\.po: more than once: a\.b"):
        Catalogue.load(folder(one=entry, two=entry))


def test_a_key_that_stands_twice_in_one_file_is_refused(folder: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match=r"nl/one\.po: more than once: a\.b"):
        Catalogue.load(folder(one='msgid "a.b"\nmsgstr "A"\n\nmsgid "a.b"\nmsgstr "B"\n'))


def test_an_empty_text_is_refused_with_its_file_and_key(folder: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match=r"nl/one\.po: a\.b: not translated"):
        Catalogue.load(folder(one='msgid "a.b"\nmsgstr ""\n'))


def test_unclosed_markup_in_a_file_is_refused_with_its_file_and_key(folder: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match=r"nl/one\.po: a\.b: '\*\*' is not closed"):
        Catalogue.load(folder(one='msgid "a.b"\nmsgstr "**half"\n'))
