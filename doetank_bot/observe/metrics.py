"""Which figures there are. A label tells kinds apart, never who or where. docs/operator.md explains each."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from doetank_bot.observe.exposition import Kind, Metric, Sample, exposed, spread
from doetank_bot.observe.figures import Figures
from doetank_bot.ports import Counted, Timed
from doetank_bot.store.backlog import Backlog, Heap

_COUNTERS: Mapping[str, tuple[str, Mapping[Counted, Mapping[str, str]]]] = {
    "doetank_sync_answers_total": ("Complete answers to the sync.", {Counted.SYNC_ANSWERED: {}}),
    "doetank_sync_gaps_filled_total": (
        "Gaps in what the homeserver told, filled afterwards.",
        {Counted.GAP_FILLED: {}},
    ),
    "doetank_homeserver_requests_total": (
        "Requests to the homeserver, by what came of them.",
        {
            Counted.REQUEST_OK: {"answer": "ok"},
            Counted.REQUEST_LIMITED: {"answer": "limited"},
            Counted.REQUEST_REFUSED: {"answer": "refused"},
            Counted.REQUEST_FAILED: {"answer": "failed"},
            Counted.REQUEST_UNANSWERED: {"answer": "none"},
        },
    ),
    "doetank_posts_total": (
        "What the bot did in the chat, by how it ended.",
        {
            Counted.POST_SENT: {"state": "sent"},
            Counted.POST_DENIED: {"state": "denied"},
            Counted.POST_REJECTED: {"state": "rejected"},
            Counted.POST_CANCELLED: {"state": "cancelled"},
            Counted.POST_DEAD: {"state": "dead"},
        },
    ),
    "doetank_post_retries_total": ("Tries that did not settle a post.", {Counted.POST_RETRIED: {}}),
    "doetank_inputs_handled_total": ("What came in and was handled.", {Counted.INPUT_HANDLED: {}}),
    "doetank_input_faults_total": (
        "Tries to handle something that failed through a fault of the bot, by whether it was the last one.",
        {Counted.INPUT_FAILED: {"last": "no"}, Counted.INPUT_SET_ASIDE: {"last": "yes"}},
    ),
    "doetank_steps_handled_total": ("Steps of a cycle whose turn came.", {Counted.STEP_HANDLED: {}}),
    "doetank_steps_missed_total": ("Steps that came too late to be of use.", {Counted.STEP_MISSED: {}}),
    "doetank_steps_failed_total": ("Steps given up through a fault of the bot.", {Counted.STEP_FAILED: {}}),
}
_SPREADS: Mapping[Timed, tuple[str, str]] = {
    Timed.POST_DELAY: ("doetank_post_delay_seconds", "From deciding on a post to the homeserver's answer."),
    Timed.STEP_LATENESS: ("doetank_step_lateness_seconds", "How long after its time a step was made."),
    Timed.LOOP_LAG: ("doetank_loop_lag_seconds", "How long the program kept its own work waiting, each second."),
}


def page(figures: Figures, backlog: Backlog | None, now: datetime) -> str:
    """Return all figures at the UTC instant `now`; without a `backlog` the database did not answer."""
    return exposed([*_remembered(figures), *_stored(figures, backlog, now)])


def _remembered(figures: Figures) -> Iterator[Metric]:
    yield Metric("doetank_info", Kind.GAUGE, "Always 1; tells the version.", [Sample(1, {"version": figures.version})])
    started = figures.started_at.timestamp()
    yield _gauge("doetank_start_time_seconds", "When the bot started, in seconds since 1970.", started)
    unheard_for = figures.unheard_for()
    age = None if unheard_for is None else unheard_for.total_seconds()
    yield _gauge("doetank_sync_age_seconds", "Since the homeserver last answered the sync.", age)
    for name, (about, counted) in _COUNTERS.items():
        samples = [Sample(figures.counts[what], labels) for what, labels in counted.items()]
        yield Metric(name, Kind.COUNTER, about, samples)
    for what, (name, about) in _SPREADS.items():
        found = figures.spreads[what]
        yield Metric(name, Kind.HISTOGRAM, about, spread(found.bounds, found.buckets, found.seconds))


def _stored(figures: Figures, backlog: Backlog | None, now: datetime) -> Iterator[Metric]:
    is_up = backlog is not None and not figures.stuck_because
    yield _gauge("doetank_database_up", "1 when the database answers in time and takes what is new.", float(is_up))
    if backlog is None:
        return
    yield _gauge("doetank_groups", "Groups whose room the bot is in.", backlog.n_groups)
    cycles = [Sample(backlog.n_running, {"state": "running"}), Sample(backlog.n_paused, {"state": "paused"})]
    yield Metric("doetank_cycles", Kind.GAUGE, "Cycles that have not ended.", cycles)
    yield _gauge("doetank_outbox_posts", "Posts that wait to be sent.", backlog.posts.n)
    yield _gauge("doetank_outbox_age_seconds", "Age of the oldest that waits to be sent.", _age(backlog.posts, now))
    yield _gauge("doetank_inbox_inputs", "What came in and waits to be handled.", backlog.inputs.n)
    yield _gauge("doetank_inbox_age_seconds", "Age of the oldest that waits to be handled.", _age(backlog.inputs, now))
    yield _gauge("doetank_dead_letters", "What came in and was set aside after failing too often.", backlog.set_aside.n)
    step = backlog.next_step
    overdue = max((now - step.due_at).total_seconds(), 0.0) if step else 0.0
    yield _gauge("doetank_steps_due", "Steps whose time has come and that were not made yet.", backlog.n_due)
    yield _gauge("doetank_steps_overdue_seconds", "How long the oldest of those is overdue.", overdue)


def _gauge(name: str, about: str, value: float | None) -> Metric:
    return Metric(name, Kind.GAUGE, about, [] if value is None else [Sample(value, {})])


def _age(heap: Heap, now: datetime) -> float:
    return 0.0 if heap.since is None else max((now - heap.since).total_seconds(), 0.0)
