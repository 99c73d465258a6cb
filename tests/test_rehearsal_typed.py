"""What is typed in a rehearsal, read: pure."""

import contextlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.demo.rehearsal.moment import moment_after, moment_of
from doetank_bot.demo.rehearsal.slip import Slip
from doetank_bot.demo.rehearsal.typed import Bare, Order, Typed, Word, read
from doetank_bot.demo.script import Aside, Deed, How, deed_in
from doetank_bot.domain.hygiene import clean

NAMES = frozenset({"maaike", "bas", "joke", "doebot"})
FRIDAY = datetime.fromisoformat("2027-02-12T11:00")
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("maaike: !ronde start", Deed("maaike", How.SAY, "!ronde start")),
        ("Joke:(Weekbericht) klopt niet", Deed("Joke", How.SAY, "klopt niet", "Weekbericht")),
        ("joke: (grapje) haha", Deed("joke", How.SAY, "(grapje) haha")),
        ("bas> ik belde", Deed("bas", How.UNDER_QUESTION, "ik belde")),
        ("bas>(3)ik belde", Deed("bas", How.UNDER_QUESTION, "ik belde", "3")),
        ("bas> #3 is mooi", Deed("bas", How.UNDER_QUESTION, "#3 is mooi")),
        ("bas>> en toen", Deed("bas", How.FURTHER, "en toen")),
        ("joke~ !mijn", Deed("joke", How.IN_PRIVATE, "!mijn")),
        ("joke*(7) nieuw", Deed("joke", How.EDIT, "nieuw", "7")),
        ("joke!", Deed("joke", How.DELETE)),
        ("joke!(bon)", Deed("joke", How.DELETE, "", "bon")),
        ("Ahmed+", Deed("Ahmed", How.COME_IN)),
        ("!proef Een", Bare("!proef Een")),
        ("Leuk!", Bare("Leuk!")),
        ("Wat leuk: dat doen we", Bare("Wat leuk: dat doen we")),
        ("12: nee", Bare("12: nee")),
        ("(De zon schijnt.)", Aside("De zon schijnt.")),
        ("(ja) dat vind ik", Bare("(ja) dat vind ik")),
        ("/verder", Order(Word.NEXT)),
        ("/ NEXT ", Order(Word.NEXT)),
        ("/+2d", Order(Word.AFTER, "2d")),
        ("/to friday 14:00", Order(Word.TO, "friday 14:00")),
        ("= 2027-02-08 09:40", Order(Word.TO, "2027-02-08 09:40")),
        ("/stop", Order(Word.QUIT)),
    ],
)
def test_a_line_says_who_does_what(line: str, typed: Typed) -> None:
    assert read(line, NAMES) == typed


@pytest.mark.parametrize(
    ("line", "helps"),
    [
        ("fatma: hallo", "fatma+"),
        ("vraag: hoe laat?", "maaike: …"),
        ("bas! kom eens", "bas!(7)"),
        ("bas:", "bas: text"),
        ("bas*(7)", "bas* text"),
        ("/xyz", "/next"),
        ("/", "/next"),
        ("/stop met zeuren", "/quit"),
    ],
)
def test_a_line_that_could_be_misread_is_not_guessed_at(line: str, helps: str) -> None:
    with pytest.raises(Slip) as slip:
        read(line, NAMES)
    assert helps in slip.value.told("en")
    assert "\n" not in slip.value.told("nl")


@given(st.text(min_size=1, max_size=200))
def test_any_line_is_read_or_gets_one_line_that_helps(line: str) -> None:
    assert told(clean(line)) is None or len(str(told(clean(line))).splitlines()) == 1


def told(line: str) -> str | None:
    """What someone is told of a line that cannot be done."""
    try:
        assert isinstance(read(line, NAMES), Deed | Bare | Aside | Order)
    except Slip as slip:
        return slip.told("nl")
    return None


@given(
    st.sampled_from(["Maaike", "Bas", "Joke"]),
    st.sampled_from([how for how in How if how not in {How.COME_IN, How.DELETE}]),
    st.from_regex(r"(\([^)\n]{1,20}\))? [a-zà-ž!#][^\n\r\x0b-\x1f\x85\u2028\u2029]{0,60}", fullmatch=True),
)
def test_what_is_typed_means_what_it_means_in_a_script(name: str, how: How, rest: str) -> None:
    line = f"{name}{how}{rest}"
    assert read(line, NAMES) == deed_in(line)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_line_of_the_golden_scripts_is_understood(language: str) -> None:
    _, _, inside, outside, *lines = (GOLDEN / f"cycle.{language}.chat").read_text("utf-8").splitlines()
    names = {name.casefold() for name in f"{inside} {outside}".split()}
    bare = [line for line in lines if line.strip() and isinstance(read(line, names), Bare)]
    assert bare == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-02-15 09:30", "2027-02-15T09:30"),
        ("15 februari 9:30", "2027-02-15T09:30"),
        ("15 februari", "2027-02-15T11:00"),
        ("16:30", "2027-02-12T16:30"),
        ("09:00", "2027-02-12T09:00"),
        ("vrijdag 14:00", "2027-02-12T14:00"),
        ("friday 10:00", "2027-02-19T10:00"),
        ("vrijdag", "2027-02-19T11:00"),
        ("maandag, 10.00 uur", "2027-02-15T10:00"),
        ("vandaag 10:00", "2027-02-12T10:00"),
        ("morgen", "2027-02-13T11:00"),
    ],
)
def test_a_moment_is_a_day_a_time_or_both(text: str, moment: str) -> None:
    assert moment_of(text, FRIDAY) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "straks", "24:00", "2027-02-30", "ooit 14:00", "12:60", "9999-01-01"])
def test_what_is_no_moment_gets_examples(text: str) -> None:
    with pytest.raises(Slip) as slip:
        moment_of(text, FRIDAY)
    assert "/naar vrijdag 14:00" in slip.value.told("nl")


@given(st.text(max_size=60))
def test_no_text_breaks_the_clock(text: str) -> None:
    for read_moment in (moment_of, moment_after):
        with contextlib.suppress(Slip):
            assert isinstance(read_moment(text, FRIDAY), datetime)


def test_a_while_later_is_counted_from_now() -> None:
    assert moment_after("2d", FRIDAY) == FRIDAY + timedelta(days=2)
    assert moment_after("3 uur", FRIDAY) == FRIDAY + timedelta(hours=3)
    with pytest.raises(Slip):
        moment_after("99w", FRIDAY)
