"""Where everything stands in the picture, in pixels from the top left. Pure.

One column a week; under each other the phases, the experiments and what the group gave. A chat on a phone shows it at
a third of its size, so no letter is under 26 pixels high. Words and hatches say what colours would.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from doetank_bot.domain.digest.picture import CyclePicture, ExperimentState
from doetank_bot.text.picture import Labels, drawn

WIDTH = 1200
_MARGIN = 30
_LEFT = 320
_TOP = 136
_ROW = 44
_BAR = 34
_GAP = 18
_COUNTS = 120
_FOOT = 56
_TITLE_SIZE, _SIZE, _SMALL = 40, 30, 26


class Look(Enum):
    """How an area looks; each is told from the others without colour."""

    NOW = auto()
    PAST = auto()
    CURRENT = auto()
    AHEAD = auto()
    PLANNED = auto()
    RUNNING = auto()
    REVIEWED = auto()
    STOPPED = auto()
    COUNT = auto()


class Align(Enum):
    """Which side of the words stands at their place."""

    LEFT = "left"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled area; `left` and `top` are its corner."""

    look: Look
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text, its middle at the height `y`; `size` in pixels."""

    text: str
    x: float
    y: float
    size: int = _SIZE
    align: Align = Align.LEFT
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything to paint, the lowest layer first."""

    height: int
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]


_LOOKS = {
    ExperimentState.PLANNED: Look.PLANNED,
    ExperimentState.RUNNING: Look.RUNNING,
    ExperimentState.REVIEWED: Look.REVIEWED,
    ExperimentState.STOPPED: Look.STOPPED,
}


def layout(picture: CyclePicture, labels: Labels) -> Layout:
    """Return the layout; its height follows what there is to show."""
    page = _Page(picture, labels)
    parts = [*page.frame(), *page.phases(), *page.experiments(), *page.counts(), *page.weeks()]
    boxes = tuple(part for part in parts if isinstance(part, Box))
    return Layout(page.height, boxes, tuple(part for part in parts if isinstance(part, Words)))


@dataclass(frozen=True, slots=True)
class _Page:
    picture: CyclePicture
    labels: Labels

    @property
    def column(self) -> float:
        return (WIDTH - _MARGIN - _LEFT) / self.picture.n_weeks

    @property
    def experiments_top(self) -> float:
        return _TOP + len(self.picture.phases) * _ROW + _GAP

    @property
    def counts_top(self) -> float:
        n_lines = len(self.labels.experiments) + bool(self.labels.more)
        return self.experiments_top + ((n_lines + 1) * _ROW + _GAP if n_lines else 0)

    @property
    def bottom(self) -> float:
        return self.counts_top + (_COUNTS if self.picture.per_week else 0)

    @property
    def height(self) -> int:
        return int(self.bottom) + _FOOT

    def frame(self) -> Iterator[Box | Words]:
        """The title, and the current week from top to bottom."""
        yield Words(self.labels.title, _MARGIN, 50, _TITLE_SIZE, is_bold=True)
        yield self._span(Look.NOW, self.picture.week, self.picture.week, _TOP - 14, self.bottom - _TOP + 14)
        yield Words(self.labels.now, self._middle(self.picture.week), _TOP - 36, align=Align.CENTER, is_bold=True)

    def phases(self) -> Iterator[Box | Words]:
        for row, (phase, name) in enumerate(zip(self.picture.phases, self.labels.phases, strict=True)):
            top = _TOP + row * _ROW
            is_current = phase is self.picture.phase
            look = Look.CURRENT if is_current else Look.PAST if phase.last < self.picture.week else Look.AHEAD
            yield Words(name, _MARGIN, top + _BAR / 2, is_bold=is_current)
            yield self._span(look, phase.first, phase.last, top, _BAR)

    def experiments(self) -> Iterator[Box | Words]:
        top = self.experiments_top
        if self.labels.experiments:
            yield Words(self.labels.heading, _MARGIN, top + _BAR / 2, is_bold=True)
        for one in drawn(self.picture):
            top += _ROW
            yield Words(self.labels.experiments[one.number], _MARGIN, top + _BAR / 2)
            yield self._span(_LOOKS[one.state], one.first, one.last, top, _BAR)
        if self.labels.more:
            yield Words(self.labels.more, _MARGIN, top + _ROW + _BAR / 2, _SMALL)

    def counts(self) -> Iterator[Box | Words]:
        """One bar a week with its number on top; a week without anything has its 0 alone."""
        if not self.picture.per_week:
            return
        yield Words(self.labels.counts, _MARGIN, self.bottom - _COUNTS / 3, is_bold=True)
        highest = _COUNTS - 2 * _SMALL
        for week, count in enumerate(self.picture.per_week, 1):
            height = highest * count / max(1, *self.picture.per_week)
            yield Words(str(count), self._middle(week), self.bottom - height - 20, _SMALL, Align.CENTER)
            if count:
                yield self._span(Look.COUNT, week, week, self.bottom - height, height)

    def weeks(self) -> Iterator[Words]:
        y = self.bottom + _FOOT / 2
        yield Words(self.labels.week, _MARGIN, y)
        for week in range(1, self.picture.n_weeks + 1):
            is_now = week == self.picture.week
            yield Words(str(week), self._middle(week), y, align=Align.CENTER, is_bold=is_now)

    def _middle(self, week: int) -> float:
        return _LEFT + (week - 0.5) * self.column

    def _span(self, look: Look, first: int, last: int, top: float, height: float) -> Box:
        inset = 0 if look is Look.NOW else 4
        left = _LEFT + (first - 1) * self.column + inset
        return Box(look, left, top, (last - first + 1) * self.column - 2 * inset, height)
