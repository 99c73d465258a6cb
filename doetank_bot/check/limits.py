"""Whether the homeserver would make messages to all groups late, and the call with which an admin mends that."""

import math
import shlex
from urllib.parse import quote

from doetank_bot.chat.matrix import Inspector, Limited, Limits, Session
from doetank_bot.check.finding import About, Finding, good, note
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost

PER_SECOND, BURST = 0.2, 10
"""Synapse's own limit on an account's messages (`rc_message`, synapse/config/ratelimiting.py)."""


async def finding(inspector: Inspector, session: Session, n_groups: int) -> Finding:
    """Ask what limits there are, and tell what they mean for that many groups."""
    try:
        limits = await inspector.limits()
    except (Unreachable, AuthLost):
        limits = Limits(Limited.UNKNOWN)
    return told(limits, n_groups, session.homeserver, session.user_id)


def told(limits: Limits, n_groups: int, homeserver: str, user_id: str) -> Finding:
    """Return what the limits mean when all groups get a message at once, as on Friday at 14:00."""
    if limits.limited is Limited.NO:
        return good(About.LIMITS, f"{user_id} may send as fast as it can")
    per_second, burst = limits.per_second or PER_SECOND, limits.burst or BURST
    if n_groups <= burst:
        whose = "Synapse's own limit" if limits.per_second is None else "this account's limit"
        return good(About.LIMITS, f"{whose} is not noticed with {_groups(n_groups)}")
    minutes = math.ceil((n_groups - burst) / per_second / 60)
    late = f"a message to all {_groups(n_groups)} is done in about {minutes} min"
    return note(About.LIMITS, f"{_known(limits, late)}. An admin of Synapse lifts it: {lifting(homeserver, user_id)}")


def lifting(homeserver: str, user_id: str) -> str:
    """Return the command for an admin of a Synapse, whole."""
    address = f"{homeserver}/_synapse/admin/v1/users/{quote(user_id, safe='@:')}/override_ratelimit"
    body = '{"messages_per_second": 0, "burst_count": 0}'
    return f"""curl -X POST -H "Authorization: Bearer $ADMIN_TOKEN" -d '{body}' {shlex.quote(address)}"""


def _known(limits: Limits, late: str) -> str:
    if limits.per_second is not None:
        return f"this account was given {limits.burst} messages at once and {limits.per_second:g} a second: {late}"
    own = f"at Synapse's own ({BURST} at once, then one in {1 / PER_SECOND:g} s) {late}"
    if limits.limited is Limited.YES:
        return f"sending is limited, at a rate that only an admin can see; {own}"
    return f"whether sending is limited cannot be found out here; {own}"


def _groups(n_groups: int) -> str:
    return f"{n_groups} group" + ("" if n_groups == 1 else "s")
