"""Reading back from a long history: the digest of a week, each list and searches over 1,000 and 100,000 contributions.

Each through the command's own `load` and `decide`, on a real database file, with one cycle that holds everything.
"""

import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from doetank_bot.commands.parser import Parsed, parse
from doetank_bot.commands.spec import Call, Sources
from doetank_bot.commands.table import COMMANDS
from doetank_bot.domain.calendar import calendar_for
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.group import Member
from doetank_bot.domain.reference import CycleId, GroupId, SpaceRef, UserRef
from doetank_bot.domain.search import words_of
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import FLOW_STATES, course
from doetank_bot.ports import Act, NewPost
from doetank_bot.resources import packs_dir
from doetank_bot.service.scene import Stage, load_scene
from doetank_bot.settings import load_packs
from doetank_bot.store.migration import migrate
from doetank_bot.store.uow import Store
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.words import WordTable

SMALL, LARGE = 1_000, 100_000
BAR = 0.3
RATIO_BAR, OVER_BAR = 1.5, 0.020
N_MEMBERS, N_THIS_WEEK = 8, 30
COMMANDS_MEASURED = (
    "weekbericht vooruitblik",
    "proeven",
    "knelpunten",
    "verzoeken",
    "lessen",
    "mijn",
    "zoek zeldzaam",
    "zoek balie",
    "zoek balie formulier",
    "zoek ba",
    "zoek balie zeldzaam",
)
_ME = "@bot:bench"
_ROOM = SpaceRef(_ME, "!room:bench")
_NOW = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
_FIRST = date(2027, 2, 8)
_KINDS = ("answer", "observation", "plan", "reflection", "story", "experiment", "barrier", "ask", "lesson", "review")
_WORDS = [
    "balie",
    "formulier",
    "buurvrouw",
    "papier",
    "vergunning",
    "bellen",
    "brief",
    "loket",
    "inwoner",
    "collega",
    "wachten",
    "rij",
    "kopie",
    "regel",
    "proef",
    "maandag",
    "dinsdag",
    "gemeente",
    "parkeren",
    "zorg",
    "moeder",
    "vader",
    "kind",
    "straat",
    "huis",
    "vraag",
    "antwoord",
    "keer",
    "week",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds that one command takes over few and over many contributions, medians."""

    command: str
    small: float
    large: float

    @property
    def held(self) -> bool:
        """Whether both bars are."""
        return self.large <= BAR and (self.large <= RATIO_BAR * self.small or self.large - self.small <= OVER_BAR)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where commands are read back: everything that a call needs but its words."""

    rules: Rules
    catalogue: Catalogue
    words: WordTable


async def measure(scratch: Path, n_rounds: int) -> list[Reading]:
    """Fill both databases and measure every command, small and large in turns."""
    desk = _Desk(
        Rules(UserRef(_ME, _ME), "!", "nl", "Europe/Amsterdam", load_packs([packs_dir()]), calendar_for()),
        Catalogue.load(),
        WordTable.load(),
    )
    stores = {n: await _filled(scratch / f"reading-{n}.sqlite", n, desk.rules) for n in (SMALL, LARGE)}
    try:
        return [await _reading(command, stores, desk, n_rounds) for command in COMMANDS_MEASURED]
    finally:
        for store in stores.values():
            await store.close()


async def _reading(command: str, stores: dict[int, Store], desk: _Desk, n_rounds: int) -> Reading:
    taken: dict[int, list[float]] = {n: [] for n in stores}
    for _ in range(n_rounds + 1):
        for n, store in stores.items():
            began = time.perf_counter()
            await _carry_out(command, store, desk)
            taken[n].append(time.perf_counter() - began)
    # The first round only warms up.
    small, large = (statistics.median(taken[n][1:]) for n in (SMALL, LARGE))
    return Reading(command, small, large)


async def _carry_out(typed: str, store: Store, desk: _Desk) -> None:
    parsed = parse(typed, desk.words, COMMANDS)
    if not isinstance(parsed, Parsed):
        raise TypeError(typed)
    async with store.read() as views:
        user = UserRef(_ME, "@member0:bench")
        scene: Scene = await load_scene(views, Stage(_ROOM, user), GroupId(1), desk.rules, _NOW)
        call = Call(scene, desk.rules, parsed.arguments, desk.catalogue, desk.words)
        sources = Sources(views, views.group(GroupId(1)), None)  # type: ignore[arg-type]  # no chat is asked
        if not parsed.command.decide(call, await parsed.command.load(call, sources)).effects:
            raise RuntimeError(typed)


async def _filled(path: Path, n: int, rules: Rules) -> Store:
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url)
    store = Store(url, _ME, FLOW_STATES)
    await store.open()
    async with store.write() as work:
        group_id = await work.create_group(_ROOM, "Bench", "nl", "Europe/Amsterdam")
        group = work.group(group_id)
        people = [await group.set_member(UserRef(_ME, f"@member{k}:bench"), f"M{k}", is_in=True) for k in range(8)]
        cycle = Cycle(CycleId(0), group_id, "Bench", "doetank", people[0].user, weeks_from(_FIRST, 8))
        coming = course.ahead(cycle, await group.group(), rules, _NOW).occurrences
        about = About(Purpose.DIGEST, await group.store_cycle(cycle, coming), digest=1)
        await work.post(NewPost(Act.SEND, None, _ROOM, group=group_id, about=about), _NOW - timedelta(days=5))
    _fill(path, n, people)
    return store


def _fill(path: Path, n: int, people: list[Member]) -> None:
    """Write the history beside the store: one by one would take longer than measuring."""
    rows = list(_history(n, people))
    with sqlite3.connect(path) as database:
        database.executemany(f"INSERT INTO contributions VALUES ({', '.join('?' * 18)})", rows)  # noqa: S608 - figures
        found = ((1, word, row[1]) for row in rows for word in words_of(str(row[3])))
        database.executemany("INSERT INTO search_words (group_id, word, number) VALUES (?, ?, ?)", found)
    database.close()


def _history(n: int, people: list[Member]) -> Iterator[tuple[object, ...]]:
    """Yield rows: a card now and then, its parts after it, one private thing in ten, thirty things this week."""
    dice = random.Random(7)  # noqa: S311 - the same history each time
    card = None
    for number in range(1, n + 1):
        kind = dice.choice(_KINDS)
        is_part = card is not None and number % 4 == 0
        card = number if kind == "experiment" and not is_part else card
        text = " ".join(dice.choices(_WORDS, k=12)) + (" zeldzaam" if number % (n // 20) == 0 else "")
        days = 0 if number > n - N_THIS_WEEK else 6 + (n - number) % 20
        yield (
            1, number, "answer" if is_part else kind, text, dice.choice(people).id,
            "private" if number % 10 == 0 else "group", "active", _ME, _ROOM.native, f"$said{number}", 1,
            card if is_part else None, "expectation" if is_part else None, None,
            (_NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f"), None, None, None,
        )  # fmt: skip
