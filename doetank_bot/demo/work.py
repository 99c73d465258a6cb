"""Whether the bot has anything to do: read from its own database, and from what the homeserver still has for it."""

from datetime import datetime

from doetank_bot.chat.matrix.sync import FILTER
from doetank_bot.demo.person import Person
from doetank_bot.ports import Clock
from doetank_bot.store.uow import Store


class BotWork:
    """Looks on; changes nothing. `bot` is the bot's own account, `store` its database."""

    def __init__(self, bot: Person, store: Store, clock: Clock) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock

    async def is_done(self) -> bool:
        """Whether the bot has read all there is, handled it, sent what came of it, and done every step that is due."""
        async with self._store.read() as views:
            if await views.waiting_posts() or await views.waiting_inbox() or await views.due_timers(self._clock.now()):
                return False
            cursor = await views.cursor()
        return cursor is not None and not await self._bot.has_news_since(cursor, FILTER)

    async def next_due(self, before: datetime) -> datetime | None:
        """Return when the next step is due (UTC), if that is by `before`."""
        async with self._store.read() as views:
            return min((timer.due_at for timer in await views.due_timers(before)), default=None)
