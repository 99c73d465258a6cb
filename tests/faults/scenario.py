"""The main scenario in steps that may each be killed: from the invitation to an answer that leaves the digest."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from faults.harness import Peer, is_message
from homeserver import Event, Person

from bench.people import answers_of

WITHIN = 30.0
QUESTION = "Why must Fatima prove every year where she lives?"
ANSWERS = ("The clerk already had three of the five papers.", "Mother-in-law waited two hours for one stamp.")
CHANGED = "The clerk already had four of the five papers."
SEEN = "Nobody at the desk asked for the second form."


@dataclass(slots=True)
class Story:
    """The room and what was said in it, by name."""

    coach: Person
    member: Person
    bot: str
    room: str = ""
    private: str = ""
    said: dict[str, str] = field(default_factory=dict)

    async def events(self) -> list[Event]:
        """The room as the member sees it now."""
        return await self.member.messages(self.room)

    async def posts(self) -> list[Event]:
        """What the bot said in the room, edits not counted; a redacted message is still there, without content."""
        return [event for event in await self.events() if is_message(event, self.bot)]

    async def private_texts(self) -> list[str]:
        """What the bot said in the coach's private chat, as she sees it now, edits as messages of their own."""
        events = await self.coach.messages(self.private)
        said = [event for event in events if event["type"] == "m.room.message" and event["sender"] == self.bot]
        return [str(event["content"].get("body", "removed")) for event in said]

    async def root_of(self, name: str) -> str:
        """The bot's post that stands in the main room and was the `name` one: a prompt or a digest."""
        return str((await self.find(name))[-1]["event_id"])

    async def find(self, name: str) -> list[Event]:
        """The prompts (they mention people) or the digests (they quote the observation, and are no answer)."""
        return [event for event in await self.posts() if _kind(event) == name]

    async def answered(self, name: str) -> bool:
        """Whether the bot answered what was said under this name."""
        return self.said[name] in answers_of(await self.events(), self.bot)

    async def signed(self, name: str) -> bool:
        """Whether the bot put its sign on it."""
        return self.said[name] in signs_of(await self.events(), self.bot)


@dataclass(frozen=True, slots=True)
class Step:
    """Something people do, and how they see that the bot did its part."""

    name: str
    act: Callable[[Story], Awaitable[None]]
    is_done: Callable[[Story], Awaitable[bool]]


def signs_of(events: list[Event], bot: str) -> list[str]:
    """The messages on which the bot put its sign, once for each sign."""
    return [
        event["content"]["m.relates_to"]["event_id"]
        for event in events
        if event["type"] == "m.reaction" and event["sender"] == bot and event["content"]
    ]


def _kind(event: Event) -> str:
    content = event["content"]
    if content.get("msgtype") != "m.text" or "m.relates_to" in content:
        return "other"
    return "prompt" if content.get("m.mentions", {}).get("user_ids") else "digest"


async def _invite(story: Story) -> None:
    story.room = await story.coach.create_room(invite=[story.member.user_id], name="Parking")
    await story.member.join(story.room)
    await story.coach.invite(story.room, story.bot)


async def _introduced(story: Story) -> bool:
    return bool(await story.posts())


def _says(name: str, text: str, *, by_member: bool = False, thread: str = "") -> Callable[[Story], Awaitable[None]]:
    """Someone says `text`; `thread` names a command of the coach's or one of the bot's posts."""

    async def act(story: Story) -> None:
        root = story.said.get(thread) or (await story.root_of(thread) if thread else None)
        person = story.member if by_member else story.coach
        story.said[name] = await person.send(story.room, text, thread=root)

    return act


def _is_answered(name: str) -> Callable[[Story], Awaitable[bool]]:
    return lambda story: story.answered(name)


def _is_signed(name: str) -> Callable[[Story], Awaitable[bool]]:
    return lambda story: story.signed(name)


def _is_posted(kind: str, command: str) -> Callable[[Story], Awaitable[bool]]:
    async def done(story: Story) -> bool:
        return bool(await story.find(kind)) and await story.answered(command)

    return done


async def _kickoff_asks(story: Story) -> bool:
    """The preview and the first question both stand there."""
    return len(answers_of(await story.events(), story.bot).get(story.said["start"], ())) >= 2


async def _kickoff_ends(story: Story) -> bool:
    return len(answers_of(await story.events(), story.bot)) >= 2


async def _previewed(story: Story) -> bool:
    """The room was told, and the draft stands in the coach's private chat."""
    if not await story.answered("preview"):
        return False
    if not story.private:
        story.private = await story.coach.wait_for_invite(story.bot, timeout=WITHIN)
        await story.coach.join(story.private)
    return any(SEEN in text for text in await story.private_texts())


async def _edit(story: Story) -> None:
    await story.coach.edit(story.room, story.said["answer 1"], CHANGED)


async def _edited(story: Story) -> bool:
    in_room = any(CHANGED in str(event["content"]) for event in await story.events() if event["sender"] == story.bot)
    return in_room and any(CHANGED in text for text in await story.private_texts())


async def _delete(story: Story) -> None:
    await story.member.redact(story.room, story.said["answer 2"])


async def _deleted(story: Story) -> bool:
    """The digest that held it is gone, and stands there again without it; its draft is gone."""
    shown = [event for event in await story.events() if event["sender"] == story.bot and SEEN in str(event["content"])]
    is_again = bool(shown) and not any(ANSWERS[1] in str(event["content"]) for event in shown)
    return is_again and not any(SEEN in text for text in await story.private_texts())


def steps() -> Iterator[Step]:
    """All of them, in order."""
    yield Step("joining", _invite, _introduced)
    yield Step("starting", _says("start", "!cycle start"), _kickoff_asks)
    yield Step("kickoff", _says("question", QUESTION, thread="start"), _kickoff_ends)
    yield Step("prompt", _says("ask", "!prompt now"), _is_posted("prompt", "ask"))
    yield Step("first answer", _says("answer 1", ANSWERS[0], thread="prompt"), _is_signed("answer 1"))
    yield Step("second answer", _says("answer 2", ANSWERS[1], by_member=True, thread="prompt"), _is_signed("answer 2"))
    yield Step("observation", _says("seen", f"!observe {SEEN}", by_member=True), _is_answered("seen"))
    yield Step("preview", _says("preview", "!digest preview"), _previewed)
    yield Step("digest", _says("send", "!digest send"), _is_posted("digest", "send"))
    yield Step("edit", _edit, _edited)
    yield Step("deletion", _delete, _deleted)


Moment = Callable[[Step, Story], Awaitable[None]]
"""Waits, after the act of a step, until the bot is to be killed."""


async def play(story: Story, peer: Peer, moment: Moment | None) -> None:
    """Play all steps; in each the bot is killed at its moment (None: never) and started again."""
    for step in steps():
        await step.act(story)
        if moment is not None:
            await moment(step, story)
            await peer.crash()
        await until_done(step, story)


async def until_done(step: Step, story: Story, within: float = WITHIN) -> None:
    """Wait until people see that the bot did its part. Raises AssertionError when they never do."""
    try:
        async with asyncio.timeout(within):
            while not await step.is_done(story):  # noqa: ASYNC110 - it is another program that we wait for
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"step {step.name!r} was lost") from None


def after(*seconds: float) -> Moment:
    """So long after the act, each step another of these in turn."""
    waits = itertools.cycle(seconds)
    return lambda _step, _story: asyncio.sleep(next(waits))


EXPECTED = [
    "joins",
    "introduces itself",
    "answers start",
    "answers start",
    "answers question",
    "prompt",
    "answers ask",
    "signs answer 1",
    "signs answer 2",
    "answers seen",
    "answers preview",
    "removed",  # the digest that held the deleted answer
    "answers send",
    "removed",  # its edit
    "removes",
    "removes",
    "digest",
]


async def chronicle(story: Story) -> list[str]:
    """Everything the bot did in the room, in order, as the member sees it now."""
    names = {event_id: name for name, event_id in story.said.items()}
    return [_deed(event, names) for event in await story.events() if event["sender"] == story.bot]


def _deed(event: Event, names: dict[str, str]) -> str:
    content = event["content"]
    if event["type"] == "m.room.member":
        return f"{content['membership']}s"
    if event["type"] == "m.room.redaction":
        return "removes"
    if event["type"] == "m.reaction":
        return f"signs {names[content['m.relates_to']['event_id']]}"
    if not content:
        return "removed"
    relation = content.get("m.relates_to", {})
    if relation:
        return f"answers {names[relation['m.in_reply_to']['event_id']]}"
    return "introduces itself" if content["msgtype"] == "m.notice" else _kind(event)


async def n_private(story: Story) -> int:
    """Into how many chats the coach was asked beside the room."""
    batch = await story.coach.call("GET", "/sync", timeout=0, filter='{"room":{"timeline":{"limit":1}}}')
    rooms = batch["rooms"]
    return len({*rooms.get("invite", {}), *rooms.get("join", {})} - {story.room})
