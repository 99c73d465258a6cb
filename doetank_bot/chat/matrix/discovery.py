"""Finding the homeserver behind what someone types: `example.org`, `matrix.example.org` or an address.

Client-server API, "Server discovery": `.well-known/matrix/client` of the domain says where its homeserver is.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from doetank_bot.chat.matrix.login import versions
from doetank_bot.domain.error import Unreachable

_LIMITS = aiohttp.ClientTimeout(total=15, sock_connect=10)
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A homeserver that answers. `domain` is what its user ids end in, where the domain itself said so."""

    address: str
    domain: str | None = None


async def discover(typed: str) -> Found:
    """Return the homeserver of a domain (`example.org`) or at an address (`https://…`).

    An address that is no homeserver may be a website whose domain has one. Raises Unreachable, with the reason.
    """
    is_address = "://" in typed
    address = (typed if is_address else f"https://{typed}").rstrip("/")
    domain = urlsplit(address).netloc
    if is_address:
        try:
            await versions(address)
        except Unreachable:
            pointed = await _pointed_to(domain)
            if pointed is None:
                raise
        else:
            return Found(address)
    else:
        pointed = await _pointed_to(domain)
    if pointed is None:
        await versions(address)
        return Found(address)
    return await _verified(pointed, domain)


async def _verified(pointed: str, domain: str) -> Found:
    try:
        await versions(pointed)
    except Unreachable as trouble:
        raise Unreachable(f"{domain} says that its homeserver is {pointed}, but: {trouble}", trouble.after) from None
    return Found(pointed, domain)


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
