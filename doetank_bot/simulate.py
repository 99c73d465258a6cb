"""A whole cycle on paper: what it would send, to whom and when, without a chat, a database or a configuration.

The flows decide, as they do for a real group; here what they want sent is only written down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from doetank_bot.domain.calendar import Calendar
from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import About, Ask, Effect, Params, Purpose, Say, SetTimer, Show
from doetank_bot.domain.group import Group, Language, Member
from doetank_bot.domain.pack import Pack, PromptKind, fill
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, MessageRef, Room, SpaceRef, UserRef
from doetank_bot.domain.schedule import REMINDERS, Dropped, Occurrence, Run, plan, to_local
from doetank_bot.domain.view import Material, Rules, Scene
from doetank_bot.flows import kickoff, series, steps, weekly
from doetank_bot.flows.consequence import of_gift, opening_after
from doetank_bot.flows.form import choices, placeholders
from doetank_bot.flows.kickoff import KickoffState
from doetank_bot.flows.question import QuestionState
from doetank_bot.flows.stage import Stage
from doetank_bot.text import digest as digest_text
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain import plain

TIMEZONE = "Europe/Amsterdam"

_PREFIX = "!"
_ROOM = SpaceRef("", "")
_SOMEONE = Member(MemberId(1), UserRef("", ""), "")
"""Coach and member in one: every message to a member stands here once."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """`lines` are the messages, one each: `2027-02-08 09:30 prompt.do group Find one moment …`, in order of time.

    `dropped` are lines about what would not be sent.
    """

    lines: tuple[str, ...]
    dropped: tuple[str, ...]


def simulate(
    pack: Pack,
    first: date,
    n_weeks: int | None,
    language: Language,
    calendar: Calendar,
    catalogue: Catalogue,
    *,
    is_silent: bool = False,
) -> Simulation:
    """Return what a cycle of `n_weeks` (None: the pack's own number) sends from the week of `first` (local) on.

    People are taken to answer at once, and every prompt that asks for a plan gets one that names no day; `is_silent`:
    nobody ever answers. Raises ValueError for a number of weeks that the pack does not allow.
    """
    weeks = weeks_from(first, n_weeks or pack.weeks.default)
    planned = plan(pack, weeks, TIMEZONE, calendar)
    title = pack.title.get(language)
    group = Group(GroupId(0), _ROOM, language, TIMEZONE, title)
    cycle = Cycle(CycleId(0), group.id, title, pack.name, _SOMEONE.user, weeks)
    rules = Rules(_SOMEONE.user, _PREFIX, language, TIMEZONE, {pack.name: pack}, calendar)
    paper = _Paper(group, cycle, rules, pack, catalogue, is_silent, list(planned.occurrences))
    return Simulation(tuple(paper.lines()), tuple(map(_dropped, planned.dropped)))


class Kind(StrEnum):
    """What a message is; the second word of its line (docs/packs.md)."""

    KICKOFF = "prompt.kickoff"
    DO = "prompt.do"
    THINK = "prompt.think"
    SERIES = "prompt.series"
    PERSONAL = "prompt.personal"
    CHECKIN = "prompt.checkin"
    DRAFT = "digest.draft"
    DIGEST = "digest.send"
    SPONSOR = "digest.sponsor"
    QUIET = "digest.quiet"


_OF_PROMPT = {PromptKind.DO: Kind.DO, PromptKind.THINK: Kind.THINK}


class _Sent(NamedTuple):
    kind: Kind
    audience: str
    text: str


@dataclass(slots=True)
class _Paper:
    """A cycle that is being lived: `to_come` in order of time, the pack's steps and what is set on the way."""

    group: Group
    cycle: Cycle
    rules: Rules
    pack: Pack
    catalogue: Catalogue
    is_silent: bool
    to_come: list[Occurrence]
    asked: list[str] = field(default_factory=list)
    n_plans: int = 0
    n_digests: int = 0

    def lines(self) -> Iterator[str]:
        """Yield every message. With its last step the cycle is over, whatever was still set."""
        begins, first = self._begins(), self._scene(self.to_come[0])
        yield from (_line(begins, sent) for sent in self._kickoff(first))
        while any(one.run not in REMINDERS for one in self.to_come):
            step = self.to_come.pop(0)
            scene = self._scene(step)
            sent = [self._checkin(scene)] if step.run is Run.PLAN else self._sent(step, scene, self._stage(step))
            yield from (_line(to_local(step.due_at, TIMEZONE), one) for one in sent)
            self.to_come.sort(key=lambda one: one.due_at)

    def _begins(self) -> datetime:
        """Return when the coach's questions stand here. She starts a cycle when she likes, before its first message."""
        opens = datetime.combine(self.cycle.weeks[0], self.rules.calendar.window.opens)
        opening = self.rules.calendar.next_opening(opens - timedelta(days=1))
        return min([opening, *(one.planned_local for one in self.to_come)])

    def _scene(self, step: Occurrence) -> Scene:
        language = self.group.language
        return Scene(step.due_at, Room(_ROOM), language, group=self.group, cycle=self.cycle, sender=_SOMEONE)

    def _stage(self, step: Occurrence) -> Stage:
        was_quiet = self.is_silent and self.n_digests > 0
        material = Material((), (_SOMEONE,), self.n_digests, has_action=self.n_plans > 0, was_quiet=was_quiet)
        waiting = (step, *(one for one in self.to_come if one.run not in REMINDERS))
        return Stage(self.cycle, self.group, material, tuple(self.asked), waiting)

    def _kickoff(self, scene: Scene) -> Iterator[_Sent]:
        for index in range(max(len(self.pack.kickoff), 1)):
            said = kickoff.ask(KickoffState(index=index), scene, self.rules)
            yield _Sent(Kind.KICKOFF, "coach", self._said(said.key, said.params))

    def _sent(self, step: Occurrence, scene: Scene, stage: Stage) -> Iterator[_Sent]:
        for effect in self._effects(step, scene, stage):
            match effect:
                case SetTimer(reminder):
                    self._set(reminder, scene)
                case Ask(_, QuestionState(prompts=prompts)):
                    yield from self._private(prompts, scene)
                case Show(about=About(Purpose.PROMPT, prompt=str(prompt))):
                    yield self._prompt(step, prompt, scene)
                case Show(document=document, about=About(Purpose.DRAFT)):
                    yield _Sent(Kind.DRAFT, "coach", _begin(document))
                case Show(document=document, about=About(Purpose.DIGEST)):
                    yield from self._digest(step, document, scene, stage)
                case Say(key="cycle.quiet_again" as key, params=params):
                    yield _Sent(Kind.QUIET, "coach", self._said(key, params))

    def _effects(self, step: Occurrence, scene: Scene, stage: Stage) -> Iterator[Effect]:
        if step.run is Run.SERIES:
            root = MessageRef(_ROOM, step.prompts[0])
            yield from series.following(step.prompts[1], root, None, scene, self.rules, stage, self.catalogue)
        else:
            yield from steps.fire(step, scene, self.rules, stage, self.catalogue).effects

    def _set(self, reminder: Occurrence, scene: Scene) -> None:
        """Keep it in the place of an older one with its key; it waits for open hours."""
        due_at = opening_after(reminder.due_at, scene, self.rules)
        self.to_come = [one for one in self.to_come if one.key != reminder.key]
        self.to_come.append(replace(reminder, due_at=due_at))

    def _prompt(self, step: Occurrence, name: str, scene: Scene) -> _Sent:
        prompt = self.pack.prompt(name)
        self.asked.append(name)
        if prompt.becomes is ContributionKind.PLAN and not self.is_silent:
            self.n_plans += 1
            for effect in of_gift(prompt.becomes, "", self.n_plans, scene, self.rules):
                if isinstance(effect, SetTimer):
                    self._set(effect.reminder, scene)
        kind = Kind.SERIES if step.run is Run.SERIES else _OF_PROMPT[prompt.kind]
        return _Sent(kind, "group", self._asked(name, scene))

    def _private(self, prompts: tuple[str, ...], scene: Scene) -> Iterator[_Sent]:
        for name in prompts:
            is_personal = prompts == self.pack.personal
            kind = Kind.PERSONAL if is_personal else _OF_PROMPT[self.pack.prompt(name).kind]
            yield _Sent(kind, "member", self._asked(name, scene))

    def _checkin(self, scene: Scene) -> _Sent:
        if self.pack.checkin is None:
            return _Sent(Kind.CHECKIN, "member", self._said("plan.reminder", {"plan": "…", "prefix": _PREFIX}))
        return _Sent(Kind.CHECKIN, "member", self._asked(self.pack.checkin, scene))

    def _digest(self, step: Occurrence, document: Document, scene: Scene, stage: Stage) -> Iterator[_Sent]:
        self.n_digests += 1
        if self.is_silent:
            yield _Sent(Kind.DIGEST, "group", _begin(document))
            return
        digest = weekly.composed(scene, self.rules, stage, step)
        head = digest_text.head(digest, self.catalogue, scene.language, TIMEZONE)
        yield _Sent(Kind.DIGEST, "group", " · ".join(plain(head).split("\n\n")))
        yield _Sent(Kind.SPONSOR, "sponsor", self._said("preview.sponsor", {}))

    def _asked(self, name: str, scene: Scene) -> str:
        prompt = self.pack.prompt(name)
        ask = fill(prompt.ask.get(scene.language), placeholders(scene, self.rules))
        return " ".join([ask, *(str(each) for each in choices(prompt.choices, scene).values())])

    def _said(self, key: str, params: Mapping[str, Params]) -> str:
        return _begin(self.catalogue.document(key, params, self.group.language, TIMEZONE))


def _begin(document: Document) -> str:
    """Return the first paragraph: what is asked or told; how to answer comes after it."""
    return plain(Document(blocks=document.blocks[:1]))


def _line(at: datetime, sent: _Sent) -> str:
    return f"{at:%Y-%m-%d %H:%M} {sent.kind} {sent.audience} {' '.join(sent.text.split())}"


def _dropped(one: Dropped) -> str:
    return f"{one.planned_local:%Y-%m-%d %H:%M} {one.key} is dropped: {one.reason.value.replace('_', ' ')}"
