"""What must be true of a group, in plain Python: what people did, and what may be seen and kept because of it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from doetank_bot.chat.memory import Shown
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.reference import MessageRef

MOMENTS = {0: time(9, 30), 3: time(10), 4: time(14)}
"""The steps of every week, by weekday: something to do, something to think about, the digest."""


@dataclass(slots=True)
class Given:
    """A message with words that must be kept, and how many lines or signs say that they were."""

    who: str
    words: str
    source: MessageRef
    before: str = ""
    is_private: bool = False
    is_deleted: bool = False
    is_signed: bool = False
    former: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Oracle:
    """`given` is all that was given, `absent` who may not be mentioned, `asked` the prompts of this cycle so far.

    `n_digests` and `n_dropped` are how many digests there were when it began, and how often the coach had been told
    that something was not sent; `n_by_hand` is how often she asked for something herself.
    """

    given: list[Given] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    n_digests: int = 0
    n_dropped: int = 0
    n_by_hand: int = 0
    first_monday: datetime | None = None
    n_at_pause: int | None = None
    """While the cycle is paused: how much was asked and told by then."""
    is_plain: bool = True
    """Nobody changed the course of this cycle, so each step has its day."""

    @property
    def is_paused(self) -> bool:
        return self.n_at_pause is not None

    def begin(self, first_monday: datetime, n_digests: int, n_dropped: int) -> None:
        """A cycle of four weeks begins on that local Monday (at midnight)."""
        self.asked, self.n_digests, self.n_dropped, self.n_by_hand = [], n_digests, n_dropped, 0
        self.first_monday, self.n_at_pause, self.is_plain = first_monday, None, True

    def end(self) -> None:
        self.first_monday = self.n_at_pause = None

    def forbidden(self, reader: str | None) -> Iterator[str]:
        """Yield the words that nobody but their author may read in a message of the bot; `reader` None: the room."""
        for one in self.given:
            yield from one.former
            if one.is_deleted or (one.is_private and one.who != reader):
                yield one.words

    def may_be_out(self, local: datetime, *weekdays: int) -> float:
        """Return how many messages of steps on those weekdays there may be of this cycle; of one that is over, any."""
        return math.inf if self.first_monday is None else self.due(local, *weekdays) + self.n_by_hand

    def due(self, local: datetime, *weekdays: int) -> int:
        """Return how many steps on those weekdays were meant for a local time up to `local`."""
        if self.first_monday is None:
            return 0
        days = (self.first_monday + timedelta(weeks=week, days=day) for week in range(4) for day in weekdays)
        return sum(datetime.combine(day.date(), MOMENTS[day.weekday()]) <= local for day in days)


def first_monday(local: datetime) -> datetime:
    """Return the midnight with which a cycle begins that is started now: of today only early on a Monday."""
    monday = datetime.combine(local.date(), time()) - timedelta(days=local.weekday())
    return monday if local < monday.replace(hour=9) else monday + timedelta(weeks=1)


def wrongly_silent(oracle: Oracle, local: datetime, n_digests: int, n_dropped: int) -> list[str]:
    """Each step of a cycle that nobody changed was seen by the group, or the coach was told that it was not."""
    if not oracle.is_plain or oracle.first_monday is None:
        return []
    n_heard = len(oracle.asked) + n_digests - oracle.n_digests + n_dropped - oracle.n_dropped
    due = oracle.due(local, *MOMENTS)
    return [f"{due} steps were due by {local:%A %d %B %H:%M}, of {n_heard} someone heard"] if due != n_heard else []


def wrongly_kept(oracle: Oracle, kept: Iterable[Contribution]) -> list[str]:
    """Every word that was given is kept exactly once, from its own message; one that was taken back is not."""
    wanted = sorted((one.words, one.source.native) for one in oracle.given if not one.is_deleted)
    found = sorted((one.text, one.source.native) for one in kept if one.text)
    return [f"given {wanted}", f"kept {found}"] if wanted != found else []


def wrongly_shown(oracle: Oracle, reader: str | None, shown: Iterable[Shown]) -> list[str]:
    """No message of the bot holds words that were taken back, replaced, or meant for someone else."""
    return [
        f"{reader or 'the room'} reads {words}: {one.text}"
        for one in shown
        for words in oracle.forbidden(reader)
        if words in one.text
    ]


def wrongly_left(oracle: Oracle, files: dict[str, bytes]) -> list[str]:
    """Of what was deleted no byte is on disk."""
    deleted = [one.words for one in oracle.given if one.is_deleted]
    return [f"{words} is in {name}" for words in deleted for name, found in files.items() if words.encode() in found]


def wrongly_acknowledged(oracle: Oracle, of_bot: Sequence[Shown], signs: dict[MessageRef, int]) -> list[str]:
    """Each answer has one sign, each command one line, whatever happened meanwhile."""
    found = []
    for one in oracle.given:
        n_lines = sum(shown.reply_to == one.source for shown in of_bot)
        n_signs = signs.get(one.source, 0)
        wanted = (1, 0) if one.is_signed else (0, 1)
        if not one.is_deleted and (n_signs, n_lines) != wanted:
            found.append(f"{one.who}: {one.words} has {n_signs} signs and {n_lines} lines")
    return found
