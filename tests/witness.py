"""Who reads along everywhere: holds what the bot says at each moment, and what it kept in the end, to the oracle."""

from collections.abc import Iterator, Sequence

from mortal import Stage
from oracle import Oracle, wrongly_acknowledged, wrongly_kept, wrongly_left, wrongly_shown, wrongly_silent
from small_pack import QUESTION, prompt_in

from doetank_bot.chat.memory import Person, Shown
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.schedule import to_local

ZONE = "Europe/Amsterdam"
NOT_SENT = ("is niet verstuurd", "weer een stille week")


class Witness:
    """Looks on from now, and lets `members` open a private chat. `seen_wrong` is what it saw so far."""

    def __init__(
        self, stage: Stage, oracle: Oracle, people: dict[str, Person], members: Sequence[str], room: SpaceRef
    ) -> None:
        self.stage = stage
        self.oracle = oracle
        self.people = people
        self.room = room
        self.own = {name: people[name].open_private() for name in members}
        self.seen_wrong: list[str] = []
        self.signs: dict[MessageRef, int] = {}
        stage.chat.listeners.append(self._heard)

    def wrong(self) -> list[str]:
        """Return all that was ever wrong, and what is wrong once the bot had time."""
        disk = {file.name: file.read_bytes() for file in self.stage.folder.iterdir()}
        of_bot = [shown for room in self.stage.chat.rooms() for shown in self.of_bot(room.space)]
        found = self.seen_wrong + wrongly_kept(self.oracle, self.kept()) + wrongly_left(self.oracle, disk)
        found += wrongly_acknowledged(self.oracle, of_bot, self.signs)
        found += wrongly_silent(self.oracle, to_local(self.stage.clock.now(), ZONE), self.n_digests(), self.n_dropped())
        for room in self.stage.chat.rooms():
            found += wrongly_shown(self.oracle, self.reader(room.space), self.of_bot(room.space))
        return found

    def kept(self) -> tuple[Contribution, ...]:
        async def kept() -> tuple[Contribution, ...]:
            async with self.stage.house.store.read() as views:
                group = await views.group_in(self.room)
                assert group is not None
                return await views.group(group).contributions()

        return self.stage.ask(kept())

    def of_bot(self, space: SpaceRef) -> list[Shown]:
        shown = self.stage.chat.room(space).messages.values()
        return [one for one in shown if one.sender == self.stage.chat.me and not one.is_deleted]

    def n_digests(self) -> int:
        return sum(not one.is_notice and "Weekbericht" in one.text for one in self.of_bot(self.room))

    def n_dropped(self) -> int:
        """Return how often the coach was told that something was not sent."""
        spaces = [space for name, space in self._privates() if name == "Maaike"]
        return sum(any(sign in one.text for sign in NOT_SENT) for space in spaces for one in self.of_bot(space))

    def n_told(self) -> int:
        """Return how many prompts and digests are there: one that is posted again without some words is no new one."""
        return sum(not one.is_notice for one in self.of_bot(self.room))

    def last_question(self, who: str) -> MessageRef | None:
        """Return the last message in which someone was asked something in private."""
        spaces = [space for name, space in self._privates() if name == who]
        asked = [one for space in spaces for one in self.of_bot(space) if QUESTION in one.text]
        return max(asked, key=lambda one: int(one.ref.native[1:])).ref if asked else None

    def reader(self, space: SpaceRef) -> str | None:
        """Return who reads there, besides the bot; None for the room."""
        if space == self.room:
            return None
        return next(name for name, own in self._privates() if own == space)

    def _privates(self) -> Iterator[tuple[str, SpaceRef]]:
        yield from self.own.items()
        for room in self.stage.chat.rooms():
            for name, person in self.people.items():
                if room.private_with == person.user:
                    yield name, room.space

    def _heard(self, message: Shown) -> None:
        """Look at each message at the moment at which it appears or changes."""
        if message.sender != self.stage.chat.me:
            self.signs[message.ref] = sum(user == self.stage.chat.me for user, _ in message.reactions)
            return
        self.seen_wrong += self._wrong_now(message)

    def _wrong_now(self, message: Shown) -> Iterator[str]:
        yield from wrongly_shown(self.oracle, self.reader(message.ref.space), [message])
        if message.ref.space != self.room or message.is_edited or message.is_deleted:
            return
        absent = {self.people[name].user for name in self.oracle.absent}
        if absent & {*message.mentions}:
            yield f"mentions someone who is not there: {message.text}"
        if self.oracle.n_at_pause is not None and self.n_told() > self.oracle.n_at_pause:
            yield f"speaks while the cycle is paused: {message.text}"
        if self.n_digests() - self.oracle.n_digests > self._may_be_out(4):
            yield f"told early, or twice: {message.text}"
        name = prompt_in(message)
        if name is not None:
            yield from self._wrong_prompt(name)

    def _wrong_prompt(self, name: str) -> Iterator[str]:
        if name in self.oracle.asked:
            yield f"asked twice: {name}"
        self.oracle.asked.append(name)
        if len(self.oracle.asked) > self._may_be_out(0, 3):
            yield f"asked early: {name}"

    def _may_be_out(self, *weekdays: int) -> float:
        return self.oracle.may_be_out(to_local(self.stage.latest, ZONE), *weekdays)
