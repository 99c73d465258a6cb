"""The real homeserver of the tests: the demo's own, under a short name."""

from doetank_bot.demo.homeserver import SERVER_NAME, Account, Homeserver, HomeserverError
from doetank_bot.demo.person import Event, Person, RefusedError

__all__ = ["SERVER_NAME", "Account", "Event", "Homeserver", "HomeserverError", "Person", "RefusedError"]
