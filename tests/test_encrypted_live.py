"""Encrypted rooms on a real Synapse, as Element sees them: members exclude devices that their owner did not sign."""

from pathlib import Path

import pytest
from conftest import Elements
from element import Element
from homeserver import Event, Homeserver
from living import Living, answer_to, living, says, seen

pytestmark = pytest.mark.homeserver


async def strict(element: Elements, name: str) -> Element:
    """Return someone with Element as it is since 2026."""
    someone = await element(name)
    await someone.make_identity()
    await someone.isolate()
    return someone


async def encrypted_room(host: Element, bot: Living, *others: Element) -> str:
    """Return an encrypted room of the host with `others` and the bot in it, once the bot said hello there."""
    invited = [bot.user_id, *(other.user_id for other in others)]
    room = await host.create_room(invite=invited, name="Parkeren", is_encrypted=True)
    for other in others:
        await other.join(room)
    await seen(host, room, says("Doetank", bot.user_id))
    return room


def how_drawn(event: Event) -> tuple[object, ...]:
    """Return whether it came encrypted, and what Element says is wrong with it."""
    shown = event["as_element"]
    return shown["is_encrypted"], shown["problem"], shown["shield"]


SOUND = (True, None, "none")


async def test_the_bot_reads_and_is_read_where_unsigned_devices_are_excluded(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    maaike = await strict(element, "maaike")
    async with living(homeserver, tmp_path) as bot:
        room = await encrypted_room(maaike, bot)
        hello = await seen(maaike, room, says("Doetank", bot.user_id))
        answer = await answer_to(maaike, room, bot, await maaike.send(room, "!hulp"))
        devices = await maaike.devices(bot.user_id)
    assert how_drawn(hello) == how_drawn(answer) == SOUND
    assert [one.signed_by_owner for one in devices] == [True]
