from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.calendar import Holiday, calendar_for
from doetank_bot.domain.cycle import weeks_from
from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.schedule import DropReason, plan
from doetank_bot.resources import packs_dir
from doetank_bot.settings.packs import load_packs
from doetank_bot.text.catalogue import LANGUAGES, Catalogue
from doetank_bot.text.plain import plain
from doetank_bot.text.preview import Course, tree

CATALOGUE = Catalogue.load()
PACK: Pack = load_packs([packs_dir()])["doetank"]

DUTCH = """\
Parkeren · 8 weken · aanpak: Doetank
- Week 1: Start, vanaf maandag 8 februari
- Week 2 tot en met 3: Verkennen, vanaf maandag 15 februari
- Week 4: Ontwikkelen, vanaf maandag 1 maart
- Week 5 tot en met 7: Experimenteren, vanaf maandag 8 maart
- Week 8: Oogsten, vanaf maandag 29 maart

In week 1 tot en met 7: maandag 09:30 de opdracht, donderdag 10:00 de denkvraag, vrijdag 14:00 het weekbericht.
In week 8: maandag 09:30 de opdracht, dinsdag 10:00 de denkvraag, vrijdag 14:00 het weekbericht.
Eerste bericht: maandag 8 februari, 09:30. Laatste bericht: vrijdag 2 april, 14:00.
Op maandag 29 maart is het Tweede Paasdag. Dan vervalt de opdracht."""


def course(
    first: date = date(2027, 2, 8),
    n_weeks: int = 8,
    title: str = "Parkeren",
    off: tuple[str, ...] = (),
    pack: Pack = PACK,
) -> Course:
    weeks, calendar = weeks_from(first, n_weeks), calendar_for(add=off)
    return Course(title, pack, weeks, plan(pack, weeks, "Europe/Amsterdam", calendar), calendar)


def shown(course: Course, language: str = "nl") -> str:
    return plain(tree(course, CATALOGUE, language))


def test_a_preview_names_phases_rhythm_ends_and_what_moves() -> None:
    assert shown(course()) == DUTCH


def test_the_preview_is_english_for_an_english_group() -> None:
    text = shown(course(), "en")
    assert "Weeks 5 to 7: Experiment, from Monday 8 March" in text
    assert "In weeks 1 to 7: Monday 09:30 the task" in text
    assert "On Monday 29 March it is Easter Monday. Then the task is skipped." in text


def test_the_preview_has_dutch_days_whatever_the_form_of_address() -> None:
    assert shown(course(), FORMAL) == DUTCH


def test_one_rhythm_for_the_whole_cycle_is_said_once() -> None:
    phases = tuple(phase.model_copy(update={"steps": PACK.phases[0].steps}) for phase in PACK.phases)
    text = shown(course(pack=PACK.model_copy(update={"phases": phases})))
    assert "Elke week: maandag 09:30 de opdracht, donderdag 10:00 de denkvraag" in text


def test_a_prompt_that_finds_no_day_is_named_with_the_day_off() -> None:
    text = shown(course(off=("2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11")))
    assert "Op maandag 8 februari is het een vrije dag. Dan vervalt de opdracht." in text


def test_of_many_exceptions_a_few_are_told_and_the_rest_counted() -> None:
    text = shown(course(date(2027, 4, 19), 16, off=("2027-06-07", "2027-06-14", "2027-06-21")))
    assert text.count("Dan komt") + text.count("Dan vervalt") == 2
    assert "En nog 3 berichten komen op een andere dag of vervallen." in text


def test_phases_that_differ_do_not_promise_one_rhythm_for_all_weeks() -> None:
    phases = list(PACK.phases)
    phases[0] = phases[0].model_copy(update={"steps": phases[0].steps[:1]})
    pack = PACK.model_copy(update={"phases": tuple(phases)})
    text = shown(course(pack=pack))
    assert "De eerste week: maandag 09:30 de opdracht." in text
    assert "Elke week" not in text
    assert "Elke week" not in text


def test_every_holiday_and_every_reason_has_its_own_words() -> None:
    for language in LANGUAGES:
        keys = CATALOGUE.keys(language)
        assert {f"holiday.{holiday.value}" for holiday in Holiday} <= keys
        assert {f"preview.dropped_{reason.value}" for reason in DropReason} <= keys


@pytest.mark.parametrize("language", ["nl", "en"])
@given(
    first=st.dates(date(2026, 1, 1), date(2036, 1, 1)),
    n_weeks=st.integers(4, 16),
    title=st.text(max_size=300),
    off=st.lists(st.dates(date(2026, 1, 1), date(2036, 5, 1)).map(str), max_size=10).map(tuple),
)
def test_any_preview_has_at_most_twelve_lines(
    language: str, first: date, n_weeks: int, title: str, off: tuple[str, ...]
) -> None:
    lines = [line for line in shown(course(first, n_weeks, title, off), language).split("\n") if line]
    assert 7 <= len(lines) <= 12
