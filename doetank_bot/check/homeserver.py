"""The homeserver: is there one, does it speak the Matrix that the bot speaks, and do the clocks agree. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from doetank_bot.chat.matrix import Blocked, Reached
from doetank_bot.check.finding import About, Finding, bad, good, note

THREADS = (1, 4)
"""The first version with threads, in which people answer. The addresses that the bot asks are older (1.1)."""

MENTIONS = (1, 7)
"""The first in which `m.mentions` decides who is called; before it, homeservers look for names in the text."""

_LATE = timedelta(seconds=30)
_TOO_LATE = timedelta(minutes=5)
_HALF_A_SECOND = timedelta(seconds=0.5)
_VERSION = re.compile(r"v(\d+)\.(\d+)", re.ASCII)
_HERE = re.compile(r"localhost|127\.[\d.]+|::1")


def findings(address: str, reached: Reached | Blocked, at: datetime) -> Iterator[Finding]:
    """Yield what the answer of the homeserver tells; `at` is our clock's UTC instant halfway that question."""
    if isinstance(reached, Blocked):
        yield bad(About.HOMESERVER, f"{address}: {reached}. {reached.remedy}")
        return
    yield _spoken(address, reached)
    url = urlsplit(address)
    if reached.moved_to:
        yield bad(About.HOMESERVER, f"{address} sends the bot on. Write {reached.moved_to} in matrix.homeserver")
    elif url.scheme == "http" and not _HERE.fullmatch(url.hostname or ""):
        remedy = "Write https:// unless both are on one machine or in one closed network"
        yield note(
            About.HOMESERVER, f"{address} is not encrypted: the login and all words can be read underway. {remedy}"
        )
    yield clock(reached.date, at)


def clock(theirs: datetime | None, ours: datetime) -> Finding:
    """Return whether two clocks that were read at the same moment agree; `theirs` is in whole seconds."""
    if theirs is None:
        return note(About.CLOCK, "the homeserver does not tell its time. See that this machine's is right: timedatectl")
    ahead = ours - theirs - _HALF_A_SECOND
    seconds = round(abs(ahead).total_seconds())
    if abs(ahead) < _LATE:
        return good(About.CLOCK, f"like the homeserver's ({seconds} s apart)")
    side = "ahead of" if ahead > timedelta() else "behind"
    told = f"this machine is {seconds} s {side} the homeserver"
    if abs(ahead) < _TOO_LATE:
        return note(About.CLOCK, f"{told}. Set the clock: timedatectl set-ntp true")
    why = "prompts come at the wrong time, and commands look too old to be carried out"
    return bad(About.CLOCK, f"{told}: {why}. Set the clock: timedatectl set-ntp true")


def _spoken(address: str, reached: Reached) -> Finding:
    newest = max((_number(version) for version in reached.versions), default=(0, 0))
    text = f"{address} answers, up to Matrix {newest[0]}.{newest[1]}"
    if newest < THREADS:
        return bad(About.HOMESERVER, f"{text}; the bot needs 1.4, for threads. Upgrade the homeserver")
    if newest < MENTIONS:
        why = "before 1.7 prompts may call nobody"
        return note(About.HOMESERVER, f"{text}; {why}. Upgrade the homeserver")
    return good(About.HOMESERVER, text)


def _number(version: str) -> tuple[int, int]:
    """Return a version as numbers; those from before 1.1 (`r0.6.1`) as 0.0."""
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
