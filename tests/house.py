"""The whole bot over the chat in memory, with a file database and a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.view import Rules
from doetank_bot.flows import FLOW_STATES
from doetank_bot.observe.figures import Figures
from doetank_bot.resources import breaks_file, packs_dir
from doetank_bot.service.engine import Engine, Texts
from doetank_bot.settings import load_packs, read_school
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

TEXTS = Texts.load()
PACKS = load_packs([packs_dir()])
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEVER = timedelta(days=1)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, local: str) -> None:
        self.instant = _instant(local)

    def now(self) -> datetime:
        return self.instant


class House:
    """One running bot. `room` is the group's room once `open_room` made it."""

    def __init__(self, folder: Path, clock: FakeClock, chat: MemoryChat, language: str = "nl") -> None:
        self.folder = folder
        self.clock = clock
        self.chat = chat
        self.url = f"sqlite+aiosqlite:///{folder / 'doetank.db'}"
        self.rules = Rules(
            me=chat.me,
            prefix="!",
            language=language,
            timezone="Europe/Amsterdam",
            packs=PACKS,
            calendar=calendar_for(),
            school=read_school(breaks_file()),
        )
        self.store = Store(self.url, chat.me.account, FLOW_STATES)
        self.figures = Figures(clock, "test", lambda _: None)
        self.engine = Engine(self.store, chat, clock, self.rules, TEXTS, tick_for=NEVER, tally=self.figures)
        self.stop = asyncio.Event()

    async def run(self, ready: asyncio.Event) -> None:
        await migrate(self.url)
        await self.store.open()
        try:
            await self.engine.run(self.stop, ready.set)
        finally:
            await self.store.close()

    async def open_room(self, name: str, coach: Person, *others: Person) -> SpaceRef:
        """Return a room with these people, where the coach invited the bot and it said hello."""
        space = coach.create_room(name, *others)
        coach.invite_bot(space)
        await self.settle()
        return space

    async def say(self, person: Person, space: SpaceRef, text: str, **how: MessageRef) -> MessageRef:
        """Let someone write and wait until the bot is done with it."""
        message = person.say(space, text, thread=how.get("thread"), reply_to=how.get("reply_to"))
        await self.settle()
        return message

    async def move_to(self, local: str) -> None:
        """Let the time come, Amsterdam time; everything due on the way happens at its own moment."""
        target = _instant(local)
        while due := await self._next_due(target):
            self.clock.instant = max(due, self.clock.instant)
            await self.engine.timers.run_due()
            await self.settle()
        self.clock.instant = target

    async def jump_to(self, local: str) -> None:
        """Let the time be later at once, as after a machine that slept."""
        self.clock.instant = _instant(local)
        await self.engine.timers.run_due()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way any more. Fails after half a minute: machines are busy at times."""
        async with asyncio.timeout(30):
            # Three times, with a breath between: a batch is committed a moment before its rows are handed on, and on
            # a busy machine that moment is long.
            n_quiet = 0
            while n_quiet < 3:
                n_quiet = n_quiet + 1 if await self._is_quiet() else 0
                await asyncio.sleep(0.002)

    async def _is_quiet(self) -> bool:
        if not self._is_idle():
            return False
        async with self.store.read() as views:
            cursor = await views.cursor()
        return cursor == str(len(self.chat.log)) and self._is_idle()

    def _is_idle(self) -> bool:
        return self.engine.dispatcher.is_idle and not self.engine.outbox.depth

    async def _next_due(self, before: datetime) -> datetime | None:
        async with self.store.read() as views:
            due = await views.due_timers(before)
        return min((timer.due_at for timer in due), default=None)


@asynccontextmanager
async def running(
    folder: Path, local: str = "2027-02-03 10:00", *, language: str = "nl", chat: MemoryChat | None = None
) -> AsyncIterator[House]:
    """Run the bot from that Amsterdam time on (a Wednesday unless told), over `chat` when it goes on there."""
    clock = FakeClock(local)
    chat = chat or MemoryChat(clock.now)
    chat.now = clock.now
    house = House(folder, clock, chat, language)
    ready = asyncio.Event()
    task = asyncio.create_task(house.run(ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
    try:
        yield house
    finally:
        house.stop.set()
        await task


def texts(person: Person, space: SpaceRef) -> list[str]:
    """Return what is written there, in order."""
    return [shown.text for shown in person.sees(space)]


def of_bot(house: House, person: Person, space: SpaceRef) -> list[Shown]:
    """Return the bot's messages there, in order."""
    return [shown for shown in person.sees(space) if shown.sender == house.chat.me]


def transcript(house: House, person: Person, space: SpaceRef) -> str:
    """Return the room as it reads: threads under their root, signs behind the message."""
    shown = person.sees(space)
    lines: list[str] = []
    for one in (one for one in shown if one.thread is None):
        lines += _lines(house, one, "")
        for answer in (answer for answer in shown if answer.thread == one.ref):
            lines += _lines(house, answer, "    ")
    return "\n".join(lines) + "\n"


def _lines(house: House, shown: Shown, indent: str) -> list[str]:
    name = "Doebot" if shown.sender == house.chat.me else house.chat.person(shown.sender.native).name
    signs = "".join(f" {sign}" for _, sign in shown.reactions)
    edited = " (bewerkt)" if shown.is_edited else ""
    first, *rest = shown.text.splitlines() or [""]
    return [f"{indent}{name}: {first}{edited}{signs}", *(f"{indent}  {line}".rstrip() for line in rest)]


def _instant(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=AMSTERDAM).astimezone(UTC)
