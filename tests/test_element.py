"""The witness of encryption itself: people with Element's own library read each other, and see what is wrong."""

import hashlib

import pytest
from conftest import Elements
from element import Device, Element
from homeserver import Event

pytestmark = pytest.mark.homeserver

WITHHELD = "MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE"
UNSIGNED = "UNSIGNED_SENDER_DEVICE"


async def room_of(host: Element, *others: Element) -> str:
    """Return an encrypted room that all are in, once the host's client knows it."""
    room = await host.create_room(invite=[one.user_id for one in others], is_encrypted=True)
    for one in others:
        await one.join(room)
        await host.wait_for(room, lambda event, who=one.user_id: has_joined(event, who))  # type: ignore[misc]
    return room


def has_joined(event: Event, user_id: str) -> bool:
    is_about = event["type"] == "m.room.member" and event["state_key"] == user_id
    return is_about and bool(event["content"]["membership"] == "join")


def are_signed(devices: list[Device]) -> bool:
    return bool(devices) and all(one.signed_by_owner for one in devices)


async def heard(who: Element, room: str, event_id: str) -> Event:
    """Return that event as `who` has it, read or not."""
    return await who.wait_for(room, lambda event: event["event_id"] == event_id)


async def drawn(who: Element, room: str, event_id: str) -> tuple[object, ...]:
    seen = (await heard(who, room, event_id))["as_element"]
    return seen["body"], seen["problem"], seen["shield"], seen["reason"]


async def test_two_people_whose_devices_are_signed_read_each_other_without_a_shield(element: Elements) -> None:
    ana, bas = await element("ana"), await element("bas")
    for one in (ana, bas):
        await one.make_identity()
        await one.isolate()
    room = await room_of(ana, bas)
    for who, other in ((ana, bas), (bas, ana)):
        said = await who.send(room, "Wie doet er mee?")
        assert await drawn(other, room, said) == ("Wie doet er mee?", None, "none", None)
        assert (await heard(other, room, said))["as_element"]["is_encrypted"]
        assert "body" not in (await other.event(room, said))["content"], "the homeserver has it encrypted"
        assert are_signed(await other.devices(who.user_id))


async def test_threads_replies_edits_withdrawals_and_reactions_are_seen_as_element_draws_them(
    element: Elements,
) -> None:
    ana, bas = await element("ana"), await element("bas")
    room = await room_of(ana, bas)
    root = await ana.send(room, "Wat viel op?")
    answer = await ana.send(room, "De balie was dicht", thread=root, reply_to=root)
    relation = (await heard(bas, room, answer))["content"]["m.relates_to"]
    assert relation == {
        "rel_type": "m.thread", "event_id": root, "is_falling_back": False, "m.in_reply_to": {"event_id": root}
    }  # fmt: skip
    edit = await ana.edit(room, answer, "De balie was open")
    assert (await heard(bas, room, edit))["content"]["m.new_content"]["body"] == "De balie was open"
    assert (await drawn(bas, room, answer))[0] == "De balie was open"
    reaction = await bas.react(room, answer, "👍")
    assert (await heard(ana, room, reaction))["as_element"]["is_encrypted"] is False
    redaction = await ana.redact(room, answer)
    await heard(bas, room, redaction)
    assert "body" not in (await heard(bas, room, answer))["content"]


async def test_an_unsigned_device_gets_a_shield_and_under_isolation_is_neither_read_nor_written_to(
    element: Elements,
) -> None:
    ana, stranger = await element("ana"), await element("stranger")
    await ana.make_identity()
    room = await room_of(ana, stranger)
    before = await stranger.send(room, "Te lezen")
    assert await drawn(ana, room, before) == ("Te lezen", None, "red", "UNSIGNED_DEVICE")
    assert [one.signed_by_owner for one in await ana.devices(stranger.user_id)] == [False]
    await ana.isolate()
    await stranger.rotate(room)
    after = await stranger.send(room, "Niet te lezen")
    assert (await drawn(ana, room, after))[:2] == (None, UNSIGNED)
    kept_back = await ana.send(room, "Niet voor jou")
    assert (await drawn(stranger, room, kept_back))[:2] == (None, WITHHELD)
    await stranger.make_identity()
    await ana.wait_for_devices(stranger.user_id, are_signed)
    again = await ana.send(room, "Nu wel")
    assert await drawn(stranger, room, again) == ("Nu wel", None, "none", None)


async def test_a_second_device_is_signed_with_the_recovery_key_and_reads_what_comes_after(element: Elements) -> None:
    ana, bas = await element("ana"), await element("bas")
    key = await ana.make_identity()
    await bas.make_identity()
    await bas.isolate()
    room = await room_of(ana, bas)
    early = await bas.send(room, "Vroeg")
    phone = await element("ana", await ana.log_in_again())
    assert (await heard(phone, room, early))["as_element"]["problem"]
    await phone.recover(key)
    both = {Device(one.account.device_id, signed_by_owner=True, cross_signing_verified=False) for one in (ana, phone)}
    await bas.wait_for_devices(ana.user_id, lambda devices: set(devices) == both)
    late = await bas.send(room, "Laat")
    assert (await drawn(phone, room, late))[0] == "Laat"
    said = await phone.send(room, "Met de telefoon")
    assert await drawn(bas, room, said) == ("Met de telefoon", None, "none", None)
    await phone.log_out()
    await bas.wait_for_devices(ana.user_id, lambda devices: [one.device for one in devices] == [ana.account.device_id])


async def test_a_rotated_session_and_an_encrypted_attachment_arrive_whole(element: Elements) -> None:
    ana, bas = await element("ana"), await element("bas")
    room = await room_of(ana, bas)
    sessions = []
    for _ in range(2):
        said = await heard(bas, room, await ana.send(room, "Nog een"))
        sessions.append(said["as_element"]["session"])
        await ana.rotate(room)
    assert len(set(sessions)) == 2
    picture = hashlib.sha512(b"picture").digest() * 1000
    sent = await ana.attach(room, picture, "balie.png", "image/png")
    assert (await heard(bas, room, sent))["content"]["info"] == {"mimetype": "image/png"}
    assert await bas.attachment(room, sent) == picture
