"""The words of the picture of the cycle so far: those drawn in it, and those that say the same without it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doetank_bot.domain.digest.picture import CyclePicture, ExperimentSpan, ExperimentState, PhaseSpan
from doetank_bot.domain.document import Document, Line, Paragraph
from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.text.catalogue import Catalogue

MAX_ROWS = 6
"""Experiments that are drawn; the others are told in one line."""
_MAX_PHASE = 15

_STATE = {
    ExperimentState.PLANNED: "picture.planned",
    ExperimentState.RUNNING: "picture.running",
    ExperimentState.REVIEWED: "picture.reviewed",
    ExperimentState.STOPPED: "picture.stopped",
}
_SAYS = {
    ExperimentState.RUNNING: "picture.says_running",
    ExperimentState.PLANNED: "picture.says_planned",
    ExperimentState.REVIEWED: "picture.says_reviewed",
    ExperimentState.STOPPED: "picture.says_stopped",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What is written in the picture: a phrase for each phase, and for each of the experiments that are `drawn`."""

    title: str
    now: str
    week: str
    phases: tuple[str, ...]
    heading: str
    experiments: Mapping[int, str]
    more: str
    counts: str


def drawn(picture: CyclePicture) -> tuple[ExperimentSpan, ...]:
    """Return the experiments there is room for, by number: what is still open first, then the latest."""
    is_open = {ExperimentState.PLANNED, ExperimentState.RUNNING}
    ranked = sorted(picture.experiments, key=lambda one: (one.state in is_open, one.number), reverse=True)
    return tuple(sorted(ranked[:MAX_ROWS], key=lambda one: one.number))


def labels(picture: CyclePicture, catalogue: Catalogue, language: Language) -> Labels:
    """Return the phrases to draw, in that language."""
    writer = _Writer(picture, catalogue, language)
    n_more = len(picture.experiments) - len(drawn(picture))
    return Labels(
        title=writer.phrase("picture.title", week=picture.week, weeks=picture.n_weeks),
        now=writer.phrase("picture.now"),
        week=writer.phrase("picture.week"),
        phases=tuple(map(writer.name, picture.phases)),
        heading=writer.phrase("picture.experiments"),
        experiments={one.number: writer.experiment(one) for one in drawn(picture)},
        more=writer.phrase("picture.more_experiments", n=n_more) if n_more else "",
        counts=writer.phrase("picture.counts"),
    )


def alternative(picture: CyclePicture, catalogue: Catalogue, language: Language) -> Document:
    """Return what the picture shows, in sentences: for who does not see it, and for chats without pictures."""
    writer = _Writer(picture, catalogue, language)
    return Document(blocks=(Paragraph(lines=tuple(writer.sentences())),))


@dataclass(frozen=True, slots=True)
class _Writer:
    picture: CyclePicture
    catalogue: Catalogue
    language: Language

    def phrase(self, key: str, **params: Params) -> str:
        return self.catalogue.plain(key, params, self.language)

    def name(self, span: PhaseSpan) -> str:
        return excerpt(span.title.get(self.language), _MAX_PHASE)

    def experiment(self, one: ExperimentSpan) -> str:
        return self.phrase("picture.experiment", number=one.number, state=self.phrase(_STATE[one.state]))

    def sentences(self) -> Iterator[Line]:
        picture = self.picture
        phase = picture.phase.title.get(self.language)
        yield self._line("picture.says_where", week=picture.week, weeks=picture.n_weeks, phase=phase)
        yield self._line("picture.says_phases", phases=", ".join(map(self._span, picture.phases)))
        yield from self._experiments()
        if picture.per_week:
            numbers = ", ".join(map(str, picture.per_week))
            yield self._line("picture.says_count", n=len(picture.per_week), numbers=numbers)

    def _experiments(self) -> Iterator[Line]:
        for state, key in _SAYS.items():
            numbers = [f"#{one.number}" for one in self.picture.experiments if one.state is state]
            if numbers:
                yield self._line(key, numbers=", ".join(numbers))
        if not self.picture.experiments:
            yield self._line("picture.says_no_experiments")

    def _span(self, span: PhaseSpan) -> str:
        title = span.title.get(self.language)
        if span.first == span.last:
            return self.phrase("picture.says_week", phase=title, week=span.first)
        return self.phrase("picture.says_weeks", phase=title, week=span.first, last=span.last)

    def _line(self, key: str, **params: Params) -> Line:
        return self.catalogue.line(key, params, self.language)
