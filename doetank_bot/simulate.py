"""A whole cycle on paper: what it would send, to whom and when, without a chat, a database or a configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.cycle import weeks_from
from doetank_bot.domain.group import Language
from doetank_bot.domain.pack import Pack, Placeholder, fill
from doetank_bot.domain.schedule import Dropped, Occurrence, Run, choose, phase_of, plan
from doetank_bot.text.catalogue import Catalogue

TIMEZONE = "Europe/Amsterdam"


@dataclass(frozen=True, slots=True)
class Simulation:
    """`lines` are the messages, one each: `2027-02-08 09:30 prompt.do group Find one moment …`, in order of time.

    `dropped` are lines about what would not be sent.
    """

    lines: tuple[str, ...]
    dropped: tuple[str, ...]


def simulate(
    pack: Pack, first: date, n_weeks: int | None, language: Language, calendar: Calendar, catalogue: Catalogue
) -> Simulation:
    """Return what a cycle of `n_weeks` (None: the pack's own number) sends from the week of `first` (local) on.

    A prompt that needs a plan or check-in is taken to have one. Raises ValueError for a number of weeks that the pack
    does not allow.
    """
    weeks = weeks_from(first, n_weeks or pack.weeks.default)
    planned = plan(pack, weeks, TIMEZONE, calendar)
    speaker = _Speaker(pack, len(weeks), language, catalogue)
    return Simulation(tuple(speaker.messages(planned.occurrences)), tuple(map(_dropped, planned.dropped)))


@dataclass(frozen=True, slots=True)
class _Speaker:
    pack: Pack
    n_weeks: int
    language: Language
    catalogue: Catalogue

    def messages(self, occurrences: tuple[Occurrence, ...]) -> Iterator[str]:
        asked: list[str] = []
        for one in occurrences:
            if one.run is not Run.PROMPT:
                yield self._digest(one)
                continue
            prompt_id = choose(one, asked, has_action=True)
            if prompt_id is not None:
                asked.append(prompt_id)
                yield self._prompt(one, prompt_id)

    def _prompt(self, one: Occurrence, prompt_id: str) -> str:
        prompt = self.pack.prompt(prompt_id)
        title = self.pack.title.get(self.language)
        values = {
            Placeholder.QUESTION: title,
            Placeholder.TITLE: title,
            Placeholder.EXPERIMENT: "",
            Placeholder.WEEK: str(one.week),
            Placeholder.WEEKS: str(self.n_weeks),
            Placeholder.PHASE: phase_of(self.pack, self.n_weeks, one.week).title.get(self.language),
        }
        return _line(one, f"prompt.{prompt.kind}", "group", fill(prompt.ask.get(self.language), values))

    def _digest(self, one: Occurrence) -> str:
        audience = "coach" if one.run is Run.DRAFT else "group"
        return _line(one, one.run, audience, self.catalogue.plain("preview.digest", {}, self.language))


def _line(one: Occurrence, kind: str, audience: str, text: str) -> str:
    return f"{one.planned_local:%Y-%m-%d %H:%M} {kind} {audience} {' '.join(text.split())}"


def _dropped(one: Dropped) -> str:
    return f"{one.planned_local:%Y-%m-%d %H:%M} {one.key} is dropped: {one.reason.value.replace('_', ' ')}"
