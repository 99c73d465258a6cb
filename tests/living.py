"""The bot through its real start path on a real Synapse, with a clock that a test puts forward."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from homeserver import Account, Event, Homeserver, Person

from doetank_bot.app import serve
from doetank_bot.settings import load_settings

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_numbers = itertools.count(1)


class AheadClock:
    """The machine's clock, put forward by as much as a test says."""

    def __init__(self) -> None:
        self.ahead_for = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead_for

    def put_to(self, instant: datetime) -> None:
        self.ahead_for = instant - datetime.now(UTC)


class Living:
    """A running bot: its user id, clock and folder."""

    def __init__(self, user_id: str, clock: AheadClock, folder: Path) -> None:
        self.user_id = user_id
        self.clock = clock
        self.folder = folder

    def said(self, events: list[Event]) -> list[Event]:
        """Return the bot's messages among `events`: still there, and no edits."""
        return [event for event in events if event["sender"] == self.user_id and _is_message(event)]


@asynccontextmanager
async def living(
    homeserver: Homeserver, folder: Path, language: str = "nl", account: Account | None = None, more: str = ""
) -> AsyncIterator[Living]:
    """Run the bot, on a new account unless told; people of the homeserver may invite it. `more` is configuration."""
    account = account or homeserver.register(f"doetank-living-{next(_numbers)}")
    (folder / "token").write_text(account.access_token)
    (folder / "token").chmod(0o600)
    config = folder / "doetank.yaml"
    config.write_text(
        f"matrix:\n  homeserver: {homeserver.url}\n  user_id: '{account.user_id}'\n  access_token_file: token\n"
        f"bot:\n  language: {language}\n{more}"
    )
    clock, stop, ready = AheadClock(), asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(
        serve(
            load_settings(config, {}), clock=clock, on_ready=ready.set, stop=stop, tick_for=timedelta(milliseconds=100)
        )
    )
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
    try:
        yield Living(account.user_id, clock, folder)
    finally:
        stop.set()
        await task


async def room_with(coach: Person, bot: Living, *others: Person, name: str = "Parkeren", version: str = "12") -> str:
    """Return a room of the coach with `others` and the bot in it, once the bot said hello there."""
    invited = [bot.user_id, *(other.user_id for other in others)]
    room = await coach.create_room(version=version, invite=invited, name=name)
    for other in others:
        await other.join(room)
    await seen(coach, room, lambda event: event["sender"] == bot.user_id and _is_message(event))
    return room


def coming_monday() -> datetime:
    """Return next week's Monday, midnight in Amsterdam; the week after around Christmas and New Year."""
    now = datetime.now(AMSTERDAM)
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7 - now.weekday())
    while (monday.month, monday.day) > (12, 18) or monday.month in {1, 4, 5}:
        monday += timedelta(weeks=1)
    return monday


class Named(Protocol):
    """A bot, however it runs."""

    user_id: str


async def answer_to(who: Person, room: str, bot: Named, message: str, *, timeout: float = 15) -> Event:  # noqa: ASYNC109
    """Return the bot's reply to `message`, as `who` sees it."""
    return await who.wait_for(
        room,
        lambda event: (
            event["sender"] == bot.user_id
            and event["content"].get("m.relates_to", {}).get("m.in_reply_to", {}).get("event_id") == message
        ),
        timeout=timeout,
    )


async def seen(who: Person, room: str, is_it: Callable[[Event], bool]) -> Event:
    """Return the first event in the room that fits, as `who` sees it."""
    return await who.wait_for(room, is_it, timeout=20)


def says(text: str, sender: str) -> Callable[[Event], bool]:
    """Return whether an event is a message (no edit) of `sender` with `text` in it."""
    return lambda event: event["sender"] == sender and _is_message(event) and text in event["content"]["body"]


def _is_message(event: Event) -> bool:
    content = event.get("content", {})
    is_edit = content.get("m.relates_to", {}).get("rel_type") == "m.replace"
    return event["type"] == "m.room.message" and "body" in content and not is_edit
