"""Where a lab plays: a homeserver, rooms with a reader and the bot in them, and a line to it that may be bad."""

from collections.abc import Sequence
from dataclasses import dataclass

from faults.harness import is_message
from homeserver import Account, Homeserver, Person

from bench.people import all_of, furnish


@dataclass(frozen=True, slots=True)
class Stage:
    """The homeserver, who speaks and reads there, and who the bot is, in rooms where both are."""

    server: Homeserver
    reader: Person
    account: Account
    rooms: Sequence[str]

    async def greeted(self) -> None:
        """Wait until the bot introduced itself everywhere: from then on it listens. Raises TimeoutError."""
        for room in self.rooms:
            await self.reader.wait_for(room, lambda event: is_message(event, self.account.user_id), timeout=60)


async def furnished(server: Homeserver, reader: Person, account: Account, n_rooms: int) -> Stage:
    """Rooms with the reader and the bot in them, which never ran yet."""
    rooms = await furnish([reader], account.user_id, n_rooms)
    async with Person(server.url, account) as itself:
        await all_of(lambda room=room: itself.join(room) for room in rooms)  # type: ignore[misc]
    return Stage(server, reader, account, rooms)
