"""The whole bot over the chat in memory, with a file database and a clock that tests move."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from doetank_bot.chat.memory import MemoryChat, Person, Shown
from doetank_bot.demo.rehearsal.bot import RehearsedBot, StandingClock, rules_for
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.observe.figures import Figures
from doetank_bot.resources import packs_dir
from doetank_bot.service.engine import Texts
from doetank_bot.settings import load_packs

TEXTS = Texts.load()
PACKS = load_packs([packs_dir()])
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class FakeClock(StandingClock):
    """A clock that stands still until it is moved; made with Amsterdam time."""

    def __init__(self, local: str) -> None:
        super().__init__(instant_of(local))


class House(RehearsedBot):
    """One running bot, and what tests do with it. `figures` is what it counted."""

    def __init__(
        self,
        folder: Path,
        clock: FakeClock,
        chat: MemoryChat,
        language: str = "nl",
        packs: Mapping[str, Pack] = PACKS,
    ) -> None:
        self.figures = Figures(clock, "test", lambda _: None)
        super().__init__(folder, clock, chat, rules_for(chat.me, language, packs), TEXTS, self.figures)

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
        await self.advance_to(instant_of(local))

    async def jump_to(self, local: str) -> None:
        """Let the time be later at once, as after a machine that slept."""
        self.clock.instant = instant_of(local)
        await self.engine.timers.run_due()
        await self.settle()


@asynccontextmanager
async def running(
    folder: Path, local: str = "2027-02-03 10:00", *, language: str = "nl", chat: MemoryChat | None = None
) -> AsyncIterator[House]:
    """Run the bot from that Amsterdam time on (a Wednesday unless told), over `chat` when it goes on there."""
    clock = FakeClock(local)
    chat = chat or MemoryChat(clock.now)
    chat.now = clock.now
    house = House(folder, clock, chat, language)
    async with house.running():
        yield house


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


def instant_of(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=AMSTERDAM).astimezone(UTC)
