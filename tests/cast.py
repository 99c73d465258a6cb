"""People, a group and a cycle to decide about, and a fake of what commands may look at."""

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from doetank_bot.commands.parser import Parsed, parse
from doetank_bot.commands.permission import admit
from doetank_bot.commands.spec import Call, Sources
from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import complaint
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind, NewContribution, Status
from doetank_bot.domain.cycle import Before, Cycle, weeks_from
from doetank_bot.domain.effect import Effect, Record, Say, Show
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Group, Member, Person
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, MessageRef, Place, Room, SpaceRef, UserRef
from doetank_bot.domain.schedule import Occurrence, plan
from doetank_bot.domain.search import words_of
from doetank_bot.domain.view import Encryption, Material, Privacy, Rules, Scene, Snapshot
from doetank_bot.ports import Cards, QuotingPost
from doetank_bot.resources import packs_dir
from doetank_bot.settings import load_packs
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain import plain
from doetank_bot.text.words import WordTable

if TYPE_CHECKING:
    from doetank_bot.ports import ChatPort, GroupViews, Views

CATALOGUE = Catalogue.load()
WORDS = WordTable.load()
PACKS = load_packs([packs_dir()])

ACCOUNT = "@doebot:test"
ROOM = SpaceRef(ACCOUNT, "!room:test")
PRIVATE = SpaceRef(ACCOUNT, "!private:test")
BOT = UserRef(ACCOUNT, ACCOUNT)
MAAIKE = Member(MemberId(1), UserRef(ACCOUNT, "@maaike:test"), "Maaike")
BAS = Member(MemberId(2), UserRef(ACCOUNT, "@bas:test"), "Bas")
GROUP = Group(GroupId(1), ROOM, "nl", "Europe/Amsterdam", "Parkeren")
WEDNESDAY = datetime(2027, 2, 3, 9, 0, tzinfo=UTC)
MONDAY = date(2027, 2, 8)

RULES = Rules(me=BOT, prefix="!", language="nl", timezone="Europe/Amsterdam", packs=PACKS, calendar=calendar_for())

SAYS_JE = re.compile(r"\b(je|jij|jou|jouw|jouwe|jullie|jezelf|jijzelf)\b", re.IGNORECASE)
"""What the bot says nowhere to a group that wants to be spoken to with u."""

T = TypeVar("T")


def message(name: str, space: SpaceRef = ROOM) -> MessageRef:
    return MessageRef(space, f"${name}")


def cycle(**changes: Any) -> Cycle:
    made = Cycle(CycleId(7), GROUP.id, "Parkeren", "doetank", MAAIKE.user, weeks_from(MONDAY, 8))
    return replace(made, **changes)


def schedule(of: Cycle, after: datetime = WEDNESDAY) -> tuple[Occurrence, ...]:
    whole = plan(PACKS[of.pack], of.weeks, GROUP.timezone, RULES.calendar)
    return tuple(one for one in whole.occurrences if one.due_at > after)


def scene(**changes: Any) -> Scene:
    """Maaike, who moderates, in the room on a Wednesday before the cycle begins."""
    made = Scene(
        now=WEDNESDAY,
        place=Room(ROOM),
        language="nl",
        group=GROUP,
        sender=MAAIKE,
        source=message("command"),
        is_moderator=True,
        n_groups=1,
    )
    return replace(made, **changes)


def contribution(number: int, kind: ContributionKind, text: str, **changes: Any) -> Contribution:
    made = Contribution(
        number=number,
        kind=kind,
        text=text,
        author=BAS.id,
        audience=Audience.GROUP,
        source=message(f"c{number}"),
        cycle=CycleId(7),
        status=Status.ACTIVE,
        author_name=BAS.name,
        created_at=WEDNESDAY,
    )
    return replace(made, **changes)


@dataclass
class FakeKept:
    """What is kept of the group, and a chat in which messages can be looked up."""

    contributions_kept: tuple[Contribution, ...] = ()
    steps: tuple[Occurrence, ...] = ()
    asked: tuple[str, ...] = ()
    n_digests: int = 0
    since: datetime | None = None
    messages: dict[MessageRef, Snapshot] = field(default_factory=dict)
    before: Before | None = None
    went_out: bool = False
    asking: tuple[tuple[Place, FlowState], ...] = ()
    seen_by: Privacy | None = None
    sealed_by: Encryption | None = None

    async def member(self, user: UserRef) -> Member | None:
        return next((member for member in (MAAIKE, BAS) if member.user == user), None)

    async def members(self) -> tuple[Member, ...]:
        return (MAAIKE, BAS)

    async def person(self, user: UserRef) -> Person:
        return Person(user)

    async def flows_of(self, _member: MemberId) -> tuple[tuple[Place, FlowState], ...]:
        return self.asking

    async def contributions(self, _cycle: CycleId | None = None) -> tuple[Contribution, ...]:
        return self.contributions_kept

    async def contribution(self, source: MessageRef) -> Contribution | None:
        return next((one for one in self.contributions_kept if one.source == source), None)

    async def waiting(self, _cycle: CycleId) -> tuple[Occurrence, ...]:
        return self.steps

    async def prompts_asked(self, _cycle: CycleId) -> tuple[str, ...]:
        return self.asked

    async def material(self, _cycle: CycleId) -> Material:
        return Material(self.contributions_kept, (MAAIKE, BAS), self.n_digests, self.since)

    async def numbered(self, number: int) -> Contribution | None:
        return next((one for one in self.contributions_kept if one.number == number), None)

    async def parts_of(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        wholes = set(numbers)
        return tuple(one for one in self.contributions_kept if one.part_of in wholes)

    async def cards(self, kinds: Collection[ContributionKind], _viewer: MemberId, limit: int) -> Cards:
        found = [one for one in reversed(self.contributions_kept) if one.kind in kinds]
        return Cards(tuple(found[:limit]), len(found))

    async def stories(self, limit: int) -> Cards:
        found = [one for one in reversed(self.contributions_kept) if one.kind is ContributionKind.STORY]
        return Cards(tuple(found[:limit]), len(found))

    async def digests(self, _cycle: CycleId) -> tuple[QuotingPost, ...]:
        return ()

    async def kept(self, numbers: Iterable[int]) -> tuple[Contribution, ...]:
        wanted = set(numbers)
        return tuple(one for one in self.contributions_kept if one.number in wanted)

    async def given_by(self, member: MemberId, limit: int) -> Cards:
        found = [one for one in reversed(self.contributions_kept) if one.author == member]
        return Cards(tuple(found[:limit]), len(found))

    async def search(self, words: Sequence[str], _viewer: MemberId, limit: int) -> Cards:
        found = [one for one in reversed(self.contributions_kept) if set(words) <= set(words_of(one.text))]
        return Cards(tuple(found[:limit]), len(found))

    async def n_given(self, _cycle: CycleId, starts: Sequence[datetime]) -> tuple[int, ...]:
        return tuple(0 for _ in starts)

    async def last_act(self) -> Before | None:
        return self.before

    async def asked_anything_since(self, _instant: datetime) -> bool:
        return self.went_out

    async def encryption(self, _space: SpaceRef) -> Encryption | None:
        return self.sealed_by

    async def privacy(self, _space: SpaceRef) -> Privacy | None:
        return self.seen_by

    async def fetch(self, ref: MessageRef) -> Snapshot | None:
        return self.messages.get(ref)

    def sources(self) -> Sources:
        return Sources(cast("Views", self), cast("GroupViews", self), cast("ChatPort", self))


def run(text: str, where: Scene, kept: FakeKept | None = None, **call: Any) -> tuple[Effect, ...]:
    """Carry a command out as the service does. Raises UserError."""
    said_at, rules = call.pop("said_at", where.now), call.pop("rules", RULES)
    found = parse(text, WORDS, COMMANDS)
    if not isinstance(found, Parsed):
        raise complaint(found, WORDS, where.language, RULES.prefix)
    admit(found.command, found.arguments, where, rules, said_at)
    made = Call(where, rules, found.arguments, CATALOGUE, WORDS, **call)
    sources = (kept or FakeKept()).sources()

    async def load() -> Any:
        return await found.command.load(made, sources)

    view: Any = asyncio.run(load())
    return found.command.decide(made, view).effects


def of_type(effects: Iterable[Effect], kind: type[T]) -> list[T]:
    return [effect for effect in effects if isinstance(effect, kind)]


def the(effects: Iterable[Effect], kind: type[T]) -> T:
    """Return the one effect of that kind."""
    [found] = of_type(effects, kind)
    return found


def recorded(effects: Iterable[Effect]) -> NewContribution:
    return the(effects, Record).contribution


def said(effects: Iterable[Effect], language: str = "nl") -> str:
    """Return everything that would be written, as people read it."""
    return "\n".join(written(effect, language) for effect in effects if isinstance(effect, Say | Show))


def written(effect: Say | Show, language: str = "nl") -> str:
    if isinstance(effect, Show):
        return plain(effect.document)
    return CATALOGUE.plain(effect.key, effect.params, language)
