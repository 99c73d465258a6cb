"""The stage on a real homeserver: people speak, see what the bot does, and all of it is told."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime

from doetank_bot.demo.clock import DemoClock
from doetank_bot.demo.narrator import Narrator, new_lines
from doetank_bot.demo.person import Event, Person
from doetank_bot.demo.play import MissedError, Standing
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.work import BotWork
from doetank_bot.domain.schedule import to_utc

_PATIENCE_SECONDS = 30.0
_ASK_EVERY_SECONDS = 0.06


class HomeserverStage:
    """People around a bot, each seeing what the homeserver shows them: see `play.Stage`.

    Attributes:
        people: everyone's client, by name.
        room: the group's room, once it is made.
        room_name: what it is called.
    """

    def __init__(
        self, people: Mapping[str, Person], bot_id: str, work: BotWork, clock: DemoClock, narrator: Narrator
    ) -> None:
        self.people = people
        self.room = self.room_name = ""
        self._bot_id = bot_id
        self._work = work
        self._clock = clock
        self._narrator = narrator
        self._names = {person.user_id: name for name, person in people.items()}
        self._with_whom: dict[str, str] = {}
        self._known: set[str] = set()
        self._standing: dict[str, Seen] = {}

    # What people do

    async def open_room(self, name: str, inside: Sequence[str]) -> None:
        """See `play.Stage`."""
        coach, *others = inside
        self._narrator.opening(coach, others)
        self.room, self.room_name = await self.people[coach].create_room(name=name), name
        self._with_whom[self.room] = ""
        for other in others:
            await self._bring_in(other, coach)
        await self.people[coach].invite(self.room, self._bot_id)
        await self._settle()

    async def move_to(self, local: datetime) -> None:
        """See `play.Stage`."""
        target = to_utc(local, self._narrator.timezone)
        while due := await self._work.next_due(target):
            self._clock.put_forward(due)
            await self._settle()
        self._clock.put_forward(target)

    async def aside(self, text: str) -> None:
        """See `play.Stage`."""
        self._narrator.aside(text)

    async def come_in(self, who: str) -> None:
        """See `play.Stage`."""
        self._narrator.coming_in(who)
        await self._bring_in(who, next(iter(self.people)))
        await self._settle()

    async def say(self, who: str, text: str, *, thread: str | None = None, reply_to: str | None = None) -> str:
        """See `play.Stage`."""
        return await self._done(self.people[who].send(self.room, text, thread=thread, reply_to=reply_to))

    async def say_in_private(self, who: str, text: str) -> None:
        """See `play.Stage`."""
        rooms = [room for room, name in self._with_whom.items() if name == who]
        if not rooms:
            raise MissedError(f"the bot opened no private chat with {who}")
        await self._done(self.people[who].send(rooms[-1], text))

    async def edit(self, message: Standing, text: str) -> None:
        """See `play.Stage`."""
        room = self._standing[message.id].room
        await self._done(self.people[message.sender].edit(room, message.id, text))

    async def delete(self, message: Standing) -> None:
        """See `play.Stage`."""
        room = self._standing[message.id].room
        await self._done(self.people[message.sender].redact(room, message.id))

    async def _bring_in(self, who: str, by: str) -> None:
        await self.people[by].invite(self.room, self.people[who].user_id)
        await self.people[who].join(self.room)

    async def _done(self, sending: Awaitable[str]) -> str:
        sent = await sending
        await self._settle()
        return sent

    # What people see

    def standing(self) -> Sequence[Standing]:
        """See `play.Stage`."""
        return [self._as_standing(seen) for seen in self._standing.values()]

    def seen(self, message: Standing) -> Seen:
        """Return the message as the homeserver gave it."""
        return self._standing[message.id]

    async def pictures(self) -> dict[str, bytes]:
        """Return the pictures that stand in the room, by the names of their files."""
        shown = [seen.picture for seen in self._standing.values() if seen.picture and seen.room == self.room]
        coach = next(iter(self.people.values()))
        return {name: await coach.download(address) for name, address in shown}

    async def follow(self, every_seconds: float) -> None:
        """Tell what happens from now on, without end."""
        while True:
            await self._tell(await self._look())
            await asyncio.sleep(every_seconds)

    async def _settle(self) -> None:
        """Wait until the bot is done, and tell what was seen. Raises MissedError when it is at it for 30 seconds."""
        news: list[Seen] = []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                is_at_rest = False
                while not is_at_rest:
                    while not await self._work.is_done():  # noqa: ASYNC110 - another program's work is seen by asking
                        await asyncio.sleep(_ASK_EVERY_SECONDS)
                    n_rooms = len(self._with_whom)
                    news += await self._look()
                    # Who takes up an invitation gives the bot something to do.
                    is_at_rest = n_rooms == len(self._with_whom)
        except TimeoutError:
            raise MissedError(f"waited {_PATIENCE_SECONDS:.0f} seconds for the bot to be done") from None
        await self._tell(news)

    async def _look(self) -> list[Seen]:
        """Return what anyone sees that nobody saw before; invitations by the bot are taken up."""
        looks = await asyncio.gather(*(person.news() for person in self.people.values()))
        fresh = []
        for name, look in zip(self.people, looks, strict=True):
            for room, event in look:
                if event["type"] == "invite":
                    await self._take_up(name, room, event)
                elif event["event_id"] not in self._known:
                    self._known.add(event["event_id"])
                    self._with_whom.setdefault(room, name)
                    fresh.append(Seen(room, event))
        return fresh

    async def _take_up(self, name: str, room: str, event: Event) -> None:
        if event["sender"] == self._bot_id:
            self._with_whom[room] = name
            await self.people[name].join(room)

    # Telling it

    async def _tell(self, news: Sequence[Seen]) -> None:
        """Tell it in order; what the bot does alike in several places at once is told once."""
        waiting = sorted(news, key=lambda seen: seen.at)
        while waiting:
            seen = waiting.pop(0)
            if seen.is_message:
                alike = [seen, *(one for one in waiting if self._is_alike(seen, one))]
                await self._tell_messages(alike)
            elif seen.edits in self._standing:
                alike = [seen, *(one for one in waiting if self._changes_alike(seen, one))]
                await self._tell_edits(alike)
            else:
                alike = [seen]
                await self._tell_change(seen)
            waiting = [one for one in waiting if one not in alike]

    async def _tell_messages(self, alike: Sequence[Seen]) -> None:
        self._standing |= {one.id: one for one in alike}
        with_whom = [self._with_whom[one.room] for one in alike]
        await self._narrator.message(alike[0], self._as_standing(alike[0]), with_whom)

    async def _tell_edits(self, alike: Sequence[Seen]) -> None:
        pairs = [(self._standing[str(one.edits)], one) for one in alike]
        self._standing |= {before.id: before.edited_by(after) for before, after in pairs}
        await self._narrator.edits(self._names.get(alike[0].sender, ""), pairs)

    async def _tell_change(self, seen: Seen) -> None:
        who = self._names.get(seen.sender, "")
        if seen.signs in self._standing:
            self._narrator.sign(who, self._standing[seen.signs], seen.sign)
        elif seen.deletes in self._standing:
            await self._narrator.deletion(who, self._standing.pop(seen.deletes))

    def _is_alike(self, seen: Seen, other: Seen) -> bool:
        """Whether the bot says the same to another in private."""
        are_private = bool(self._with_whom[seen.room] and self._with_whom[other.room])
        is_of_bot = seen.sender == other.sender == self._bot_id
        return are_private and is_of_bot and other.is_message and seen.text == other.text

    def _changes_alike(self, seen: Seen, other: Seen) -> bool:
        """Whether the bot changes the same words in another message."""
        if not seen.sender == other.sender == self._bot_id or other.edits not in self._standing:
            return False
        before = self._standing[str(seen.edits)], self._standing[str(other.edits)]
        return new_lines(before[0], seen) == new_lines(before[1], other)

    def _as_standing(self, seen: Seen) -> Standing:
        return Standing(
            id=seen.id,
            sender=self._names.get(seen.sender, ""),
            text=seen.text,
            with_whom=self._with_whom[seen.room],
            thread=seen.thread,
            is_notice=seen.is_notice,
            is_text=seen.picture is None,
        )
