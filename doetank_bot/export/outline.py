"""The dossier in the order in which people read it, and in the group's language: what Markdown and HTML both show.

Pure. Members' words are as they were given; each format escapes them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.domain.document import Document
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.progress import OWNER, STATUS, progress
from doetank_bot.domain.reference import MemberId
from doetank_bot.domain.schedule import to_local
from doetank_bot.export.dossier import Dossier
from doetank_bot.export.phrases import Phrases

_KINDS = (
    ContributionKind.EXPERIMENT,
    ContributionKind.LESSON,
    ContributionKind.DECISION,
    ContributionKind.STORY,
    ContributionKind.CHANGE_STORY,
    ContributionKind.OBSERVATION,
    ContributionKind.REFLECTION,
    ContributionKind.BARRIER,
    ContributionKind.ASK,
    ContributionKind.OFFER,
    ContributionKind.PLAN,
    ContributionKind.REVIEW,
    ContributionKind.ANSWER,
    ContributionKind.CHECKIN,
    ContributionKind.QUESTION,
)
"""In the order of what a reader looks for first."""
_TOLD_AT_ITS_CARD = frozenset(
    {ContributionKind.ANSWER, ContributionKind.OBSERVATION, ContributionKind.REVIEW, ContributionKind.CHECKIN}
)


@dataclass(frozen=True, slots=True)
class Part:
    """What was said about a card.

    `by` is empty where its author answers what was asked about it, `audience` where that is the card's.
    """

    label: str
    text: str
    by: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A contribution with what belongs to it. `on` is a local date, `about` the number of the card it is about."""

    number: int
    text: str
    by: str
    on: date | None
    audience: str
    about: int | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The cards of one kind, by number."""

    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A cycle; what was given outside any has only `sections`. The newest question is the last."""

    title: str
    facts: tuple[str, ...] = ()
    picture: CyclePicture | None = None
    questions: tuple[Card, ...] = ()
    digests: tuple[Document, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody gave anything, and nothing was sent."""
        return not (self.questions or self.digests or self.sections)


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole: what it is (`title`, and a few lines of `preface`), and a chapter for each cycle."""

    title: str
    preface: tuple[str, ...]
    chapters: tuple[Chapter, ...]


def outline(dossier: Dossier, phrases: Phrases) -> Outline:
    """Return what there is to read, in the group's language and form of address."""
    return _Writer(dossier, phrases).outline()


class _Writer:
    def __init__(self, dossier: Dossier, phrases: Phrases) -> None:
        self._dossier = dossier
        self._say = phrases
        self._given = dossier.standing()
        self._numbers = {one.number for one in self._given}
        self._parts: Mapping[int, list[Contribution]] = _by_card(self._given)
        self._told = {part.number for parts in self._parts.values() for part in parts}

    def outline(self) -> Outline:
        group, made_at = self._dossier.group, self._dossier.made_at
        chapters = [self._chapter(cycle) for cycle in self._dossier.cycles]
        outside = Chapter(self._say.phrase("outside"), sections=tuple(self._sections(None)))
        chapters += [] if outside.is_empty else [outside]
        made = self._say.phrase("made", on=self._say.day(to_local(made_at, group.timezone).date()))
        preface = (made, self._say.phrase("who_may" if chapters else "empty"))
        return Outline(group.name or group.space.native, preface, tuple(chapters))

    def _chapter(self, cycle: Cycle) -> Chapter:
        own = [one for one in self._of(cycle) if one.kind is ContributionKind.QUESTION]
        return Chapter(
            title=cycle.title,
            facts=tuple(self._facts(cycle)),
            picture=self._dossier.pictures.get(cycle.id),
            questions=tuple(self._card(one, self._dossier.packs.get(cycle.id)) for one in own),
            digests=tuple(document for _, document in self._dossier.digests[cycle.id]),
            sections=tuple(self._sections(cycle)),
        )

    def _facts(self, cycle: Cycle) -> Iterator[str]:
        pack = self._dossier.packs.get(cycle.id)
        approach = pack.title.get(self._say.language) if pack else cycle.pack
        yield self._say.phrase("approach", pack=approach, n=len(cycle.weeks))
        if cycle.weeks:
            yield self._say.phrase("began", on=self._say.day(cycle.weeks[0]))
        if ended := self._day(cycle.ended_at):
            yield self._say.phrase("ended", on=self._say.day(ended))
            return
        yield self._say.phrase(f"is_{cycle.state.value}")
        if pack:
            phase = pack.phase(self._dossier.phases[cycle.id])
            yield self._say.phrase("phase", phase=phase.title.get(self._say.language))

    def _sections(self, cycle: Cycle | None) -> Iterator[Section]:
        pack = self._dossier.packs.get(cycle.id) if cycle else None
        by_kind: defaultdict[ContributionKind, list[Card]] = defaultdict(list)
        for one in self._of(cycle):
            if cycle is None or one.kind is not ContributionKind.QUESTION:
                by_kind[one.kind].append(self._card(one, pack))
        for kind in _KINDS:
            if by_kind[kind]:
                yield Section(self._say.phrase(f"kinds_{kind.value}"), tuple(by_kind[kind]))

    def _of(self, cycle: Cycle | None) -> Iterator[Contribution]:
        """Yield what stands by itself, given in that cycle, or outside any."""
        within = None if cycle is None else cycle.id
        return (one for one in self._given if one.cycle == within and one.number not in self._told)

    def _card(self, one: Contribution, pack: Pack | None) -> Card:
        return Card(
            number=one.number,
            text=one.text,
            by=self._by(one),
            on=self._day(one.created_at),
            audience=self._audience(one),
            about=one.part_of if one.part_of in self._numbers else None,
            parts=tuple(self._part(part, one, pack) for part in self._parts.get(one.number, ())),
        )

    def _part(self, part: Contribution, card: Contribution, pack: Pack | None) -> Part:
        is_answer_of_author = part.field is not None and _author(part) == _author(card)
        return Part(
            label=self._label(part, card.kind, pack),
            text=self._words(part, card.kind, pack),
            by="" if is_answer_of_author else self._by(part),
            audience="" if part.audience is card.audience else self._audience(part),
        )

    def _by(self, one: Contribution) -> str:
        if one.author == self._dossier.sponsor and one.shown_as is None:
            return self._say.phrase("sponsor")
        return one.author_name or self._say.phrase("unnamed")

    def _audience(self, one: Contribution) -> str:
        return self._say.phrase(f"audience_{one.audience.value}")

    def _label(self, part: Contribution, kind: ContributionKind, pack: Pack | None) -> str:
        if part.field == STATUS:
            return self._say.phrase("status")
        asked = _asked(part.field, kind, pack, self._say.language)
        if asked:
            return asked
        return self._say.phrase("owner" if part.field == OWNER else f"kind_{part.kind.value}")

    def _words(self, part: Contribution, kind: ContributionKind, pack: Pack | None) -> str:
        """Return the words; a status, or a choice that was kept by its name, in those of the reader."""
        status = progress(part)
        if status is not None:
            return self._say.status(status)
        choice = pack.choice(kind, part.field, part.text) if pack and part.field else None
        return part.text if choice is None else choice.get(self._say.language)

    def _day(self, instant: datetime | None) -> date | None:
        return to_local(instant, self._dossier.group.timezone).date() if instant else None


def _author(one: Contribution) -> tuple[MemberId, str]:
    """Return who gave it, as whom: one may stay unnamed in one thing and not in another."""
    return one.author, one.author_name


def _by_card(given: Sequence[Contribution]) -> dict[int, list[Contribution]]:
    """Return what is told at each card: its fields, and what was seen of it. What is told there is no card itself."""
    numbers = {one.number for one in given}
    told = [one for one in given if one.part_of in numbers and (one.field or one.kind in _TOLD_AT_ITS_CARD)]
    cards = numbers - {one.number for one in told}
    parts: defaultdict[int, list[Contribution]] = defaultdict(list)
    for one in told:
        if one.part_of in cards:
            parts[one.part_of].append(one)
    return dict(parts)


def _asked(field: str | None, kind: ContributionKind, pack: Pack | None, language: str) -> str:
    """Return the question that a field answers, without what is to be typed; empty where none is known."""
    if pack is None or field is None:
        return ""
    form = (one.ask.get(language) for one in pack.forms.get(kind, ()) if one.field == field)
    prompt = (one.ask.get(language) for name, one in pack.prompts.items() if name.casefold() == field)
    text = next(chain(form, prompt), "")
    question = text.split("?")[0].split(". ")[-1]
    return f"{question}?" if "?" in text and "{{" not in question else ""
