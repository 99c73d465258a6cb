"""Where the script is played: people speak, see what the bot does, and all of it is written down."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from rich.text import Text

from doetank_bot.demo.cast import BOT, MAAIKE, Role, Words
from doetank_bot.demo.clock import DemoClock
from doetank_bot.demo.person import Person
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.styled import styled
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.schedule import to_local, to_utc

_PATIENCE_SECONDS = 30.0
_QUIET_SECONDS = 0.4

_EDITED = Words("✎ {name} past een bericht aan:", "✎ {name} edits a message:")
_DELETED = Words("✗ {name} verwijdert: {text}", "✗ {name} deletes: {text}")
_IN_PRIVATE = Words("{name} (privé, alleen Maaike ziet dit)", "{name} (in private, only Maaike sees this)")
_AGAIN = Words("(hetzelfde bericht, zonder de woorden die weg zijn)", "(the same message, without the words that went)")


class MissedError(Exception):
    """What the script waited for was not seen in time."""


class Stage:
    """People around a bot, seen with the eyes of the coach.

    Attributes:
        room: the group's room, once the script made it.
        bot_id: the bot's user id.
        people: everyone's client.
    """

    def __init__(
        self, people: Mapping[Role, Person], bot_id: str, clock: DemoClock, terminal: Terminal, language: Language
    ) -> None:
        self.people = people
        self.bot_id = bot_id
        self.language = language
        self.room = ""
        self._clock = clock
        self._terminal = terminal
        self._names = {person.user_id: role.name for role, person in people.items()} | {bot_id: BOT}
        self._coming: asyncio.Queue[Seen] = asyncio.Queue()
        self._texts: dict[str, Seen] = {}
        self._gone: set[str] = set()

    async def watch(self) -> None:
        """Follow, without end, what the coach sees."""
        async for room, event in self.people[MAAIKE].watch():
            self._coming.put_nowait(Seen(room, event))

    # What people do

    async def at(self, day: date, clock_time: str, timezone: str = "Europe/Amsterdam") -> None:
        """Put the clock forward to that local time, once nothing is under way any more."""
        await self.settle()
        self._clock.put_forward(to_utc(datetime.combine(day, time.fromisoformat(clock_time)), timezone))

    async def say(self, who: Role, words: Words, *, thread: Seen | None = None, room: str | None = None) -> Seen:
        """Let someone write, and return their message once it is seen."""
        place = room or self.room
        sent = await self.people[who].send(place, words.get(self.language), thread=thread.id if thread else None)
        return await self.until(f"{who.name} is seen to write", lambda seen: seen.id == sent)

    async def edit(self, who: Role, message: Seen, words: Words) -> Seen:
        """Let someone change their own message."""
        sent = await self.people[who].edit(message.room, message.id, words.get(self.language))
        return await self.until(f"{who.name} is seen to edit", lambda seen: seen.id == sent)

    async def delete(self, who: Role, message: Seen) -> Seen:
        """Let someone delete their own message."""
        sent = await self.people[who].redact(message.room, message.id)
        return await self.until(f"{who.name} is seen to delete", lambda seen: seen.id == sent)

    def aside(self, words: Words) -> None:
        """Write down what happens around the chat."""
        self._terminal.aside(self._local(), words.get(self.language))

    # What people see of the bot

    async def invitation(self) -> Seen:
        """Return the bot's invitation to a private chat."""
        return await self.until("the bot's invitation", lambda seen: seen.is_invitation and seen.sender == self.bot_id)

    async def answer(self, message: Seen, *, in_thread: bool | None = None) -> Seen:
        """Return the bot's reply to `message`."""
        return await self._of_bot(
            f"an answer to “{excerpt(message.text, 40)}”",
            lambda seen: (
                seen.is_message and seen.answers == message.id and in_thread in {None, seen.thread is not None}
            ),
        )

    async def sign(self, message: Seen) -> Seen:
        """Return the bot's sign on `message`."""
        return await self._of_bot(f"a sign on “{excerpt(message.text, 40)}”", lambda seen: seen.signs == message.id)

    async def announcement(self) -> Seen:
        """Return the next message that the bot writes of its own accord to the group."""
        return await self._of_bot(
            "a message to the group", lambda seen: seen.is_announcement and seen.room == self.room
        )

    async def message(self, room: str, about: Words | None = None) -> Seen:
        """Return the bot's next message in `room`, or the next with the words `about` in it."""
        text = about.get(self.language) if about else ""
        return await self._of_bot("a message", lambda seen: seen.is_message and seen.room == room and text in seen.text)

    async def change(self, message: Seen) -> Seen:
        """Return the bot's edit of its own `message`."""
        return await self._of_bot("an edit by the bot", lambda seen: seen.edits == message.id)

    async def deletion(self, message: Seen) -> Seen:
        """Return the bot's deletion of its own `message`."""
        return await self._of_bot("a deletion by the bot", lambda seen: seen.deletes == message.id)

    async def until(self, what: str, is_it: Callable[[Seen], bool]) -> Seen:
        """Write down what comes, and return the first that `is_it`. Raises MissedError after 30 seconds without it."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS) as patience:
                while True:
                    seen = await self._coming.get()
                    patience.reschedule(None)
                    await self._write(seen)
                    patience.reschedule(asyncio.get_running_loop().time() + _PATIENCE_SECONDS)
                    if is_it(seen):
                        return seen
        except TimeoutError:
            raise MissedError(f"waited {_PATIENCE_SECONDS:.0f} seconds for {what}") from None

    async def settle(self) -> None:
        """Write down what comes until it has been quiet for a moment."""
        while True:
            try:
                seen = await asyncio.wait_for(self._coming.get(), _QUIET_SECONDS)
            except TimeoutError:
                return
            await self._write(seen)

    async def _of_bot(self, what: str, is_it: Callable[[Seen], bool]) -> Seen:
        return await self.until(what, lambda seen: seen.sender == self.bot_id and is_it(seen))

    # Writing it down

    async def _write(self, seen: Seen) -> None:
        name = self._names.get(seen.sender, seen.sender)
        if seen.is_message:
            self._texts[seen.id] = seen
            text = self._without_repeating(seen)
            shown = name if seen.room == self.room else self._put(_IN_PRIVATE, name=name)
            self._terminal.message(self._local(), shown, text, is_in_thread=seen.thread is not None)
            await self._terminal.pause(text.plain)
        elif seen.edits in self._texts:
            self._write_edit(seen, name, self._texts[seen.edits])
        elif seen.signs in self._texts:
            is_in_thread = self._texts[seen.signs].thread is not None
            self._terminal.remark(f"{seen.sign} {name}", is_in_thread=is_in_thread)
        elif seen.deletes in self._texts:
            self._write_deletion(name, self._texts[seen.deletes])

    def _without_repeating(self, seen: Seen) -> Text:
        """Return of a message that is posted again, after it was deleted, only that it is."""
        first = _first_line(seen)
        return Text(f"{first}\n{self._put(_AGAIN)}") if first in self._gone else styled(seen.text, seen.html)

    def _write_deletion(self, name: str, gone: Seen) -> None:
        text = f"“{excerpt(gone.text, 60)}”"
        self._gone.add(_first_line(gone))
        self._terminal.remark(self._put(_DELETED, name=name, text=text))

    def _write_edit(self, seen: Seen, name: str, before: Seen) -> None:
        """Write the lines that are new."""
        old = set(before.text.splitlines())
        self._terminal.remark(self._put(_EDITED, name=name))
        for line in seen.text.splitlines():
            if line not in old:
                self._terminal.remark(f"  {line}")
        content = {**before.event["content"], **seen.event["content"]["m.new_content"]}
        self._texts[before.id] = Seen(before.room, {**before.event, "content": content})

    def _put(self, words: Words, **values: str) -> str:
        return words.get(self.language).format(**values)

    def _local(self) -> datetime:
        return to_local(self._clock.now(), "Europe/Amsterdam")


def _first_line(seen: Seen) -> str:
    return next(iter(seen.text.splitlines()), "")
