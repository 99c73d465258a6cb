import random
import re
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.personal_data import LABELS_EN, LABELS_NL, Kind, is_bsn, mask

BSN_NOTATIONS = [(9,), (3, 3, 3), (4, 2, 3), (2, 2, 2, 3), (1, 4, 4), (4, 5), (1,) * 9]
SHORT_NOTATIONS = [(8,), (4, 4), (2, 3, 3), (3, 2, 3), (1,) * 8]
# Written like this, eight digits are a range of years; about one BSN in 200,000 here.
TWO_YEARS = re.compile(r"(?<!\d)(?<!\d[ .–-])(?<!\d - )(19|20)\d\d ?[-–] ?(19|20)\d\d(?! ?[.–-]? ?\d)")
SEPARATORS = [" ", ".", "-", " - ", "\u00a0", "–"]
SENTENCES = ["{}", "Mijn nummer is {}.", "bsn:{}", "BSN{}", "({})", "{}, zei zij", "a\n{}\nb", "**{}**", "{};{}"]


def made_bsn(rng: random.Random) -> str:
    """Make a number by the 11-test's own definition: weights 9 to 2, and -1 for the last digit."""
    while True:
        digits = [rng.choice((0, 1, 1, 2, 3)), *(rng.randrange(10) for _ in range(7))]
        last = sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits, strict=True)) % 11
        if last < 10 and digits[:2] != [0, 0]:
            return "".join(map(str, [*digits, last]))


def grouped(digits: str, rng: random.Random) -> str:
    if digits[0] == "0" and rng.random() < 0.5:
        digits, sizes = digits[1:], rng.choice(SHORT_NOTATIONS)
    else:
        sizes = rng.choice(BSN_NOTATIONS)
    separator, parts = rng.choice(SEPARATORS), []
    for size in sizes:
        parts.append(digits[:size])
        digits = digits[size:]
    return separator.join(parts)


def test_of_ten_thousand_valid_bsns_in_many_notations_none_is_missed() -> None:
    rng = random.Random()  # noqa: S311 - numbers to test with, no secrets
    missed = []
    for _ in range(10_000):
        sentence = rng.choice(SENTENCES)
        bsn = grouped(made_bsn(rng), rng)
        text = sentence.format(bsn, bsn)
        masked = mask(text)
        if (any(char.isdigit() for char in masked.text) or not masked.found) and not TWO_YEARS.search(text):
            missed.append(text)
    assert missed == []


@given(st.integers(100_000_000, 999_999_999).map(str).filter(lambda digits: not is_bsn(digits)))
def test_a_nine_digit_number_that_fails_the_eleven_test_stays(digits: str) -> None:
    text = f"Zaak {digits} loopt."
    assert mask(text).text == text


def made_iban(country: str, account: str) -> str:
    figures = "".join(str(int(sign, 36)) for sign in account + country + "00")
    return f"{country}{98 - int(figures) % 97:02d}{account}"


@given(
    st.text(string.ascii_uppercase, min_size=4, max_size=4),
    st.integers(0, 10**10 - 1),
    st.sampled_from([4, 18]),
    st.sampled_from([str.upper, str.lower]),
)
def test_every_dutch_iban_is_masked(bank: str, number: int, group: int, cased: Callable[[str], str]) -> None:
    iban = made_iban("NL", f"{bank}{number:010d}")
    written = cased(" ".join(iban[start : start + group] for start in range(0, 18, group)))
    masked = mask(f"is 12 {written} van 3 mei")
    assert masked.text == "is 12 [IBAN] van 3 mei"


def test_an_iban_with_wrong_check_digits_is_no_iban() -> None:
    assert Kind.IBAN not in mask("NL92ABNA0417164300").found
    assert mask("BE68 5390 0754 7034").found == (Kind.IBAN,)


PHONE_FORMS = [
    *("06{}", "06-{}", "06 {}", "06/{}", "06 - {}", "(06) {}", "+316{}", "+31 6 {}"),
    *("+31(0)6{}", "+31 (0)6-{}", "00316{}", "0031 6 {}"),
]


@given(st.sampled_from(PHONE_FORMS), st.text("0123456789", min_size=8, max_size=8), st.sampled_from(["", " ", "."]))
def test_every_dutch_mobile_number_is_masked(form: str, number: str, separator: str) -> None:
    pairs = separator.join(number[start : start + 2] for start in (0, 2, 4, 6))
    assert mask(f"bel {form.format(pairs)} morgen").text == "bel [phone] morgen"


@pytest.mark.parametrize(
    "number",
    [
        "020-1234567",
        "(020) 123 45 67",
        "(0)20 1234567",
        "0182 123456",
        "+31 (0)20 123 45 67",
        "+49 30 1234567",
        "+32 470 12 34 56",
    ],
)
def test_landlines_and_foreign_numbers_are_masked(number: str) -> None:
    assert mask(f"bel {number}.").text == "bel [phone]."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail ana.de-wit+x@gemeente.example.nl.", "Mail [e-mail]."),
        ("https://x.nl/?m=ana@x.nl", "https://x.nl/?m=[e-mail]"),
        ("https://x.nl/?bsn=123456782", "https://x.nl/?bsn=[BSN]"),
        ("Ik woon op Kerkstraat 12, 1234 AB Utrecht", "Ik woon op [address] Utrecht"),
        ("kerkstraat 12a\n1234ab", "[address]"),
        ("1234 AB 12", "[address]"),
        ("1234ab, nr. 12-3", "[address]"),
        ("123456782,111222333", "[BSN],[BSN]"),
        ("１２３４５６７８２", "[BSN]"),
    ],
)
def test_other_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "plate",
    [
        "AB-12-34",
        "12-34-AB",
        "12-AB-34",
        "AB-12-CD",
        "AB-CD-12",
        "12-AB-CD",
        "12-BCD-3",
        "1-BCD-23",
        "AB-123-C",
        "A-123-BC",
        "ABC-12-D",
        "A-12-BCD",
        "1-AB-234",
        "123-AB-4",
        "gh-12-kl",
    ],
)
def test_each_series_of_dutch_number_plates_is_masked(plate: str) -> None:
    assert mask(f"De auto {plate} stond er").text == "De auto [licence plate] stond er"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mevrouw De Wit, 06-12345678 zei dat ze", "mevrouw [name], [phone] zei dat ze"),
        ("mevrouw de wit 0612345678", "mevrouw [name] [phone]"),
        ("Dhr. J. de Vries belt met 06-12345678", "Dhr. [name] belt met [phone]"),
        ("06-12345678 is van dhr. Jansen", "[phone] is van dhr. [name]"),
        ("Mrs Brown (ana@x.nl) came", "Mrs [name] ([e-mail]) came"),
        ("bel Jan op 06-12345678", "bel [name] op [phone]"),
        ("Jan van der Berg: 06-12345678", "[name]: [phone]"),
        ("Groeten,\nFatima\n06-12345678", "Groeten,\n[name]\n[phone]"),
        ("NL91ABNA0417164300 t.n.v. J. Jansen", "[IBAN] t.n.v. [name]"),
        ("Bel 06-12345678", "Bel [phone]"),
        ("mevrouw belde 06-12345678", "mevrouw belde [phone]"),
        ("Mevrouw De Wit kwam. Bel 06-12345678", "Mevrouw De Wit kwam. Bel [phone]"),
        ("Mevrouw De Wit kwam langs met Jan.", "Mevrouw De Wit kwam langs met Jan."),
    ],
)
def test_a_name_is_masked_only_beside_something_else(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-08, 8-2-2027, 27-03-2026 en 27/03/2026 en 27.03.2026",
        "Op 08-02-2027 10:30 tot 12:15, of 09.30 - 17.00 uur in 2024-2027",
        "van 2027-02-08 09:30 en 27 03 2026",
        "€ 12.345.678,00 en EUR 123.456.782 en 12345678,50 en 123.456.782 euro",
        "@ana:example.org #kamer:example.org !AbC12345678:example.org @06-12345678:example.org",
        "$143273582443PhrSn:example.org",
        "#12, week 12, v1.2.3 en versie 10.15.7.1234",
        "https://matrix.to/#/@ana:example.org https://x.nl/gmb-2024-123456782.html?week=12",
        "in 2026 en 12 mensen, 2000 op 3, 1-op-100, 12-en-13, 8-feb-27",
        "Bel 14 030 of 0800-1234",
        "postcode 1234 AB",
        "1 2 3 4 5, 12 mensen, 3x, 50%",
    ],
)
def test_figures_that_are_nobodys_stay_as_they_are(text: str) -> None:
    assert mask(text) == mask(text, LABELS_NL)
    assert mask(text).text == text
    assert mask(text).found == ()


def test_what_is_announced_as_a_bsn_is_masked_even_where_it_looks_like_a_date() -> None:
    date = next(text for day in range(1, 29) for month in range(1, 13) if is_bsn(text := f"{day:02d}{month:02d}1980"))
    written = f"{date[:2]}-{date[2:4]}-{date[4:]}"
    assert mask(written).text == written
    assert mask(f"bsn {written}").text == "bsn [BSN]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Ze belde (06-12345678).", "Ze belde ([phone])."),
        ("Ze belde (020) 123 45 67.", "Ze belde [phone]."),
        ("(+31 6 12345678)", "([phone])"),
    ],
)
def test_brackets_around_a_number_stay_a_pair(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_the_kinds_found_are_told_once_each_and_labels_follow_the_language() -> None:
    masked = mask("Jan 06-12345678 en 020-1234567, ana@x.nl", LABELS_NL)
    assert masked.text == "[naam] [telefoon] en [telefoon], [e-mail]"
    assert masked.found == (Kind.NAME, Kind.PHONE, Kind.EMAIL)
    assert set(LABELS_EN) == set(LABELS_NL) == set(Kind)


PIECES = st.sampled_from(
    [
        *("06-12345678", "ana@x.nl", "123456782", "AB-12-CD", "1234 AB 12", "NL91ABNA0417164300", "mevrouw De Wit"),
        *(
            "Jan",
            "12-03-2026",
            "BSN",
            " ",
            ",",
            ".",
            "-",
            "_",
            "\n",
            "a",
            "1",
            "€",
            "https://",
            "[",
            "]",
            "#",
            "@",
            ":",
        ),
        *("\ud800", "\ue000"),
    ]
)


@given(st.text(st.characters(codec=None)) | st.lists(PIECES, max_size=12).map("".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text
    assert (once.text == text) == (once.found == ())


@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@", codec=None)))
def test_a_text_without_figures_or_at_signs_is_returned_unchanged(text: str) -> None:
    assert mask(text).text == text
