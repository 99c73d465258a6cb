"""The figures of a bot at work: each thing counts once, as what it was, and the page is one that Prometheus reads."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from group import group
from house import FakeClock
from scraped import parsed

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.view import Snapshot
from doetank_bot.observe.exposition import Kind, Metric, Sample, exposed
from doetank_bot.observe.figures import Figures
from doetank_bot.observe.lag import feel
from doetank_bot.observe.metrics import page
from doetank_bot.ports import Ambiguous, Counted, Deferred, Denied, Payload, Result, Timed
from doetank_bot.store.backlog import Backlog, Heap, NextStep

NOW = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)


def clock() -> FakeClock:
    return FakeClock("2027-02-08 10:00")


class Moody(MemoryChat):
    """A chat that puts off, refuses or stumbles when it is told to."""

    moods: tuple[Result, ...] = ()
    loses_answers = False

    async def send(self, space: SpaceRef, payload: Payload, key: str) -> Result:
        if self.moods:
            mood, *rest = self.moods
            self.moods = tuple(rest)
            return mood
        result = await super().send(space, payload, key)
        return Ambiguous("TimeoutError") if self.loses_answers else result

    async def fetch(self, message: MessageRef) -> Snapshot | None:
        raise RuntimeError(str(message))


async def test_what_came_in_and_what_went_out_count_once_each(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        before = here.house.figures.counts.copy()
        n_said = len(here.of_bot())
        for number in range(5):
            await here.says(here.joke, f"!zag rij {number}")
        await here.says(here.joke, "zomaar wat gepraat")
        after = here.house.figures.counts - before
        assert after[Counted.INPUT_HANDLED] == 5
        assert after[Counted.POST_SENT] == len(here.of_bot()) - n_said == 5
        assert after.keys() == {Counted.INPUT_HANDLED, Counted.POST_SENT}
        spread = here.house.figures.spreads[Timed.POST_DELAY]
        assert sum(spread.buckets) == here.house.figures.counts[Counted.POST_SENT]


async def test_a_post_that_is_put_off_and_one_that_is_refused_count_as_what_they_were(tmp_path: Path) -> None:
    chat = Moody(FakeClock("2027-02-03 10:00").now)
    async with group(tmp_path, chat=chat) as here:
        before = here.house.figures.counts.copy()
        chat.moods = (Deferred(timedelta(milliseconds=1)), Deferred(timedelta(milliseconds=1)))
        await here.says(here.joke, "!help")
        chat.moods = (Denied("403 M_FORBIDDEN"),)
        await here.says(here.joke, "!help")
        after = here.house.figures.counts - before
    assert after[Counted.POST_RETRIED] == 2
    assert after[Counted.POST_DENIED] == 1
    assert after[Counted.POST_SENT] >= 1


async def test_a_post_whose_answer_was_lost_counts_as_sent_once_its_echo_came(tmp_path: Path) -> None:
    chat = Moody(FakeClock("2027-02-03 10:00").now)
    async with group(tmp_path, chat=chat) as here:
        before = here.house.figures.counts.copy()
        chat.loses_answers = True
        asked = await here.says(here.joke, "!help")
        assert len(here.answers(asked)) == 1
        after = here.house.figures.counts - before
    assert (after[Counted.POST_SENT], after[Counted.POST_RETRIED], after[Counted.POST_CANCELLED]) == (1, 1, 0)


async def test_what_fails_through_our_own_fault_counts_until_it_is_set_aside(tmp_path: Path) -> None:
    async with group(tmp_path, chat=Moody(FakeClock("2027-02-03 10:00").now)) as here:
        said = await here.says(here.bas, "de brief was onbegrijpelijk")
        await here.says(here.joke, "!bewaar", reply_to=said)
        counts = here.house.figures.counts
        async with here.house.store.read() as views:
            found = await views.backlog(here.house.clock.now())
    assert (counts[Counted.INPUT_FAILED], counts[Counted.INPUT_SET_ASIDE]) == (2, 1)
    assert found.set_aside.n == 1


async def test_a_step_counts_with_its_lateness_and_one_that_came_too_late_as_missed(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.start()
        figures = here.house.figures
        await here.house.move_to("2027-02-08 12:00")
        assert (figures.counts[Counted.STEP_HANDLED], figures.counts[Counted.STEP_MISSED]) == (1, 0)
        assert figures.spreads[Timed.STEP_LATENESS].buckets[0] == 1
        await here.house.jump_to("2027-02-22 20:00")
        await here.house.move_to("2027-02-23 10:00")
        assert figures.counts[Counted.STEP_MISSED] >= 1
        assert figures.spreads[Timed.STEP_LATENESS].seconds > timedelta(days=7).total_seconds()


def test_the_sync_age_is_told_to_whoever_asks_and_never_less_than_nothing() -> None:
    heard: list[datetime] = []
    now = clock()
    figures = Figures(now, "1", heard.append)
    assert figures.unheard_for() is None
    figures.count(Counted.SYNC_ANSWERED)
    now.instant += timedelta(seconds=31)
    assert figures.unheard_for() == timedelta(seconds=31)
    now.instant -= timedelta(hours=1)
    assert figures.unheard_for() == timedelta()
    assert heard == [figures.heard_at]


def test_a_time_falls_in_the_first_bucket_that_holds_it() -> None:
    figures = Figures(clock(), "1", lambda _: None)
    for seconds in (-3.0, 0.1, 0.2, 100_000.0):
        figures.took(Timed.POST_DELAY, timedelta(seconds=seconds))
    samples = parsed(page(figures, None, NOW))
    assert samples['doetank_post_delay_seconds_bucket{le="0.1"}'] == 2
    assert samples['doetank_post_delay_seconds_bucket{le="0.5"}'] == 3
    assert samples['doetank_post_delay_seconds_bucket{le="3600"}'] == 3
    assert samples["doetank_post_delay_seconds_count"] == 4
    assert samples["doetank_post_delay_seconds_sum"] == pytest.approx(100_000.3)


def test_the_page_tells_what_waits_and_since_when() -> None:
    step = NextStep(NOW - timedelta(seconds=5), "Parkeren", "Europe/Amsterdam")
    heaps = (Heap(3, NOW - timedelta(seconds=90)), Heap(1, NOW - timedelta(seconds=2)), Heap(2, NOW))
    found = parsed(page(Figures(clock(), "1.2", lambda _: None), Backlog(4, 2, 1, *heaps, 1, step), NOW))
    assert found["doetank_outbox_posts"] == 3
    assert found["doetank_outbox_age_seconds"] == 90
    assert found["doetank_inbox_age_seconds"] == 2
    assert found["doetank_dead_letters"] == 2
    assert found["doetank_steps_overdue_seconds"] == 5
    assert found['doetank_cycles{state="paused"}'] == 1
    assert found['doetank_info{version="1.2"}'] == 1


def test_a_database_that_does_not_answer_is_told_and_nothing_is_made_up() -> None:
    samples = parsed(page(Figures(clock(), "1", lambda _: None), None, NOW))
    assert samples["doetank_database_up"] == 0
    assert "doetank_outbox_posts" not in samples
    assert "doetank_sync_age_seconds" not in samples


def test_every_count_has_its_place_on_the_page() -> None:
    figures = Figures(clock(), "1", lambda _: None)
    nothing = parsed(page(figures, None, NOW))
    for what in Counted:
        figures.count(what)
    samples = parsed(page(figures, None, NOW))
    grown = [key for key, value in samples.items() if key in nothing and value == nothing[key] + 1]
    assert len(grown) == len(Counted)


async def test_no_name_id_or_word_of_anyone_is_on_the_page(tmp_path: Path) -> None:
    async with group(tmp_path, name="Geheimenkamer") as here:
        await here.start()
        await here.says(here.joke, "!zag mevrouw Pietersen")
        now = here.house.clock.now()
        async with here.house.store.read() as views:
            shown = page(here.house.figures, await views.backlog(now), now)
    assert parsed(shown)["doetank_groups"] == 1
    for word in ("Geheimenkamer", "Joke", "joke", "Pietersen", "@", "!", "$"):
        assert word not in shown


def test_what_stands_in_a_label_cannot_break_the_page() -> None:
    samples = [Sample(1, {"version": 'a"b\\c\nd'})]
    assert exposed([Metric("m", Kind.GAUGE, "een\ntwee", samples)]) == (
        '# HELP m een\\ntwee\n# TYPE m gauge\nm{version="a\\"b\\\\c\\nd"} 1\n'
    )


async def test_a_loop_that_is_held_up_is_felt() -> None:
    figures = Figures(clock(), "1", lambda _: None)
    feeling = asyncio.create_task(feel(figures))
    await asyncio.sleep(0.9)
    # Whatever blocks: here a program that adds up.
    began = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() < began + 0.5:
        sum(range(1000))
    await asyncio.sleep(0.05)
    feeling.cancel()
    assert figures.spreads[Timed.LOOP_LAG].seconds >= 0.3
