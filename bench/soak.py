"""Years of fifty groups in minutes.

The whole bot, over the chat in memory, with a clock that jumps from one moment of the week to the next. What the bot
holds on to is looked at each week: memory, tasks, open files, the write-ahead log, and the entries of every collection
of its running parts. The chat forgets what is old, or its own growth would hide the bot's.
"""

import asyncio
import contextlib
import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import linear_regression
from typing import Any
from zoneinfo import ZoneInfo

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.demo.rehearsal.bot import RehearsedBot, StandingClock, rules_for
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.observe.figures import Figures
from doetank_bot.ports import Counted, Incoming
from doetank_bot.resources import packs_dir
from doetank_bot.service.engine import Texts
from doetank_bot.settings import load_packs

FIRST_MONDAY = datetime(2027, 1, 11, tzinfo=ZoneInfo("Europe/Amsterdam"))
REMEMBERED_FOR = timedelta(weeks=3)
MOMENTS = ((0, 9.6), (0, 12.0), (1, 10.0), (3, 10.1), (3, 15.0), (4, 11.1), (4, 14.1))
"""Days and hours of a week at which people do something."""
N_MEMBERS = 4
WEEKS_IN_A_YEAR = 52
HOURS_FOR_A_YEAR = 4
PATIENCE = timedelta(minutes=10)
"""Fifty groups speak at once."""


class _Tail(list[Incoming]):
    """A log of which the beginning may be forgotten; every entry keeps its place."""

    n_forgotten = 0

    def __len__(self) -> int:
        return super().__len__() + self.n_forgotten

    def __getitem__(self, places: Any) -> Any:
        return super().__getitem__(slice(places.start - self.n_forgotten, None))

    def forget(self) -> None:
        """Forget all that is there now."""
        self.n_forgotten = len(self)
        self.clear()


class ForgetfulChat(MemoryChat):
    """A chat in memory that can forget what nobody will look at any more."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.log: _Tail = _Tail()

    def forget(self, before: datetime) -> None:
        """Forget messages from before this instant, and all that the bot took up; call it when the bot is idle."""
        self.log.forget()
        self._done.clear()
        for room in self._rooms.values():
            for ref in [ref for ref, shown in room.messages.items() if shown.sent_at < before]:
                del room.messages[ref]
                self._texts.pop(ref, None)
        self._edits = {edit: ref for edit, ref in self._edits.items() if ref in self._rooms[ref.space].messages}


@dataclass(frozen=True, slots=True)
class Sample:
    """How the bot was at the end of a week: bytes of memory and of the log, counts of all else."""

    week: int
    seconds: float
    rss: int
    n_tasks: int
    n_files: int
    wal: int
    held: Mapping[str, int]
    n_handled: int
    n_faults: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """All samples, and what went wrong that nobody caught."""

    samples: Sequence[Sample]
    uncaught: Sequence[str]

    def settled(self) -> Sequence[Sample]:
        """Return the samples after the warm-up: the first third."""
        return self.samples[len(self.samples) // 3 :]

    def first_year(self) -> "Soaked":
        """Return what was found until then."""
        return Soaked(self.samples[:WEEKS_IN_A_YEAR], self.uncaught)

    def bytes_a_week(self) -> float:
        """Return by how much memory grew in a week of the bot's time, by least squares over the settled samples."""
        settled = self.settled()
        return linear_regression([one.week for one in settled], [one.rss for one in settled]).slope

    def bytes_an_hour(self) -> float:
        """Return the same for an hour of a soak in which a year takes four, whatever it took here."""
        return self.bytes_a_week() * WEEKS_IN_A_YEAR / HOURS_FOR_A_YEAR


class _Group:
    """A room, its coach and its members."""

    def __init__(self, number: int, chat: MemoryChat) -> None:
        self.number = number
        self.coach, *self.members = (chat.person(f"@p{number}.{each}:test") for each in range(N_MEMBERS))
        self.room: SpaceRef = self.coach.create_room(f"Group {number}", *self.members)
        self.coach.invite_bot(self.room)
        self.given: list[tuple[Person, MessageRef]] = []

    def act(self, week: int, moment: int, chat: MemoryChat) -> None:
        """Do what this group does at that moment of the week."""
        match moment:
            case 0:
                self._lead(week)
            case 1 | 4:
                self._answer(week, moment, chat)
            case 2:
                self._say(self.members[week % 3], f"!observe Nobody asked for the form in week {week}")
            case 3:
                self._say(self.coach, ("!help", "!cycle status", "!lessons", "!nonsense")[(week + self.number) % 4])
            case 5:
                self._say(self.coach, "!digest preview")
            case _:
                self._regret(week)

    def _lead(self, week: int) -> None:
        """Begin a cycle when there is none; pause one in ten weeks, and go on a week later."""
        phase = (week + self.number) % 10
        text = {0: "!cycle pause", 1: "!cycle resume"}.get(phase, '!cycle start "Parking" weeks=8')
        self._say(self.coach, text)

    def _answer(self, week: int, moment: int, chat: MemoryChat) -> None:
        prompt = self._last_prompt(chat)
        for number, person in enumerate(self.members):
            if prompt is not None and (week + number + moment) % 5:
                self._say(person, f"If it is Tuesday in week {week}, then I call the neighbours", prompt.ref)

    def _regret(self, week: int) -> None:
        """Edit one of the week's messages, delete another."""
        for number, (person, message) in enumerate(self.given[:8]):
            if (week + number) % 4 == 0:
                person.edit(message, f"!observe Somebody did ask for it in week {week}")
            elif (week + number) % 7 == 0:
                person.delete(message)
        self.given.clear()

    def _say(self, person: Person, text: str, thread: MessageRef | None = None) -> None:
        message = person.say(self.room, text, thread=thread)
        if not text.startswith("!") or text.startswith("!observe"):
            self.given.append((person, message))

    def _last_prompt(self, chat: MemoryChat) -> Shown | None:
        mine = (one for one in reversed(self.coach.sees(self.room)) if one.sender == chat.me)
        return next((one for one in mine if one.mentions and not one.is_notice), None)


class Soak:
    """The bot and its groups."""

    def __init__(self, folder: Path, n_groups: int) -> None:
        self._clock = StandingClock(FIRST_MONDAY.astimezone(UTC) - timedelta(days=3))
        self._chat = ForgetfulChat(self._clock.now)
        self._figures = Figures(self._clock, "soak", lambda _: None)
        rules = rules_for(self._chat.me, "en", load_packs([packs_dir()]))
        self.bot = RehearsedBot(folder, self._clock, self._chat, rules, Texts.load(), self._figures, PATIENCE)
        self._n_groups = n_groups
        self._started_at = time.monotonic()

    async def weeks(self, n_weeks: int) -> AsyncIterator[Sample]:
        """Live through that many weeks; yield how the bot is after each."""
        async with self.bot.running():
            groups = [_Group(number, self._chat) for number in range(self._n_groups)]
            await self.bot.settle()
            for week in range(n_weeks):
                for moment, (days, hours) in enumerate(MOMENTS):
                    await self.bot.advance_to(_instant(week, days, hours))
                    for group in groups:
                        group.act(week, moment, self._chat)
                    await self.bot.settle()
                self._chat.forget(self._clock.now() - REMEMBERED_FOR)
                yield self._sample(week)

    def _sample(self, week: int) -> Sample:
        gc.collect()
        wal = Path(f"{self.bot.folder / 'doetank.db'}-wal")
        faults = (Counted.INPUT_FAILED, Counted.INPUT_SET_ASIDE, Counted.STEP_FAILED)
        return Sample(
            week,
            time.monotonic() - self._started_at,
            rss=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            n_tasks=len(asyncio.all_tasks()),
            n_files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - only counted
            wal=wal.stat().st_size if wal.exists() else 0,
            held=held(self.bot.engine),
            n_handled=self._figures.counts[Counted.INPUT_HANDLED],
            n_faults=sum(self._figures.counts[one] for one in faults),
        )


def held(engine: object) -> dict[str, int]:
    """Return how many entries each collection of the engine's parts holds, by its name."""
    return {name: len(found) for name, found in _collections(engine, "", set()) if len(found)}


def _collections(part: object, name: str, seen: set[int]) -> Iterator[tuple[str, Sized]]:
    for key, value in vars(part).items():
        where = f"{name}.{key.lstrip('_')}".lstrip(".")
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict | set | list) or type(value).__name__ == "deque":
            yield where, value
        elif type(value).__module__.startswith("doetank_bot.service") and hasattr(value, "__dict__"):
            yield from _collections(value, where, seen)


async def soaked(folder: Path, n_groups: int, n_weeks: int, show: Any = None) -> Soaked:
    """Run it; `show` is called with each sample."""
    uncaught: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: uncaught.append(str(about)))
    soak, samples = Soak(folder, n_groups), list[Sample]()
    async with contextlib.aclosing(soak.weeks(n_weeks)) as weeks:
        async for sample in weeks:
            samples.append(sample)
            if show:
                show(sample)
    return Soaked(samples, uncaught)


def _instant(week: int, days: float, hours: float) -> datetime:
    local = FIRST_MONDAY + timedelta(weeks=week, days=days, hours=hours)
    return local.astimezone(UTC)
