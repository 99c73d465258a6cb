"""Plays a script on a stage: who says what to whom, and under which message. Knows no chat platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doetank_bot.demo.script import Aside, Deed, How, Moment, Script

_DIGESTS = ("Weekbericht:", "Weekly digest:")


class MissedError(Exception):
    """What the script needs is not there: the bot did not say or do it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message that stands in the chat now.

    `sender` is a name, empty for the bot; `with_whom` the name of the person it stands in private with, empty in the
    room; `thread` the id of the thread's root; `is_text` is false for a picture.
    """

    id: str
    sender: str
    text: str
    with_whom: str = ""
    thread: str | None = None
    is_notice: bool = False
    is_text: bool = True

    @property
    def is_announcement(self) -> bool:
        """Whether the bot says it to the group of its own accord."""
        is_of_bot = not self.sender and not self.with_whom and self.thread is None
        return is_of_bot and self.is_text and not self.is_notice

    @property
    def is_digest(self) -> bool:
        """Whether it is a weekly digest, as the group gets it."""
        return self.is_announcement and self.text.startswith(_DIGESTS)


class Stage(Protocol):
    """Where a script can be played. Each method returns when the bot is done with what was done."""

    async def open_room(self, name: str, inside: Sequence[str]) -> None:
        """Let the first of `inside` make the room, with the others in it, and invite the bot."""

    async def move_to(self, local: datetime) -> None:
        """Let that time come; what is due on the way happens at its own moment."""

    async def aside(self, text: str) -> None:
        """Tell whoever looks on what happens outside the chat."""

    async def come_in(self, who: str) -> None:
        """Let someone come into the room."""

    async def say(self, who: str, text: str, *, thread: str | None = None, reply_to: str | None = None) -> str:
        """Let someone write in the room, and return the id of the message."""

    async def say_in_private(self, who: str, text: str) -> None:
        """Let someone write to the bot alone. Raises MissedError when they have no private chat."""

    async def edit(self, message: Standing, text: str) -> None:
        """Let the sender give their message another text."""

    async def delete(self, message: Standing) -> None:
        """Let the sender delete their message."""

    def standing(self) -> Sequence[Standing]:
        """Return what stands in the room and in the private chats now, oldest first, with its texts of now."""


async def play(script: Script, stage: Stage) -> None:
    """Play the script from its first line to its last. Raises MissedError when a line cannot be done."""
    await stage.open_room(script.room, script.inside)
    player = _Player(stage)
    for line in script.lines:
        match line:
            case Moment(at):
                await stage.move_to(at)
            case Aside(text):
                await stage.aside(text)
            case Deed():
                await player.do(line)


class _Player:
    """Remembers who was last in which thread."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._threads: dict[str, str] = {}

    async def do(self, deed: Deed) -> None:
        stage, who, text = self._stage, deed.who, deed.text
        match deed.how:
            case How.SAY | How.UNDER_QUESTION | How.FURTHER:
                await self._say(deed)
            case How.IN_PRIVATE:
                await stage.say_in_private(who, text)
            case How.EDIT:
                await stage.edit(self._own(deed), text)
            case How.DELETE:
                await stage.delete(self._own(deed))
            case How.COME_IN:
                await stage.come_in(who)

    async def _say(self, deed: Deed) -> None:
        who, text = deed.who, deed.text
        if deed.how is How.SAY:
            reply_to = self._of_bot(deed.about).id if deed.about else None
            self._threads[who] = await self._stage.say(who, text, reply_to=reply_to)
            return
        if deed.how is How.UNDER_QUESTION:
            self._threads[who] = self._of_bot(deed.about).id
        if who not in self._threads:
            raise MissedError(f"{who} was in no thread")
        await self._stage.say(who, text, thread=self._threads[who])

    def _own(self, deed: Deed) -> Standing:
        """Return their last message with the words that the deed is about."""
        for message in reversed(self._stage.standing()):
            if message.sender == deed.who and deed.about in message.text:
                return message
        raise MissedError(f"{deed.who} never said {deed.about!r}")

    def _of_bot(self, words: str) -> Standing:
        """Return the bot's last message in the room with those words, or its last question."""
        for message in reversed(self._stage.standing()):
            is_there = not message.sender and not message.with_whom and message.thread is None
            if is_there and (words in message.text if words else message.is_announcement and not message.is_digest):
                return message
        raise MissedError(f"the bot never said {words!r}")
