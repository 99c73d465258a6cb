"""A cycle of the pack `doetank` to draw, for the tests of the picture."""

from collections.abc import Sequence
from datetime import date

from house import PACKS

from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.digest.picture import CyclePicture, ExperimentSpan, ExperimentState, picture_of
from doetank_bot.domain.reference import CycleId, GroupId, UserRef

PACK = PACKS["doetank"]
ONE_OF_EACH = (
    ExperimentSpan(12, ExperimentState.STOPPED, 2, 5),
    ExperimentSpan(15, ExperimentState.REVIEWED, 2, 5),
    ExperimentSpan(23, ExperimentState.RUNNING, 2),
    ExperimentSpan(31, ExperimentState.PLANNED, 2),
)


def cycle(n_weeks: int = 8, phases: tuple[int, ...] = ()) -> Cycle:
    coach = UserRef("@bot:test", "@maaike:test")
    weeks = weeks_from(date(2027, 2, 8), n_weeks)
    return Cycle(CycleId(1), GroupId(1), "Parkeren zonder papierwinkel", "doetank", coach, weeks, phases=phases)


def picture(
    *,
    week: int = 5,
    n_weeks: int = 8,
    n_members: int = 7,
    per_week: Sequence[int] = (5, 9, 3, 0, 7),
    experiments: Sequence[ExperimentSpan] = ONE_OF_EACH,
) -> CyclePicture:
    return picture_of(cycle(n_weeks), PACK, n_members, per_week, experiments, week)
