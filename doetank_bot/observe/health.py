"""How the bot is, as a machine asks it: `/live`, `/ready` and `/metrics`. Decides what to answer; server.py answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from doetank_bot.observe.exposition import CONTENT_TYPE
from doetank_bot.observe.figures import Figures
from doetank_bot.observe.glance import Glance
from doetank_bot.observe.metrics import page
from doetank_bot.ports import Clock

UNHEARD_FOR = timedelta(seconds=90)
"""A poll takes up to 30 s, and a homeserver that restarts about as long: beyond this it is away."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "text/plain; charset=utf-8"


class Health:
    """Answers for one bot."""

    def __init__(self, figures: Figures, glance: Glance, clock: Clock, takes_messages: Callable[[], bool]) -> None:
        """Take what is known; `takes_messages` says whether the bot is past its start and before its stop."""
        self._figures = figures
        self._glance = glance
        self._clock = clock
        self._takes_messages = takes_messages

    async def at(self, path: str) -> Reply | None:
        """Return the answer for a path, None for one that is not here."""
        match path:
            case "/live":
                return Reply("ok\n")
            case "/ready":
                trouble = await self._trouble()
                return Reply(f"{trouble}\n", HTTPStatus.SERVICE_UNAVAILABLE) if trouble else Reply("ok\n")
            case "/metrics":
                backlog = await self._glance()
                return Reply(page(self._figures, backlog, self._clock.now()), content_type=CONTENT_TYPE)
            case _:
                return None

    async def _trouble(self) -> str:
        """Return why it is not ready, in one word: `starting` (or stopping), `homeserver`, `database`; else nothing."""
        if self._figures.stuck_because:
            # First: nothing is asked of the homeserver while what it told cannot be stored.
            return "database"
        unheard_for = self._figures.unheard_for()
        if unheard_for is None or not self._takes_messages():
            return "starting"
        if unheard_for >= UNHEARD_FOR:
            return "homeserver"
        return "" if await self._glance() else "database"
