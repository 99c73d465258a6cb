"""Two hundred rooms due at one instant: from the moment that was planned to the moment at which someone sees it."""

import asyncio
import functools
import json
import math
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import program
from bench.people import FILTER, all_of, answers_of, logged_in
from bench.program import Program
from bench.stage import Show, Stage, prepare
from doetank_bot.demo.homeserver import Homeserver
from doetank_bot.demo.person import Event, Person

P99_BAR = 5.0
BAR = 1.15
N_PEOPLE = 3
STARTS_IN = 10.0
"""Seconds from the start of a program to the moment: it must be ready by then."""
WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds after the moment at which each room's message was seen, and seconds of processor time until then."""

    seen: list[float]
    cpu: float

    @property
    def delivery(self) -> float:
        """Until the last one was seen."""
        return max(self.seen)

    def seen_by(self, share: float) -> float:
        """Until that share of the rooms had seen it."""
        return sorted(self.seen)[math.ceil(share * len(self.seen)) - 1]


@dataclass(frozen=True, slots=True)
class Round:
    """The bot and the raw loop, each on its own copy of the same homeserver."""

    bot: Run
    raw: Run


@dataclass(frozen=True, slots=True)
class Due:
    """All rounds."""

    n_rooms: int
    rounds: list[Round]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(one.bot.delivery / one.raw.delivery for one in self.rounds)


async def measure(kept: Path, scratch: Path, n_rounds: int, n_rooms: int) -> Due:
    """Alternate the bot and the raw loop; who begins alternates by round. `kept` holds the prepared homeserver."""
    stage = await prepare(kept / f"due-{n_rooms}", n_rooms, N_PEOPLE)
    content = await _with_cycles(stage)
    rounds = []
    for number in range(n_rounds):
        runs = {}
        for who in ("bot", "raw") if number % 2 == 0 else ("raw", "bot"):
            runs[who] = found = await _run(stage, scratch / "copy", who, content)
            shown = (found.seen_by(0.5), found.seen_by(0.99), found.delivery, found.cpu)
            print(f"  due {number + 1} {who}:", *(f"{seconds:.2f}" for seconds in shown))
        rounds.append(Round(runs["bot"], runs["raw"]))
    return Due(n_rooms, rounds)


async def _with_cycles(stage: Stage) -> Event:
    """Start a cycle in every room, and ask the first prompt, so that nothing goes with the next one; its content."""
    made = stage.directory / "prompt.json"
    if not made.exists():
        with await asyncio.to_thread(Homeserver.start, stage.directory / "homeserver") as server:
            async with logged_in(server.url, stage.people) as people:
                bot = program.bot(stage.directory / "bot", server.url, stage.bot)
                await bot.start()
                for text in ("!cycle start", "!prompt now"):
                    told = functools.partial(_told, people[0], text, stage)
                    await all_of(functools.partial(told, room) for room in stage.rooms)
                await asyncio.sleep(3)
                await bot.stop()
                events = await people[0].messages(stage.rooms[0])
        made.write_text(json.dumps(next(one["content"] for one in reversed(events) if _is_prompt(one, stage))))
    content: Event = json.loads(made.read_text())
    return content


async def _told(person: Person, text: str, stage: Stage, room: str) -> None:
    """Give a command and wait for its answer."""
    command = await person.send(room, text)
    await person.wait_for(room, lambda event: bool(answers_of([event], stage.bot.user_id).get(command)), timeout=120)


def _is_prompt(event: Event, stage: Stage) -> bool:
    return (event["sender"], event.get("content", {}).get("msgtype")) == (stage.bot.user_id, "m.text")


async def _run(stage: Stage, copy: Path, who: str, content: Event) -> Run:
    async with stage.copied(copy) as show:
        # On a whole second, as all steps are.
        due = math.ceil(time.time() + STARTS_IN)
        peer = _bot(show, due) if who == "bot" else _raw(show, due, content)
        await peer.start()
        before = peer.cpu_seconds
        try:
            seen = await _seen(show, due)
            return Run(seen, peer.cpu_seconds - before)
        finally:
            await peer.kill()


def _bot(show: Show, due: int) -> Program:
    """The bot, whose next prompt is due at that moment in every room."""
    bot = show.bot()
    n_rooms = put_to(show.directory / "bot" / "doetank.db", "w2.do", datetime.fromtimestamp(due, UTC))
    assert n_rooms == len(show.stage.rooms)
    return bot


def put_to(database: Path, key: str, at: datetime) -> int:
    """Let the step `key` that waits be due at that instant (UTC) in every group; return in how many."""
    with closing(sqlite3.connect(database)) as connection, connection:
        waiting = connection.execute("SELECT id, occurrence FROM timers WHERE state = 'waiting' AND key = ?", (key,))
        rows = [(timer, json.loads(occurrence)) for timer, occurrence in waiting]
        for timer, occurrence in rows:
            moved = json.dumps(occurrence | {"due_at": at.isoformat()})
            values = (at.replace(tzinfo=None).isoformat(" "), moved, timer)
            connection.execute("UPDATE timers SET due_at = ?, occurrence = ? WHERE id = ?", values)
    return len(rows)


def _raw(show: Show, due: int, content: Event) -> Program:
    """The raw loop on the bot's account, with the same message."""
    directory = show.directory / "raw"
    directory.mkdir()
    work = directory / "work.json"
    work.write_text(json.dumps({"rooms": show.stage.rooms, "content": content, "due": due}))
    script = Path(__file__).with_name("put.py")
    return Program([sys.executable, str(script), show.url, show.stage.bot.access_token, str(work)], directory)


async def _seen(show: Show, due: int) -> list[float]:
    """Let the first person look on from now, until every room's message was seen. Raises TimeoutError."""
    person, seen = show.people[0], dict[str, float]()
    since = (await person.call("GET", "/sync", filter=FILTER, timeout=0))["next_batch"]
    async with asyncio.timeout(STARTS_IN + WITHIN):
        while len(seen) < len(show.stage.rooms):
            batch = await person.call("GET", "/sync", filter=FILTER, since=since, timeout=30_000)
            now, since = time.time(), batch["next_batch"]
            for room, section in batch.get("rooms", {}).get("join", {}).items():
                for event in section["timeline"]["events"]:
                    if _is_prompt(event, show.stage):
                        assert room not in seen, "said twice"
                        seen[room] = now - due
    return list(seen.values())
