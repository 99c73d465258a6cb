"""How the bot that works on this database is doing: read beside it, or when none runs. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from doetank_bot.app import database_file, lock_file
from doetank_bot.flows import FLOW_STATES
from doetank_bot.observe.health import UNHEARD_FOR
from doetank_bot.observe.presence import Runner, look
from doetank_bot.ports import Damaged, StoreUnavailable
from doetank_bot.settings import Settings
from doetank_bot.store import mark
from doetank_bot.store.backlog import Backlog, Heap
from doetank_bot.store.migration import SchemaTooNew, Unreadable, schema_is_current
from doetank_bot.store.uow import Store

SCHEMA = "doetank-status/1"
POSTS_WAIT_FOR = timedelta(hours=1)
"""With many groups a homeserver takes a quarter of an hour over a Friday's digests; an hour is too long."""
WORK_WAITS_FOR = timedelta(minutes=10)
REFUSED_IN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Status:
    """What was found at the UTC instant `at`; `unread` says why the database tells nothing."""

    at: datetime
    runner: Runner | None
    backlog: Backlog | None
    n_refused: int
    backed_up_at: datetime | None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line; trouble comes with its remedy."""

    about: str
    text: str
    is_trouble: bool = False

    def __str__(self) -> str:
        """Return the line."""
        return f"{'wrong' if self.is_trouble else 'ok   '}  {self.about}: {self.text}"


async def read(settings: Settings, now: datetime) -> Status:
    """Look at the lock, the database and the sign of the last backup. Raises OSError where this user may not look."""
    runner, backed_up_at = look(lock_file(settings)), _backed_up_at(settings)
    if unread := await _why_unread(settings):
        return Status(now, runner, None, 0, backed_up_at, unread)
    try:
        backlog, n_refused = await _looked(settings, now)
    except (Damaged, StoreUnavailable) as trouble:
        return Status(now, runner, None, 0, backed_up_at, f"tells nothing: {trouble}. Look at it with check")
    return Status(now, runner, backlog, n_refused, backed_up_at)


async def _looked(settings: Settings, now: datetime) -> tuple[Backlog, int]:
    store = Store(settings.database.url, settings.matrix.user_id, FLOW_STATES)
    await store.open()
    try:
        async with store.read() as views:
            return await views.backlog(now), await views.n_refused(now - REFUSED_IN)
    finally:
        await store.close()


def facts(status: Status, homeserver: str) -> Iterator[Fact]:
    """Yield everything that is known, one fact each."""
    yield _running(status)
    if status.runner is not None and status.runner.started_at is not None:
        yield _told(status, status.runner, homeserver)
    if status.backlog is None:
        yield Fact("database", status.unread, is_trouble=True)
    else:
        yield from _work(status, status.backlog)
    ago = "none is known" if status.backed_up_at is None else f"{_long(status.at - status.backed_up_at)} ago"
    yield Fact("last backup", ago)


def as_json(status: Status, homeserver: str) -> dict[str, object]:
    """Return the same for machines; instants are ISO 8601 in UTC, null where there is none."""
    runner, backlog = status.runner or Runner(), status.backlog
    found: dict[str, object] = {
        "schema": SCHEMA,
        "at": status.at.isoformat(),
        "is_running": runner.started_at is not None,
        "pid": runner.pid or None,
        "version": runner.version or None,
        "started_at": _iso(runner.started_at),
        "heard_at": _iso(runner.heard_at),
        "backed_up_at": _iso(status.backed_up_at),
        "trouble": [f"{fact.about}: {fact.text}" for fact in facts(status, homeserver) if fact.is_trouble],
    }
    if backlog is None:
        return found
    return found | {
        "groups": backlog.n_groups,
        "cycles": {"running": backlog.n_running, "paused": backlog.n_paused},
        "next_step_at": _iso(backlog.next_step.due_at if backlog.next_step else None),
        "steps_due": backlog.n_due,
        "to_send": {"n": backlog.posts.n, "since": _iso(backlog.posts.since)},
        "to_handle": {"n": backlog.inputs.n, "since": _iso(backlog.inputs.since)},
        "set_aside": backlog.set_aside.n,
        "refused_in_7_days": status.n_refused,
    }


async def _why_unread(settings: Settings) -> str:
    """Return why the database tells nothing, empty when it does. Raises OSError."""
    try:
        # SQLite would not say whose rights are wrong; even to read, it writes beside a database in WAL mode.
        database_file(settings).open("r+b").close()
        is_current = await schema_is_current(settings.database.url)
    except FileNotFoundError:
        return "is not there yet; run makes it"
    except (SchemaTooNew, Unreadable) as trouble:
        return f"cannot be used: {trouble}. Look at it with check"
    return "" if is_current else "has an older schema; run brings it up to date"


def _running(status: Status) -> Fact:
    runner = status.runner
    if runner is None:
        return Fact("bot", "not running. Start it, and look in its log why it stopped", is_trouble=True)
    if runner.started_at is None:
        return Fact("bot", "not running, but something else works on the database. Look again later", is_trouble=True)
    for_long = _long(status.at - runner.started_at)
    since = runner.started_at.astimezone().strftime("%a %d %b %Y %H:%M %Z")
    return Fact("bot", f"runs since {since}, {for_long} (process {runner.pid}, version {runner.version})")


def _told(status: Status, runner: Runner, homeserver: str) -> Fact:
    if runner.stuck_because:
        # It asks nothing of the homeserver then, so that nothing is lost.
        remedy = "The log says what to do. What people write waits at the homeserver"
        return Fact("writing", f"the bot can store nothing: {runner.stuck_because}. {remedy}", is_trouble=True)
    return _heard(status, runner, homeserver)


def _heard(status: Status, runner: Runner, homeserver: str) -> Fact:
    remedy = f"Look whether {homeserver} is up. The bot keeps trying, and goes on by itself"
    if runner.heard_at is None:
        return Fact("homeserver", f"not heard since the start. {remedy}", is_trouble=True)
    unheard_for = max(status.at - runner.heard_at, timedelta())
    if unheard_for >= UNHEARD_FOR:
        return Fact("homeserver", f"not heard for {_long(unheard_for)}. {remedy}", is_trouble=True)
    return Fact("homeserver", f"heard {_long(unheard_for)} ago")


def _work(status: Status, backlog: Backlog) -> Iterator[Fact]:
    is_running = status.runner is not None
    yield Fact("groups", f"{backlog.n_groups}; cycles running: {backlog.n_running}, paused: {backlog.n_paused}")
    yield _step(status, backlog, is_running=is_running)
    yield _heap("to send", status.at, backlog.posts, POSTS_WAIT_FOR if is_running else None)
    yield _heap("to handle", status.at, backlog.inputs, WORK_WAITS_FOR if is_running else None)
    aside = f"{backlog.set_aside.n} that failed three times. The log has them as input_failed"
    yield Fact("set aside", aside if backlog.set_aside.n else "nothing")
    refused = f"{status.n_refused} in the last week. The log has them as post_not_sent"
    yield Fact("refused", refused if status.n_refused else "nothing in the last week")


def _step(status: Status, backlog: Backlog, *, is_running: bool) -> Fact:
    step = backlog.next_step
    if step is None:
        return Fact("next step", "none is planned")
    at = step.due_at.astimezone(ZoneInfo(step.timezone)).strftime("%a %d %b %Y %H:%M")
    text = f"{at} in {step.group} ({step.timezone})"
    if is_running and status.at - step.due_at >= WORK_WAITS_FOR:
        return Fact("next step", f"{text} should have been made. The log has why as timer_failed", is_trouble=True)
    return Fact("next step", text)


def _heap(about: str, now: datetime, heap: Heap, patience: timedelta | None) -> Fact:
    if heap.since is None:
        return Fact(about, "nothing waits")
    waits_for = max(now - heap.since, timedelta())
    text = f"{heap.n}, the oldest since {_long(waits_for)}"
    if patience is not None and waits_for >= patience:
        return Fact(about, f"{text}. That is long; look in the log why", is_trouble=True)
    return Fact(about, text)


def _backed_up_at(settings: Settings) -> datetime | None:
    """Return of when the last backup is; a sign that cannot be read is none."""
    try:
        last = mark.last_backup(database_file(settings))
    except ValueError:
        return None
    return last.at if last else None


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _long(time: timedelta) -> str:
    seconds = max(int(time.total_seconds()), 0)
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
