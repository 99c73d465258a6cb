"""What a cycle will do, with its dates: for `!cycle preview` and the answer to a start. At most a dozen lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from babel.dates import get_day_names

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.document import Bullets, Document, Line, Paragraph
from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import Language, language_of
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.pack import Pack, Phase, PromptKind, Step
from doetank_bot.domain.schedule import Dropped, DropReason, Occurrence, Plan, Run, phase_of
from doetank_bot.text.catalogue import Catalogue

MAX_TITLE = 80
MAX_PHASES = 6
MAX_RHYTHMS = 2
MAX_EXCEPTIONS = 2

_DROPPED = {
    DropReason.NO_DAY: "preview.dropped_no_day",
    DropReason.SKIPPED: "preview.dropped_skipped",
    DropReason.ABSORBED: "preview.dropped_absorbed",
    DropReason.PHASE_OVER: "preview.dropped_phase_over",
    DropReason.WEEK_FULL: "preview.dropped_week_full",
}


@dataclass(frozen=True, slots=True)
class Course:
    """What is previewed: `weeks` are the Mondays (local dates) of the cycle, `plan` what is still to come of it.

    `phases` is the number of weeks of each phase, where a moderator changed it.
    """

    title: str
    pack: Pack
    weeks: Sequence[date]
    plan: Plan
    calendar: Calendar
    phases: Sequence[int] = ()


def tree(course: Course, catalogue: Catalogue, language: Language, timezone: str = "Europe/Amsterdam") -> Document:
    """Return the dated preview: phases and their weeks, the rhythm, first and last message, what moves or drops out."""
    writer = _Writer(course, catalogue, language, timezone)
    facts = (*writer.rhythm(), *writer.ends(), *writer.exceptions(date.min, date.max))
    title, phases = Paragraph(lines=(writer.title(),)), Bullets(items=tuple(writer.phases()))
    return Document(blocks=(title, phases, Paragraph(lines=facts)) if facts else (title, phases))


def exceptions(
    course: Course, days: tuple[date, date], catalogue: Catalogue, language: Language, timezone: str
) -> Document:
    """Return what moves or drops out of those local days, both included; an empty tree when nothing does."""
    lines = tuple(_Writer(course, catalogue, language, timezone).exceptions(*days))
    return Document(blocks=(Paragraph(lines=lines),) if lines else ())


@dataclass(frozen=True, slots=True)
class _Writer:
    course: Course
    catalogue: Catalogue
    language: Language
    timezone: str

    def line(self, key: str, **params: Params) -> Line:
        return self.catalogue.line(key, params, self.language, self.timezone)

    def phrase(self, key: str) -> str:
        return self.catalogue.plain(key, {}, self.language)

    def title(self) -> Line:
        pack = self.course.pack.title.get(self.language)
        title = excerpt(self.course.title, MAX_TITLE)
        return self.line("preview.title", title=title, pack=pack, n=len(self.course.weeks))

    def phases(self) -> Iterator[Line]:
        groups = list(self._weeks_by_phase())
        for phase, numbers in groups[:MAX_PHASES]:
            name, on = phase.title.get(self.language), self.course.weeks[numbers[0] - 1]
            if len(numbers) == 1:
                yield self.line("preview.phase_week", phase=name, week=numbers[0], on=on)
            else:
                yield self.line("preview.phase_weeks", phase=name, week=numbers[0], last=numbers[-1], on=on)
        if len(groups) > MAX_PHASES:
            yield self.line("preview.more_phases", n=len(groups) - MAX_PHASES)

    def rhythm(self) -> Iterator[Line]:
        """Say what happens every week; where that changes on the way, in which weeks, or in the first one alone."""
        spans = [
            (rhythm, [week for _, weeks in same for week in weeks])
            for rhythm, same in groupby(self._weeks_by_phase(), key=lambda phase: self._rhythm_of(phase[0]))
            if rhythm
        ]
        if len(spans) == 1:
            yield self.line("preview.every_week", rhythm=spans[0][0])
        elif len(spans) > MAX_RHYTHMS:
            yield self.line("preview.first_week", rhythm=spans[0][0])
        else:
            yield from (self._span(rhythm, weeks) for rhythm, weeks in spans)

    def _span(self, rhythm: str, weeks: list[int]) -> Line:
        if len(weeks) == 1:
            return self.line("preview.rhythm_week", week=weeks[0], rhythm=rhythm)
        return self.line("preview.rhythm_weeks", week=weeks[0], last=weeks[-1], rhythm=rhythm)

    def ends(self) -> Iterator[Line]:
        seen = [one for one in self.course.plan.occurrences if one.run in {Run.PROMPT, Run.DIGEST}]
        if seen:
            yield self.line("preview.ends", first=seen[0].due_at, last=seen[-1].due_at)

    def exceptions(self, first: date, last: date) -> Iterator[Line]:
        """Yield what moves or drops out of those days, the earliest first, and how many more there are."""
        plan = self.course.plan
        wanted = [(self._wanted(one), one) for one in plan.occurrences]
        moved = [(at, self._moved(one, at)) for at, one in wanted if at and at != one.planned_local]
        dropped = [(one.planned_local, line) for one in plan.dropped if (line := self._left_out(one))]
        found = sorted((*moved, *dropped), key=lambda each: each[0])
        lines = [line for at, line in found if first <= at.date() <= last]
        yield from lines[:MAX_EXCEPTIONS]
        if len(lines) > MAX_EXCEPTIONS:
            yield self.line("preview.more_exceptions", n=len(lines) - MAX_EXCEPTIONS)

    def _weeks_by_phase(self) -> Iterator[tuple[Phase, list[int]]]:
        n_weeks = len(self.course.weeks)
        numbered = [
            (phase_of(self.course.pack, n_weeks, week, self.course.phases), week) for week in range(1, n_weeks + 1)
        ]
        for _, group in groupby(numbered, key=lambda pair: pair[0].name):
            pairs = list(group)
            yield pairs[0][0], [week for _, week in pairs]

    def _rhythm_of(self, phase: Phase) -> str:
        days = get_day_names("wide", locale=language_of(self.language))
        pieces = [
            f"{days[step.on.weekday]} {step.on.at:%H:%M} {self.phrase(key)}"
            for step in phase.steps
            if step.on and (key := self._what(step))
        ]
        return ", ".join(pieces)

    def _what(self, step: Step) -> str | None:
        """Return the key of what members see of a step; None for what they do not see."""
        match Run(step.run or Run.PROMPT):
            case Run.DIGEST:
                return "preview.digest"
            case Run.PROMPT:
                kind = self.course.pack.prompts[step.pick[0]].kind
                return "preview.think" if kind is PromptKind.THINK else "preview.do"
        return None

    def _step(self, key: str) -> Step | None:
        """Return the pack's step behind a key like `w3.digest`."""
        week, _, name = key.removeprefix("w").partition(".")
        if not week.isdigit():
            return None
        phase = phase_of(self.course.pack, len(self.course.weeks), int(week), self.course.phases)
        return next((step for step in phase.steps if step.id == name), None)

    def _wanted(self, one: Occurrence) -> datetime | None:
        """Return when the pack wanted it (naive local time); None when that is not a fixed time in the week."""
        step = self._step(one.key)
        if not step or not step.on or not self._what(step):
            return None
        day = self.course.weeks[one.week - 1] + timedelta(days=step.on.weekday)
        return datetime.combine(day, step.on.at)

    def _moved(self, one: Occurrence, wanted: datetime) -> Line:
        step = self._step(one.key)
        what = self.phrase((step and self._what(step)) or "preview.do")
        off, on = wanted.date(), one.planned_local.date()
        holiday = self._holiday(off)
        if holiday:
            return self.line("preview.moved_holiday", off=off, holiday=holiday, what=what, on=on)
        return self.line("preview.moved", off=off, what=what, on=one.due_at)

    def _left_out(self, one: Dropped) -> Line | None:
        step = self._step(one.key)
        key = step and self._what(step)
        if not key:
            return None
        off = one.planned_local.date()
        holiday = self._holiday(off)
        if holiday:
            return self.line("preview.dropped_holiday", off=off, holiday=holiday, what=self.phrase(key))
        return self.line(_DROPPED[one.reason], off=off, what=self.phrase(key))

    def _holiday(self, day: date) -> str | None:
        school = self.course.calendar.school_break(day)
        if school:
            return school.en if self.language == "en" else school.nl
        holiday = self.course.calendar.name_of(day)
        return self.phrase(f"holiday.{holiday.value}") if holiday else None
