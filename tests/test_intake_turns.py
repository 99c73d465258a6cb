"""Taking in a great deal at once does not hold up the rest of the bot."""

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from house import FakeClock

from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import Batch, BotJoined, Known, UnitOfWork, Work
from doetank_bot.service.intake import Intake

ME = UserRef("@bot:test", "@bot:test")
NOW = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)


class NothingKnown:
    """A work that has met nobody yet."""

    async def known(self, *_: object) -> Known:
        return Known()


def joined(number: int) -> BotJoined:
    space = SpaceRef(ME.native, f"!{number}")
    people = tuple((UserRef(ME.native, f"@{each}"), f"Joke 06-1234567{each}") for each in range(10))
    return BotJoined(MessageRef(space, "$join"), people, "Parkeren 2027")


async def test_screening_the_names_of_a_thousand_people_lets_others_have_their_turn() -> None:
    intake = Intake(
        cast("UnitOfWork", None),
        FakeClock("2027-02-08 10:00"),
        me=ME,
        prefix="!",
        hand_on=lambda _: None,
        is_unsettled=lambda _: False,
        echoed=lambda _: None,
        readable=lambda _: None,
        retold=lambda _sealed, _edit: None,
    )
    batch = Batch("s1", tuple(joined(number) for number in range(100)))
    screening = asyncio.create_task(intake._screened(cast("Work", NothingKnown()), batch, NOW))
    turns = count()
    while not screening.done():
        next(turns)
        await asyncio.sleep(0)
    kept: Any = await screening
    assert kept[99].members[0][1] == "[naam] [telefoon]"
    assert next(turns) >= 10, "a tenth of it is 10 ms"
