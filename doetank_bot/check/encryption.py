"""The keys of our device: are they here, and may others trust them?"""

from pathlib import Path
from typing import Protocol

from doetank_bot.chat.matrix import KeysSeen, Session
from doetank_bot.check.finding import About, Finding, bad, good, note
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost


class Keys(Protocol):
    """Where the keys are looked at."""

    async def keys(self, store_dir: Path) -> KeysSeen:
        """Return how they stand. Raises Unreachable, AuthLost."""


async def finding(there: Keys, session: Session, store_dir: Path) -> Finding:
    """Return how encryption stands, in one line."""
    try:
        return told(await there.keys(store_dir), session.device_id)
    except (Unreachable, AuthLost) as trouble:
        return bad(About.ENCRYPTION, f"no answer ({trouble}). Try again in a minute")


def told(seen: KeysSeen, device_id: str) -> Finding:
    """Return what that means."""
    if seen.here is None and seen.there is None:
        return note(About.ENCRYPTION, "this device has no keys yet. `doetank-bot run` makes them")
    if seen.here != seen.there and seen.there is not None:
        remedy = "Run `doetank-bot init` again, with the account's password: a new device takes over"
        return bad(About.ENCRYPTION, f"the keys of {device_id} are not here. {remedy}")
    if not seen.is_vouched_for:
        remedy = "Run `doetank-bot init` again, with --password-file; until then Element may hide what the bot says"
        return bad(About.ENCRYPTION, f"the account does not vouch for {device_id}. {remedy}")
    return good(About.ENCRYPTION, f"on, and the account vouches for {device_id}")
