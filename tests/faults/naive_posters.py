"""Posting as it is usually written, four ways, to prove that the lab sees their faults. Never part of the program.

Each posts what `posts.json` of its folder lists, in order per room, and goes on after a kill where it believes it was.
"""

import asyncio
import json
import sqlite3
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import JSON, Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Put = Callable[[str, str, str], Awaitable[None]]
"""Send (room, text, transaction id) until the homeserver has it."""


def new_id_each_try(base: str, user_id: str, token: str, _: str) -> None:
    """Send with a fresh transaction id, then mark as sent: what it is killed between stands there twice."""
    asyncio.run(_with_line(base, user_id, token, lambda put: _from_table(put, marks_first=False)))


def marked_first(base: str, user_id: str, token: str, _: str) -> None:
    """Mark as sent, then send: what it is killed between is never sent."""
    asyncio.run(_with_line(base, user_id, token, lambda put: _from_table(put, marks_first=True)))


def sqlalchemy_defaults(base: str, user_id: str, token: str, _: str) -> None:
    """Our own way (the id is stored before the first try) over SQLAlchemy as it comes: updates are lost."""
    asyncio.run(_with_line(base, user_id, token, _from_one_row))


def job_store(base: str, user_id: str, token: str, _: str) -> None:
    """One job a post in APScheduler's own store: a job is forgotten when it begins, and skipped when it is late."""
    del user_id
    is_first = not Path("jobs.db").exists()
    asyncio.run(_scheduled(base, token, _posts() if is_first else []))


def _posts() -> list[tuple[str, str]]:
    return [(room, text) for room, text in json.loads(Path("posts.json").read_text())]


async def _with_line(base: str, user_id: str, token: str, work: Callable[[Put], Awaitable[None]]) -> None:
    del user_id
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        await work(lambda room, text, txn: _put(http, base, room, text, txn))
        await asyncio.Event().wait()


async def _put(http: aiohttp.ClientSession, base: str, room: str, text: str, txn: str) -> None:
    url = f"{base}/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{txn}"
    while True:
        async with http.put(url, json={"msgtype": "m.text", "body": text}) as response:
            if response.ok:
                return
        await asyncio.sleep(0.2)


async def _from_table(put: Put, *, marks_first: bool) -> None:
    with closing(sqlite3.connect("naive.db", isolation_level=None)) as database:
        database.execute("create table if not exists sent (text primary key)")

        async def post(room: str) -> None:
            for text in [text for where, text in _posts() if where == room]:
                if database.execute("select 1 from sent where text = ?", (text,)).fetchone():
                    continue
                if marks_first:
                    database.execute("insert into sent values (?)", (text,))
                await put(room, text, uuid.uuid4().hex)
                if not marks_first:
                    database.execute("insert into sent values (?)", (text,))

        await asyncio.gather(*(post(room) for room in {room for room, _ in _posts()}))
        await asyncio.Event().wait()


_METADATA = MetaData()
_STATE = Table("state", _METADATA, Column("id", Integer, primary_key=True), Column("lanes", JSON))


async def _from_one_row(put: Put) -> None:
    engine = create_async_engine("sqlite+aiosqlite:///naive.db")
    async with engine.begin() as connection:
        await connection.run_sync(_METADATA.create_all)
        if (await connection.execute(select(_STATE.c.lanes))).first() is None:
            await connection.execute(insert(_STATE).values(id=1, lanes={}))

    async def post(room: str) -> None:
        texts = [text for where, text in _posts() if where == room]
        while (lane := await _changed(engine, room, lambda lane: lane | {"txn": lane["txn"] or uuid.uuid4().hex}))[
            "next"
        ] < len(texts):
            await put(room, texts[lane["next"]], lane["txn"])
            await _changed(engine, room, lambda lane: {"next": lane["next"] + 1, "txn": None})

    await asyncio.gather(*(post(room) for room in {room for room, _ in _posts()}))


async def _changed(
    engine: AsyncEngine, room: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    async with engine.begin() as connection:
        lanes = (await connection.execute(select(_STATE.c.lanes))).scalar_one()
        lane = change(lanes.get(room, {"next": 0, "txn": None}))
        await connection.execute(update(_STATE).values(lanes=lanes | {room: lane}))
    return lane


async def _scheduled(base: str, token: str, posts: list[tuple[str, str]]) -> None:
    scheduler = AsyncIOScheduler(timezone=UTC, jobstores={"default": SQLAlchemyJobStore("sqlite:///jobs.db")})
    begin = datetime.now(UTC) + timedelta(seconds=1)
    for number, (room, text) in enumerate(posts):
        at = begin + timedelta(milliseconds=50 * number)
        scheduler.add_job(_job, "date", (base, token, room, text, f"job.{number}"), run_date=at)
    scheduler.start()
    await asyncio.Event().wait()


async def _job(base: str, token: str, room: str, text: str, txn: str) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        await _put(http, base, room, text, txn)
