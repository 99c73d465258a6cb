"""Safe mode, on a database that cannot be trusted: whoever asks gets one calm line, and nothing else is posted.

Nothing is stored, the cursor least of all: what people say meanwhile is read by the bot that starts on a good backup.
"""

import asyncio
from collections.abc import Iterable
from hashlib import sha256

import structlog

from doetank_bot.domain.hygiene import clean
from doetank_bot.domain.reference import SpaceRef, UserRef
from doetank_bot.domain.view import Rules
from doetank_bot.ports import (
    Ambiguous,
    Batch,
    BotJoined,
    ChatPort,
    Deferred,
    Denied,
    Incoming,
    MessageReceived,
    Payload,
    Rejected,
    Sent,
    Style,
)
from doetank_bot.service.engine import Texts

log = structlog.get_logger(__name__)

KEY = "rest."
"""How the keys of these lines begin: a restored bot did not say them while it worked."""
_WAITS_SECONDS = (1, 2, 5, 10, 30)


async def rest(chat: ChatPort, rules: Rules, texts: Texts) -> None:
    """Answer who asks from now on, until cancelled; what was said before stays as it was. Raises AuthLost."""
    private, is_first = set[SpaceRef](), True
    async for batch in chat.batches(None):
        if is_first:
            log.warning("rests")
            is_first = False
        private |= private_chats(batch.incoming)
        for question in questions(batch, rules.me, rules.prefix, private):
            await _answer(chat, question, rules, texts)


def private_chats(incoming: Iterable[Incoming]) -> set[SpaceRef]:
    """Return the private chats that the bot is found to be in."""
    return {item.ref.space for item in incoming if isinstance(item, BotJoined) and item.is_private}


def questions(batch: Batch, me: UserRef, prefix: str, private: set[SpaceRef]) -> list[MessageReceived]:
    """Return what is meant for the bot: commands, mentions, and all that people write in private. Pure."""
    said = (item for item in batch.incoming if isinstance(item, MessageReceived))
    by_people = (one for one in said if one.sender != me and not one.is_bot)
    return [one for one in by_people if _is_meant(one, prefix) or one.ref.space in private]


def _is_meant(message: MessageReceived, prefix: str) -> bool:
    return message.mentions_me or (message.is_text and clean(message.text).lstrip().startswith(prefix))


async def _answer(chat: ChatPort, question: MessageReceived, rules: Rules, texts: Texts) -> None:
    document = texts.catalogue.document("error.resting", {}, rules.language)
    style = Style(reply_to=question.ref, root=question.thread, language=rules.language)
    key = KEY + sha256(f"{question.ref.space.native} {question.ref.native}".encode()).hexdigest()[:32]
    (line,) = chat.render(document, style)
    await _send(chat, question.ref.space, line.payload, key)


async def _send(chat: ChatPort, space: SpaceRef, payload: Payload, key: str) -> None:
    """Try a few times: a line that comes much later says nothing any more."""
    for wait_for in _WAITS_SECONDS:
        match await chat.send(space, payload, key):
            case Sent():
                return
            case Deferred(after=after) if after is not None:
                await asyncio.sleep(min(after.total_seconds(), _WAITS_SECONDS[-1]))
            case Deferred() | Ambiguous():
                await asyncio.sleep(wait_for)
            case Denied() | Rejected():
                break
    log.warning("resting_not_told", room=space.native)
