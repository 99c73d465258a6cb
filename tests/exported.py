"""Dossiers of groups in tests, as `doetank-bot export` reads them."""

from pathlib import Path

from house import FakeClock, House

from doetank_bot.chat.memory import MemoryChat
from doetank_bot.export import Dossier, gather


async def dossier_of(house: House) -> Dossier:
    """Return the dossier of the one group of a running bot."""
    async with house.store.read() as views:
        (found,) = await views.groups()
        return await gather(views, found.id, house.rules, house.clock.now())


async def dossier_in(folder: Path, local: str = "2027-04-05 10:00") -> Dossier:
    """Return that of the one group in the database that a bot left in `folder`."""
    clock = FakeClock(local)
    house = House(folder, clock, MemoryChat(clock.now))
    await house.store.open()
    try:
        return await dossier_of(house)
    finally:
        await house.store.close()
