"""The posting lab: N messages due at once in many rooms, the bot killed while it posts them; judged by another user."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from faults.figures import Figure, Load, Verdict
from faults.lives import Life
from faults.run import Run
from faults.stage import Stage
from homeserver import Account

from bench.people import all_of
from doetank_bot.chat.matrix import MatrixChat, Session
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import SpaceRef
from doetank_bot.flows import FLOW_STATES
from doetank_bot.ports import Act, NewPost, Style
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store

Posts = Sequence[tuple[str, str]]
"""(room, text), in the order in which they are due."""


def due(stage: Stage, load: Load) -> Posts:
    """What there is to post, the rooms in turn."""
    return [(stage.rooms[number % len(stage.rooms)], f"Prompt {number}") for number in range(load.n)]


async def laid_out(stage: Stage, load: Load, folder: Path, at: datetime | None = None) -> Posts:
    """Put what is due into the outbox of a bot that never ran, as the interpreter does, now or at another instant.

    Alembic migrates one database at a time in a process: not for two folders at once.
    """
    posts = due(stage, load)
    await asyncio.to_thread(folder.mkdir, parents=True)
    await _lay_out(folder, stage.account, posts, at or datetime.now(UTC))
    return posts


async def posted(name: str, stage: Stage, load: Load, posts: Posts, folder: Path, life: Life, mode: str = "") -> Figure:
    """Let `life` post what is laid out in `folder` while it is killed, until all is there or the time is over."""
    async with Run(stage, load, folder, life, mode).going_on() as run:
        verdict = await run.settled(lambda: _read(stage, posts))
    return run.figure(name, verdict)


async def _lay_out(folder: Path, account: Account, posts: Posts, at: datetime) -> None:
    url = f"sqlite+aiosqlite:///{folder / 'doetank.db'}"
    await migrate(url)
    store, chat = Store(url, account.user_id, FLOW_STATES), _unconnected(folder, account)
    await store.open()
    async with store.write() as work:
        for room, text in posts:
            (rendered,) = chat.render(paragraph(text), Style())
            space = SpaceRef(account.user_id, room)
            await work.post(NewPost(Act.SEND, None, space, payload=rendered.payload), at)
    await store.close()
    await chat.close()


def _unconnected(folder: Path, account: Account) -> MatrixChat:
    return MatrixChat(
        Session("http://127.0.0.1:1", account.user_id, account.device_id, "none"),
        store_dir=folder,
        allow_invites_from=[],
    )


async def _read(stage: Stage, posts: Posts) -> Verdict:
    """Judge what the reader finds in the rooms."""
    found: dict[str, list[str]] = {}

    async def look(room: str) -> None:
        events = await stage.reader.messages(room)
        texts = [event["content"].get("body", "") for event in events if event["sender"] == stage.account.user_id]
        found[room] = [text for text in texts if text.startswith("Prompt ")]

    await all_of(lambda room=room: look(room) for room in stage.rooms)  # type: ignore[misc]
    counts = Counter((room, text) for room, texts in found.items() for text in texts)
    firsts = [[int(text.split()[1]) for text in dict.fromkeys(texts)] for texts in found.values()]
    return Verdict(
        lost=sum(1 for each in posts if not counts[each]),
        doubled=sum(n - 1 for n in counts.values()),
        disordered=sum(1 for numbers in firsts for one, following in pairwise(numbers) if one > following),
    )
