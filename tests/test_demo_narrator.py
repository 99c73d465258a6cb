"""What the demo tells of what is seen."""

import io
from datetime import datetime
from typing import Any

from rich.console import Console

from doetank_bot.demo.narrator import Narrator
from doetank_bot.demo.play import Standing
from doetank_bot.demo.seen import Seen
from doetank_bot.demo.terminal import Terminal

MONDAY = datetime.fromisoformat("2026-11-16T09:30:00+01:00")
DIGEST = "Weekbericht: Parkeren\nWeek 1 van 8\n"


class StillClock:
    def now(self) -> datetime:
        return MONDAY


class Book:
    """A narrator, and what it told."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        weeks = {MONDAY.date(): "Week 1 van 8 · Start"}
        terminal = Terminal(Console(file=self._out, width=100), "nl", weeks)
        self.narrator = Narrator(terminal, StillClock(), "nl", "Europe/Amsterdam")

    async def bot_says(self, text: str, *with_whom: str) -> str:
        """Return what is told of it."""
        standing = Standing("$1", "", text, with_whom=with_whom[0] if with_whom else "")
        return await self.told(said(text), standing, *with_whom)

    async def told(self, seen: Seen, standing: Standing, *with_whom: str) -> str:
        before = len(self._out.getvalue())
        await self.narrator.message(seen, standing, with_whom)
        return self._out.getvalue()[before:]


def said(text: str, **content: Any) -> Seen:
    body = {"msgtype": "m.text", "body": text, **content}
    return Seen("!r", {"event_id": "$1", "type": "m.room.message", "content": body})


async def test_a_week_begins_with_how_far_it_is_and_then_the_day() -> None:
    lines = [line for line in (await Book().bot_says("Denkvraag")).splitlines() if line]
    assert lines[0].startswith("Week 1 van 8 · Start ━")
    assert lines[1].startswith("maandag 16 november ─")
    assert lines[2:] == ["09:30   Doebot", "        Denkvraag"]


async def test_what_goes_to_several_in_private_is_told_once_with_their_names() -> None:
    assert "Doebot (privé met Bas, Joke en Nadia)" in await Book().bot_says(
        "Waarom doe je mee?", "Bas", "Joke", "Nadia"
    )


async def test_of_a_long_private_message_only_the_beginning_is_told() -> None:
    told = await Book().bot_says("\n".join(f"regel {number}" for number in range(30)), "Maaike")
    assert "regel 2\n" in told
    assert "regel 3" not in told
    assert "(en nog 27 regels)" in told


async def test_a_long_private_message_is_told_whole_only_once_and_a_short_one_each_time() -> None:
    book, long, short = Book(), "De laatste vragen kwamen misschien niet uit. " * 6, "Dank je."
    assert "als eerder" not in await book.bot_says(long, "Bas")
    assert "als eerder" in await book.bot_says(long, "Joke")
    assert [short in await book.bot_says(short, who) for who in ("Bas", "Joke")] == [True, True]


async def test_only_the_digest_that_was_deleted_is_told_in_short_when_it_comes_again() -> None:
    book = Book()
    await book.narrator.deletion("", said(DIGEST + "toen ik een bon kreeg"))
    assert "zonder de woorden die weg zijn" in await book.bot_says(DIGEST + "de rest")
    assert "de rest" in await book.bot_says(DIGEST.replace("Week 1", "Week 2") + "de rest")


async def test_a_picture_is_told_by_its_name() -> None:
    shown = said("Alles in woorden", msgtype="m.image", filename="doetank-week-6.png", url="mxc://test/1")
    told = await Book().told(shown, Standing("$1", "", "Alles in woorden", is_text=False))
    assert "▣ doetank-week-6.png" in told
    assert "Alles in woorden" not in told
