"""Finding the homeserver behind what someone types: `example.org`, `matrix.example.org` or an address.

Client-server API, "Server discovery": `.well-known/matrix/client` of the domain says where its homeserver is.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from doetank_bot.chat.matrix.reach import Reached, reach
from doetank_bot.chat.matrix.trouble import Blocked

_LIMITS = aiohttp.ClientTimeout(total=15, sock_connect=10)
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """Where a homeserver is to be, or what is in the way there.

    `domain` is what its user ids end in, where the domain itself said that this is its homeserver.
    """

    address: str
    domain: str | None = None
    blocked: Blocked | None = None


async def discover(typed: str) -> Found:
    """Return the homeserver of a domain (`example.org`) or at an address (`https://…`).

    An address that is no homeserver may be a website whose domain has one.
    """
    is_address = "://" in typed
    address = (typed if is_address else f"https://{typed}").rstrip("/")
    domain = urlsplit(address).netloc
    if not is_address:
        pointed = await _pointed_to(domain)
        return await _looked_at(pointed, domain) if pointed else await _looked_at(address, None)
    found = await _looked_at(address, None)
    pointed = await _pointed_to(domain) if found.blocked else None
    return await _looked_at(pointed, domain) if pointed else found


async def _looked_at(address: str, domain: str | None) -> Found:
    there = await reach(address)
    if isinstance(there, Reached):
        # A login that is sent on would arrive without its password (RFC 9110, 15.4.2 and 15.4.3).
        return Found(there.moved_to or address, domain)
    return Found(address, domain, there)


async def _pointed_to(domain: str) -> str | None:
    """Return the address that the domain gives, or None when it gives none that can be one."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMITS) as http,
            http.get(f"https://{domain}/.well-known/matrix/client") as response,
        ):
            if response.status != HTTPStatus.OK:
                return None
            address = json.loads(await response.content.read(_LONGEST))["m.homeserver"]["base_url"]
            is_good = urlsplit(address).scheme in {"http", "https"} and bool(urlsplit(address).hostname)
    except (TimeoutError, OSError, ValueError, LookupError, TypeError, AttributeError, aiohttp.ClientError):
        return None
    return str(address).rstrip("/") if is_good else None
