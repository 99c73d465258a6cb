"""The CSV is a table that a spreadsheet opens, and nothing in it is ever a formula."""

import asyncio
import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from exported import dossier_of
from group import group
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.export import Dossier, as_csv
from doetank_bot.export.csv import BYTE_ORDER_MARK, COLUMNS, harmless

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    "﹦1",
    " =1",
    "\u00a0=1",
]
Filled = Callable[..., Dossier]
MARKS = "=+-@＝＋－＠﹦﹢﹣﹫"
words = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*MARKS, *" \t\r\n;,|\"'\u00a0a1"]), max_size=12).map("".join),
)


def rows_of(dossier: Dossier, separator: str = ";") -> list[dict[str, str]]:
    text = as_csv(dossier).removeprefix(BYTE_ORDER_MARK)
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=separator, strict=True))


def with_text(dossier: Dossier, text: str, language: str = "nl") -> Dossier:
    first, *_ = dossier.contributions
    return replace(
        dossier,
        contributions=(replace(first, text=text, author_name=text),),
        group=replace(dossier.group, language=language),
    )


async def one_given(folder: Path) -> Dossier:
    async with group(folder) as here:
        await here.start()
        await here.says(here.joke, "!zag drie mensen")
        return await dossier_of(here.house)


@pytest.fixture(scope="module")
def with_words(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """What fills one dossier; a function, for Hypothesis prints what it is given."""
    one = asyncio.run(one_given(tmp_path_factory.mktemp("csv")))
    return lambda text, language="nl": with_text(one, text, language)


async def test_a_row_is_a_contribution_with_what_an_analyst_needs(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        gone = await here.says(here.joke, "!zag iets dat weg moet")
        await here.deletes(here.joke, gone)
        await here.says(here.bas, "!proef Eén belletje; “zo”, en klaar")
        await here.says(here.bas, "dat het sneller gaat", thread=here.of_bot()[-1].thread)  # type: ignore[arg-type]
        rows = rows_of(await dossier_of(here.house))
    experiment, *_ = rows
    assert list(experiment) == list(COLUMNS)
    assert experiment | {"created_at": ""} == {
        "cycle": "Parkeren",
        "pack": "doetank",
        "week": "0",
        "id": "2",
        "kind": "experiment",
        "text": "Eén belletje; “zo”, en klaar",
        "author": "Bas",
        "audience": "group",
        "status": "active",
        "part_of": "",
        "field": "",
        "created_at": "",
    }
    assert experiment["created_at"] == "2027-02-03 10:00:00", "local time, as a spreadsheet reads it"
    assert [(row["part_of"], row["field"]) for row in rows[1:]] == [("2", "expectation")]


def test_dutch_excel_gets_its_semicolon_and_english_excel_its_comma_both_know_the_letters(with_words: Filled) -> None:
    for language, separator in (("nl", ";"), ("en", ",")):
        data = as_csv(with_words("één", language)).encode()
        assert data.startswith(b"\xef\xbb\xbf" + separator.join(f'"{name}"' for name in COLUMNS).encode() + b"\r\n")
        assert data.endswith(b'"\r\n')
        assert b"sep=" not in data, "with it Excel no longer sees the byte order mark"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_begins_as_a_formula_gets_an_apostrophe_before_it(text: str) -> None:
    assert harmless(text).lstrip().startswith("'")
    assert re.sub("'", "", harmless(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gewoon", "gewoon"),
        ("a = b - c", "a = b - c"),
        ("Dank, @Bas", "Dank, @Bas"),
        ("mail@x", "mail@x"),
        ("- punt\n- punt", "'- punt\n'- punt"),
        ("x;=1+1", "x;'=1+1"),
        ("x\r\n  =1+1", "x\r\n'  =1+1"),
    ],
)
def test_words_stay_readable_and_what_another_separator_would_make_a_formula_is_none(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(words)
def test_no_cell_begins_as_a_formula_whatever_separator_it_is_read_with(text: str) -> None:
    cells = re.split(r"[;,\t\r\n|]", harmless(text))
    assert not [cell for cell in (harmless(text), *cells) if cell.startswith(tuple(MARKS))]
    assert unicodedata.normalize("NFKC", harmless(text).lstrip()[:1]) not in {*"=+-@"}
    assert not harmless(text).startswith(("\t", "\r", "\n"))


@given(words)
def test_words_come_back_from_the_file_with_no_more_than_apostrophes_added(with_words: Filled, text: str) -> None:
    text = text.replace("\x00", "")
    (row,) = rows_of(with_words(text))
    assert row["text"] == row["author"] == harmless(text)
    rest = iter(row["text"])
    assert all(char in rest for char in text), "nothing is lost"
    assert sorted(row["text"].replace("'", "")) == sorted(text.replace("'", ""))


@given(words)
def test_words_without_a_dangerous_sign_are_left_as_they_are(text: str) -> None:
    safe = "".join(char for char in text if char not in MARKS).lstrip()
    assert harmless(safe) == safe
