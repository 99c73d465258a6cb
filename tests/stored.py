"""A store on a file with two groups in it, for the tests of the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.document import Document, Paragraph, Quote
from doetank_bot.domain.effect import NOTICE, About
from doetank_bot.domain.flow import FlowState
from doetank_bot.domain.group import Member
from doetank_bot.domain.reference import CycleId, GroupId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.schedule import Occurrence, Run
from doetank_bot.ports import Act, MessageReceived, NewPost, Style, UnitOfWork
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

ME = "@bot:example.org"
NOW = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
ROOM, OTHER_ROOM, LANE = SpaceRef(ME, "!room"), SpaceRef(ME, "!other"), SpaceRef(ME, "!private")
ANA, BEN = UserRef(ME, "@ana"), UserRef(ME, "@ben")


class Asked(FlowState):
    """A flow with something to remember."""

    kind: Literal["asked"] = "asked"
    number: int


FLOWS: dict[str, type[FlowState]] = {"asked": Asked}


@dataclass(frozen=True)
class Scene:
    """Two groups; Ana is a member of both, Ben of the second."""

    store: Store
    path: Path
    group: GroupId
    other: GroupId
    ana: Member
    ana_elsewhere: Member

    @property
    def uow(self) -> UnitOfWork:
        """The store as the core sees it: mypy checks that it fits."""
        return self.store


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Store]:
    """Give a migrated, open store."""
    await migrate(url_of(path))
    store = Store(url_of(path), ME, FLOWS)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def scene_in(folder: Path) -> AsyncIterator[Scene]:
    """Give a store with two groups."""
    path = folder / "doetank.sqlite"
    async with opened(path) as store:
        async with store.write() as work:
            group = await work.create_group(ROOM, "Parkeren", "nl", "Europe/Amsterdam")
            other = await work.create_group(OTHER_ROOM, "Bomen", "en", "Europe/Amsterdam")
            ana = await work.group(group).set_member(ANA, "Ana", is_in=True)
            elsewhere = await work.group(other).set_member(ANA, "Ana", is_in=True)
            await work.group(other).set_member(BEN, "Ben", is_in=True)
        yield Scene(store, path, group, other, ana, elsewhere)


def message(native: str, space: SpaceRef = ROOM) -> MessageRef:
    return MessageRef(space, native)


def said(native: str, text: str = "hoi", space: SpaceRef = ROOM) -> MessageReceived:
    return MessageReceived(message(native, space), ANA, text, NOW)


def given(
    member: Member,
    number: int,
    text: str = "wij bellen de buren",
    audience: Audience = Audience.GROUP,
    cycle: CycleId | None = None,
    source: MessageRef | None = None,
) -> NewContribution:
    return NewContribution(
        number, ContributionKind.PLAN, text, member.id, audience, source or message(f"$said{number}"), cycle
    )


def cycle_of(group: GroupId, title: str = "Parkeren") -> Cycle:
    return Cycle(CycleId(0), group, title, "doetank", ANA, weeks_from(date(2027, 2, 8), 8))


def step(key: str, in_days: int, run: Run = Run.PROMPT) -> Occurrence:
    due_at = NOW + timedelta(days=in_days)
    local = (due_at + timedelta(hours=1)).replace(tzinfo=None)
    return Occurrence(key, 1, "verkennen", run, local, due_at, prompts=("V1", "V3"))


def quoting(group: GroupId, *numbers: int, space: SpaceRef = ROOM, about: About = NOTICE) -> NewPost:
    """A message that quotes contributions."""
    lines = tuple((Quote(number=number, text="woorden", author="Ana"),) for number in numbers)
    return NewPost(
        Act.SEND,
        None,
        space,
        group=group,
        payload={"body": "woorden"},
        document=Document(blocks=(Paragraph(lines=lines),)),
        style=Style(),
        quotes=numbers,
        about=about,
    )
