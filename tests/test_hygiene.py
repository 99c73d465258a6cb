import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain import hygiene

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
NASTY = st.text(
    st.sampled_from(
        "aé \n\r\t\u0301\u0323\u0344\u093c\u094d\u0915\u200b\u200c\u200d"
        "\u202e\u2066\ud800\ufeff\ufe0f\U0001f468\U000e0067"
    ),
    max_size=40,
)


@given(ANY_TEXT | NASTY)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = hygiene.clean(text)
    assert hygiene.clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@given(st.text("abcdefghij éèüïß€…“”’0123456789.,;:!?()\n\t#@*_`<>&✅", max_size=200))
def test_ordinary_text_is_kept_verbatim(text: str) -> None:
    assert hygiene.clean(text) == text


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\ud800b", "a\ufffdb"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("een\r\ntwee\rdrie\u2028vier", "een\ntwee\ndrie\nvier"),
        ("abc\u202edef\u2066x\u2069\u200e\u200f", "abcdefx"),
        ("pay\u200bpal\ufeff\u2060", "paypal"),
        ("\U0001f600\U000e0041\U000e0042", "\U0001f600"),
        ("cafe\u0301", "café"),
        ("a\u200d \u200d b", "a  b"),
    ],
)
def test_what_deceives_or_breaks_is_taken_out(raw: str, kept: str) -> None:
    assert hygiene.clean(raw) == kept


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "می\u200cخواهم",
        "क्\u200dष",
        "ကြွှော့်",
        "שָׁלוֹם",
        "1\ufe0f\u20e3",
        "Tiếng Việt",
    ],
)
def test_scripts_and_emoji_that_need_joiners_and_marks_keep_them(text: str) -> None:
    assert hygiene.clean(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("mark", ["\u0300\u0316", "\u0301\u200d", "\u0301\u034f"])
def test_a_flood_of_marks_is_cut_to_four_on_a_letter(mark: str) -> None:
    cleaned = hygiene.clean("x" + mark * 500 + "y")
    assert sum(unicodedata.combining(char) != 0 for char in cleaned) == 4
    assert cleaned[0] + cleaned[-1] == "xy"


@given(ANY_TEXT | NASTY, st.integers(0, 60))
def test_a_clipped_text_is_a_start_that_fits(text: str, limit: int) -> None:
    clipped, cut = hygiene.clip(text, limit)
    assert text.startswith(clipped)
    assert len(clipped.encode("utf-8", "surrogatepass")) <= limit
    assert cut == (clipped != text)


@pytest.mark.parametrize(
    ("text", "limit", "start"),
    [
        ("abc", 2, "ab"),
        ("a€b", 3, "a"),
        ("abe\u0323\u0301", 5, "ab"),
        ("ab" + FAMILY, 12, "ab"),
        ("ab👍🏽", 7, "ab"),
        ("🇳🇱🇧🇪", 12, "🇳🇱"),
        ("🇳🇱🇧🇪", 8, "🇳🇱"),
    ],
)
def test_clipping_never_cuts_inside_what_is_seen_as_one_sign(text: str, limit: int, start: str) -> None:
    assert hygiene.clip(text, limit) == (start, True)


def test_an_endless_joined_emoji_does_not_make_the_whole_message_vanish() -> None:
    clipped, cut = hygiene.clip("👩\u200d" * 10_000, 1000)
    assert cut
    assert len(clipped.encode()) > 900


def test_an_excerpt_is_one_line_cut_at_a_word() -> None:
    assert hygiene.excerpt("De balie\n belde,  de inwoner wachtte.") == "De balie belde, de inwoner wachtte."
    assert hygiene.excerpt("De balie belde, de inwoner wachtte.", 18) == "De balie belde…"
    assert hygiene.excerpt("Kijk " + "x" * 100, 20) == "Kijk " + "x" * 14 + "…"


@given(ANY_TEXT | st.text("ab \n", max_size=300), st.integers(0, 170))
def test_an_excerpt_never_exceeds_its_length(text: str, length: int) -> None:
    line = hygiene.excerpt(text, length)
    assert len(line) <= length
    assert "\n" not in line


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200d", "\u3164", "\u2800", "\ufe0f", "\u00ad"])
def test_text_that_shows_nothing_is_blank(text: str) -> None:
    assert hygiene.is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", "👍", "\ufffd", " é "])
def test_text_that_shows_something_is_not_blank(text: str) -> None:
    assert not hygiene.is_blank(text)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        (None, "ana"),
        ("", "ana"),
        (" \u200b\u202e ", "ana"),
        ("Ana\nde  Wit", "Ana de Wit"),
        ("\u202eAna", "Ana"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
        ("👩🏽" * 41, "👩🏽" * 39 + "…"),
    ],
)
def test_a_display_name_is_one_short_clean_line_or_the_fallback(given_name: str | None, shown: str) -> None:
    assert hygiene.name(given_name, "ana") == shown


def test_a_display_name_of_one_endless_sign_stays_small() -> None:
    assert len(hygiene.name("👩\u200d" * 10_000, "ana")) < 1100
