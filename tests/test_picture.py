"""The picture of the cycle so far: what is in it, and that it can be read without colour, and without seeing it."""

import subprocess
import sys
from io import BytesIO
from itertools import combinations
from statistics import fmean, pstdev

import pytest
from house import TEXTS
from pictured import ONE_OF_EACH, PACK, cycle, picture
from PIL import Image, ImageStat

from doetank_bot.domain.digest.picture import (
    CyclePicture,
    ExperimentSpan,
    ExperimentState,
    picture_of,
)
from doetank_bot.domain.group import Language
from doetank_bot.picture.layout import Box, Layout, Look, layout
from doetank_bot.picture.paint import Drawing, draw
from doetank_bot.text.picture import alternative, drawn, labels
from doetank_bot.text.plain import plain

CATALOGUE = TEXTS.catalogue
LANGUAGES = CATALOGUE.languages
FULL = tuple(ExperimentSpan(number, list(ExperimentState)[number % 4], 1 + number % 9, 10) for number in range(90, 110))
CASES = {
    "a first week": picture(week=1, per_week=(), experiments=()),
    "four weeks": picture(week=3, n_weeks=4, per_week=(5, 9, 3)),
    "eight weeks": picture(),
    "sixteen full weeks": picture(week=16, n_weeks=16, per_week=range(90, 106), experiments=FULL),
}


def drawing(shown: CyclePicture, language: Language = "nl") -> Drawing:
    return draw(shown, labels(shown, CATALOGUE, language))


def plan(shown: CyclePicture, language: Language = "nl") -> Layout:
    return layout(shown, labels(shown, CATALOGUE, language))


def said(shown: CyclePicture, language: Language = "nl") -> str:
    return plain(alternative(shown, CATALOGUE, language))


def test_phases_have_the_weeks_that_the_pack_gives_them() -> None:
    spans = [(span.title.nl, span.first, span.last) for span in picture(n_weeks=4, week=1).phases]
    assert spans == [("Verkennen", 1, 1), ("Ontwikkelen", 2, 2), ("Experimenteren", 3, 3), ("Oogsten", 4, 4)]


def test_phases_have_the_weeks_that_a_moderator_gave_them() -> None:
    weeks = (1, 1, 1, *[0] * (len(PACK.phases) - 4), 5)
    shown = picture_of(cycle(8, weeks), PACK, 7, (), (), 4)
    assert [(span.first, span.last) for span in shown.phases] == [(1, 1), (2, 2), (3, 3), (4, 8)]
    assert shown.phase is shown.phases[-1]


@pytest.mark.parametrize(("week", "shown"), [(0, 1), (1, 1), (8, 8), (12, 8)])
def test_before_and_after_the_cycle_it_is_the_first_and_the_last_week(week: int, shown: int) -> None:
    assert picture(week=week).week == shown


@pytest.mark.parametrize(("n_members", "counts"), [(3, ()), (4, (5, 9, 3, 0, 7))])
def test_nothing_is_counted_in_a_group_of_under_four(n_members: int, counts: tuple[int, ...]) -> None:
    assert picture(n_members=n_members).per_week == counts


def test_counts_stop_at_the_current_week_and_missing_weeks_are_nought() -> None:
    assert picture(week=2, per_week=(5, 9, 3)).per_week == (5, 9)
    assert picture(week=4, per_week=(5,)).per_week == (5, 0, 0, 0)


def test_a_group_that_gave_nothing_yet_is_shown_no_noughts() -> None:
    assert picture(per_week=(0, 0)).per_week == ()


def test_an_open_experiment_lasts_until_now_and_one_that_is_over_does_not() -> None:
    assert {one.state: (one.first, one.last) for one in picture(week=7, experiments=ONE_OF_EACH).experiments} == {
        ExperimentState.STOPPED: (2, 5),
        ExperimentState.REVIEWED: (2, 5),
        ExperimentState.RUNNING: (2, 7),
        ExperimentState.PLANNED: (2, 7),
    }


def test_no_more_experiments_are_drawn_than_fit_and_the_open_ones_go_first() -> None:
    over = [ExperimentSpan(number, ExperimentState.REVIEWED, 1, 2) for number in range(10, 20)]
    shown = picture(experiments=[ExperimentSpan(3, ExperimentState.RUNNING, 1), *over])
    assert [one.number for one in drawn(shown)] == [3, 15, 16, 17, 18, 19]
    assert "En nog 5 proeven" in {words.text for words in plan(shown).words}


def test_the_alternative_says_in_dutch_what_is_drawn() -> None:
    assert said(picture()) == (
        "De ronde tot nu toe: we zijn in week 5 van 8, in de fase Experimenteren.\n"
        "Alle fasen: Start (week 1), Verkennen (week 2 tot en met 3), Ontwikkelen (week 4), "
        "Experimenteren (week 5 tot en met 7), Oogsten (week 8).\n"
        "Proeven die lopen: #23.\n"
        "Proeven die gepland zijn: #31.\n"
        "Proeven die klaar zijn: #15.\n"
        "Proeven die gestopt zijn: #12.\n"
        "Zo vaak deelden jullie samen iets, van week 1 tot en met 5: 5, 9, 3, 0, 7."
    )


def test_the_alternative_says_in_english_that_nothing_is_tried_yet() -> None:
    assert said(picture(week=1, n_weeks=4, per_week=(1,), experiments=()), "en") == (
        "The cycle so far: we are in week 1 of 4, in the phase Explore.\n"
        "All phases: Explore (week 1), Develop (week 2), Experiment (week 3), Harvest (week 4).\n"
        "There is no experiment yet.\n"
        "So often the group shared something in week 1: 1."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_a_small_png_of_the_size_it_says(name: str, language: Language) -> None:
    made = drawing(CASES[name], language)
    image = Image.open(BytesIO(made.png))
    assert (image.format, image.size) == ("PNG", (made.width, made.height))
    assert made.width == 1200
    assert 400 <= made.height <= 1000
    assert len(made.png) <= 60 * 1024


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_everything_stands_on_the_page_and_can_be_read_on_a_phone(name: str, language: Language) -> None:
    page = plan(CASES[name], language)
    assert all(0 <= box.left <= 1200 - box.width for box in page.boxes)
    assert all(0 <= box.top <= page.height - box.height for box in page.boxes)
    assert all(words.size / 2 < words.y < page.height - words.size / 2 for words in page.words)
    assert min(words.size for words in page.words) >= 26


def test_the_same_picture_is_the_same_bytes_with_no_word_of_when_or_how() -> None:
    first = drawing(picture()).png
    assert drawing(picture()).png == first
    assert drawing(picture(week=6)).png != first
    assert Image.open(BytesIO(first)).info == {}


def texture(shown: CyclePicture, box: Box) -> tuple[float, float]:
    """How light the middle of a box is in grey, and how much that differs from line to line."""
    grey = Image.open(BytesIO(drawing(shown).png)).convert("L")
    x, y = int(box.left + box.width / 2), int(box.top + box.height / 2)
    lines = [ImageStat.Stat(grey.crop((x - 40, y + dy, x + 40, y + dy + 1))).mean[0] for dy in range(-12, 12)]
    return fmean(lines), pstdev(lines)


def difference(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


@pytest.mark.parametrize(
    "looks", [(Look.PAST, Look.CURRENT, Look.AHEAD), (Look.PLANNED, Look.RUNNING, Look.REVIEWED, Look.STOPPED)]
)
def test_the_phases_and_the_states_of_experiments_can_be_told_apart_in_grey(looks: tuple[Look, ...]) -> None:
    shown = picture(week=5)
    boxes = {box.look: box for box in plan(shown).boxes}
    for one, other in combinations(looks, 2):
        assert difference(texture(shown, boxes[one]), texture(shown, boxes[other])) > 15, (one, other)


def test_the_check_in_grey_sees_two_that_are_alike() -> None:
    shown = picture(experiments=[ExperimentSpan(number, ExperimentState.RUNNING, 2) for number in (1, 2)])
    one, other = (texture(shown, box) for box in plan(shown).boxes if box.look is Look.RUNNING)
    assert difference(one, other) < 5


def test_a_planned_experiment_has_a_broken_border_and_a_phase_ahead_a_whole_one() -> None:
    shown = picture(week=5)
    grey = Image.open(BytesIO(drawing(shown).png)).convert("L")
    boxes = {box.look: box for box in plan(shown).boxes}

    def whites_on_top(box: Box) -> int:
        top = grey.crop((int(box.left) + 4, int(box.top), int(box.left + box.width) - 4, int(box.top) + 1))
        return sum(value > 200 for value in top.tobytes())

    assert whites_on_top(boxes[Look.PLANNED]) > 20
    assert whites_on_top(boxes[Look.AHEAD]) == 0


def test_the_program_starts_without_the_drawing_libraries() -> None:
    script = (
        "import sys, doetank_bot.__main__, doetank_bot.app, doetank_bot.service.engine;"
        "print(sorted({'matplotlib', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
