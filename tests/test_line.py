"""Trouble with the homeserver: how often it is asked, how soon it is found again, and whom one room holds up."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from faults.leaping import leaping

from doetank_bot.chat.matrix import Session
from doetank_bot.chat.matrix.client import CLIENT_API, ORDINARY_TIMEOUT, Answer, Client
from doetank_bot.chat.matrix.crypto.crypt import Crypt
from doetank_bot.chat.matrix.event import Event
from doetank_bot.chat.matrix.sync import Sync
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import UserRef
from doetank_bot.ports import Ambiguous, Deferred, Result, Sent
from doetank_bot.service.backoff import Backoff
from doetank_bot.service.line import Line
from doetank_bot.service.outbox import N_AT_ONCE
from doetank_bot.service.window import Window

N_ROOMS = 200
TEN_MINUTES = 600.0


class Far(Client):
    """The other end: what it fails on, how often it was asked in each ten minutes, when each room got its post."""

    def __init__(self) -> None:
        super().__init__(Session("http://127.0.0.1:1", "@bot:test", "D", "none"), str(Path()))
        self.began = asyncio.get_running_loop().time()
        self.fails_sync = self.fails_posts = self.raises = False
        self.failing: dict[int, Result] = {}
        self.asked: Counter[int] = Counter()
        self.sent: dict[int, float] = {}
        self.mended_at = 0.0

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return asyncio.get_running_loop().time() - self.began

    def mend(self) -> None:
        """Be there again."""
        self.fails_sync = self.fails_posts = False
        self.mended_at = self.now

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        timeout: timedelta = ORDINARY_TIMEOUT,  # noqa: ASYNC109 - as the client has it
        base: str = CLIENT_API,
    ) -> Answer:
        """Answer a sync, after as long a poll as it asks for."""
        del method, path, body, timeout, base
        self.asked[int(self.now // TEN_MINUTES)] += 1
        if self.fails_sync:
            return Answer(502)
        await asyncio.sleep(int((query or {}).get("timeout", 0)) / 1000)
        return Answer(200, {"next_batch": "same"})

    async def post(self, room: int) -> Result:
        """Take a post."""
        self.asked[int(self.now // TEN_MINUTES)] += 1
        await asyncio.sleep(0.03)
        if self.fails_posts and self.raises:
            raise Unreachable("502")
        if self.fails_posts:
            return Ambiguous("502", is_fault=True)
        if room in self.failing:
            return self.failing[room]
        self.sent[room] = self.now
        return Sent("$1")


class Keyless(Crypt):
    """Asks nothing, and finds nothing encrypted."""

    async def begin(self, password: str | None = None) -> None:
        del password

    async def take(self, answer: Event, *, is_first: bool) -> bool:
        del answer, is_first
        return False

    async def settle(self) -> None:
        return


class Bot:
    """What of the bot meets trouble: its sync, and a post in each room."""

    def __init__(self, far: Far) -> None:
        sync = Sync(far, Keyless(far, Path()), UserRef("@bot:test", "@bot:test"), [])
        self._far, self._sync = far, sync
        self._line = Line(lambda: sync.is_away)
        self._tasks: list[asyncio.Task[None]] = []
        self._window = Window(self._line, N_AT_ONCE)

    async def run(self, n_rooms: int, seconds: float) -> None:
        self._tasks.append(asyncio.create_task(self._listen()))
        for room in range(n_rooms):
            self.post(room)
        await asyncio.sleep(seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def post(self, room: int) -> None:
        self._tasks.append(asyncio.create_task(self._post(room)))

    async def _listen(self) -> None:
        async for _ in self._sync.batches("same"):
            self._line.heard()

    async def _post(self, room: int) -> None:
        """As the outbox does, and the dispatcher, which is told of trouble by an exception."""
        backoff = Backoff()
        while isinstance(result := await self._tried(room), Deferred | Ambiguous):
            asked = result.after if isinstance(result, Deferred) else None
            await (asyncio.sleep(asked.total_seconds()) if asked else self._line.pause(backoff.failed()))

    async def _tried(self, room: int) -> Result:
        try:
            return await self._window.tried(room, lambda: self._far.post(room))
        except Unreachable as trouble:
            return Deferred(reason=str(trouble))


@pytest.mark.parametrize("raises", [False, True], ids=["posting", "asking"])
@pytest.mark.parametrize("is_whole", [True, False], ids=["all of it", "posts only"])
def test_however_much_waits_trouble_costs_150_requests_in_ten_minutes_and_then_30(
    *, is_whole: bool, raises: bool
) -> None:
    async def story() -> None:
        far = Far()
        far.fails_sync, far.fails_posts, far.raises = is_whole, True, raises
        await Bot(far).run(N_ROOMS, 6 * TEN_MINUTES)
        sync_polls = 0 if is_whole else 20
        assert 100 < far.asked[0] <= 150
        assert all(15 < far.asked[n] - sync_polls <= 30 for n in range(1, 6)), far.asked

    leaping(story())


@pytest.mark.parametrize("is_whole", [True, False], ids=["all of it", "posts only"])
@pytest.mark.parametrize(("away_for", "within"), [(60, 6.0), (540, 6.0), (3600, 34.0)])
def test_a_homeserver_that_is_back_gets_the_first_post_within_seconds_and_soon_all_others(
    away_for: float, within: float, *, is_whole: bool
) -> None:
    async def story() -> None:
        far = Far()
        far.fails_sync, far.fails_posts = is_whole, True
        asyncio.get_running_loop().call_later(away_for, far.mend)
        await Bot(far).run(N_ROOMS, away_for + 60)
        assert min(far.sent.values()) - far.mended_at < within
        assert max(far.sent.values()) - far.mended_at < within + 5
        assert len(far.sent) == N_ROOMS

    leaping(story())


@pytest.mark.parametrize(
    "trouble", [Ambiguous("500", is_fault=True), Deferred(timedelta(minutes=15), "429"), Ambiguous("TimeoutError")]
)
def test_a_tenth_of_the_rooms_in_trouble_holds_up_no_other(trouble: Result) -> None:
    async def story() -> None:
        far = Far()
        far.failing = dict.fromkeys(range(0, N_ROOMS, 10), trouble)
        await Bot(far).run(N_ROOMS, 60)
        assert set(range(N_ROOMS)) - set(far.sent) == set(far.failing)
        assert max(far.sent.values()) < 6

    leaping(story())


@pytest.mark.parametrize("hours", [0.1, 1, 8])
def test_one_room_that_fails_for_hours_in_a_quiet_town_holds_up_nothing_elsewhere(hours: float) -> None:
    async def story() -> None:
        far = Far()
        far.failing = {0: Ambiguous("500", is_fault=True)}
        bot = Bot(far)
        asyncio.get_running_loop().call_later(hours * 3600, lambda: bot.post(1))
        await bot.run(1, hours * 3600 + 60)
        assert far.sent[1] - hours * 3600 < 1
        assert far.asked[0] <= 150

    leaping(story())


def test_a_post_that_failed_once_in_a_quiet_town_is_tried_again_at_once_and_not_when_somebody_speaks() -> None:
    async def story() -> None:
        far = Far()
        far.fails_posts = True
        asyncio.get_running_loop().call_later(0.5, far.mend)
        await Bot(far).run(1, 60)
        assert far.sent[0] < 2

    leaping(story())
