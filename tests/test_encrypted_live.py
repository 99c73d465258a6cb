"""Encrypted rooms on a real Synapse, as Element sees them: members exclude devices that their owner did not sign."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Elements
from element import Element
from faults.harness import all_answered, is_message, new_account, running
from homeserver import Account, Event, Homeserver
from living import Living, answer_to, living, says, seen

from bench import program
from doetank_bot.chat.matrix import MatrixChat, Session
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.ports import Picture, Sent, Style

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(300)]


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


async def test_everyone_reads_and_is_read_whatever_happens_to_the_bot_or_to_them(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    maaike, joke, account = await element("maaike"), await strict(element, "joke"), new_account(homeserver, "bot")
    recovery_key = await maaike.make_identity()
    await maaike.isolate()
    async with running(program.bot(tmp_path, homeserver.url, account), account.user_id) as bot:
        room = await maaike.create_room(invite=[bot.user_id], is_encrypted=True)
        await seen(maaike, room, lambda event: is_message(event, bot.user_id))

        async def is_read_by(asker: Element, *readers: Element) -> None:
            asked = await asker.send(room, "!help")
            for reader in readers:
                answer = await answer_to(reader, room, bot, asked)
                assert how_drawn(answer) == SOUND
                assert [one.signed_by_owner for one in await reader.devices(bot.user_id)] == [True]

        await is_read_by(maaike, maaike)
        await bot.crash()
        await is_read_by(maaike, maaike)

        await bot.program.kill()
        while_down = [await maaike.send(room, f"!search {number}") for number in range(40)]
        await bot.program.start()
        judged = (await all_answered(maaike, bot.user_id, {room: while_down}, within=60))[room]
        assert (judged.never, judged.more, judged.order) == ([], [], while_down)

        await maaike.invite(room, joke.user_id)
        await joke.join(room)
        await maaike.wait_for(room, lambda event: event.get("state_key") == joke.user_id)
        await is_read_by(joke, joke, maaike)

        phone = await element("maaike", await maaike.log_in_again())
        await phone.recover(recovery_key)
        await is_read_by(maaike, phone, joke)
        await is_read_by(phone, maaike, phone)
        await maaike.rotate(room)
        await is_read_by(maaike, maaike, joke)


async def test_the_week_of_a_group_is_encrypted_threads_edits_withdrawals_and_private_chats_too(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    maaike, joke = await strict(element, "maaike"), await strict(element, "joke")
    async with living(homeserver, tmp_path) as bot:
        room = await encrypted_room(maaike, bot)
        await answer_to(maaike, room, bot, await maaike.send(room, "!ronde start weken=4"))
        status = await answer_to(maaike, room, bot, await maaike.send(room, "!ronde"))
        assert "is versleuteld. Mijn account staat in voor dit apparaat" in status["content"]["body"]
        await maaike.invite(room, joke.user_id)
        await joke.join(room)
        private = await joke.wait_for_invite(by=bot.user_id)
        await joke.join(private)
        personal = await seen(joke, private, lambda event: is_message(event, bot.user_id))
        observed = await joke.send(room, "!zag drie mensen")
        await answer_to(joke, room, bot, observed)
        await answer_to(maaike, room, bot, await maaike.send(room, "!zag een dichte deur"))
        await answer_to(maaike, room, bot, await maaike.send(room, "!weekbericht stuur"))
        digest = await seen(joke, room, says("Weekbericht", bot.user_id))
        await joke.edit(room, observed, "!zag vier mensen")
        edit = await seen(joke, room, lambda event: _replaces(event) == digest["event_id"])
        await joke.redact(room, observed)
        again = await seen(
            joke,
            room,
            lambda event: says("Weekbericht", bot.user_id)(event) and event["event_id"] != digest["event_id"],
        )
        helped = await answer_to(joke, private, bot, await joke.send(private, "hulp"))
        for gone in (digest["event_id"], edit["event_id"]):
            assert "ciphertext" not in (await joke.event(room, gone))["content"]
    assert "vier mensen" in edit["content"]["m.new_content"]["body"]
    assert "mensen”" not in again["content"]["body"]
    said = [personal, digest, edit, again, helped]
    assert [how_drawn(event) for event in said] == [SOUND] * len(said)


def _replaces(event: Event) -> str | None:
    relation: Event = event["content"].get("m.relates_to", {})
    return relation.get("event_id") if relation.get("rel_type") == "m.replace" else None


async def test_pictures_and_the_longest_messages_arrive_encrypted_and_whole(
    homeserver: Homeserver, element: Elements, tmp_path: Path
) -> None:
    joke, account = await strict(element, "joke"), homeserver.register("bot-writing")
    chat = chat_of(homeserver, account, tmp_path)
    try:
        room = await joke.create_room(invite=[account.user_id], is_encrypted=True)
        space = SpaceRef(account.user_id, room)
        assert isinstance(await chat.join(space), Sent)
        await joke.wait_for(room, lambda event: event.get("state_key") == account.user_id)
        png = b"\x89PNG\r\n" + bytes(range(256)) * 40
        shown = await chat.send(space, chat.picture(Picture(png, 8, 4, "week.png", "Week 2 van 8"), Style()), "k1")
        longest, *_ = chat.render(paragraph("“ë” " * 20_000), Style())
        said = await chat.send(space, longest.payload, "k2")
        assert isinstance(shown, Sent)
        assert isinstance(said, Sent)
        edited = await chat.edit(MessageRef(space, said.native), longest.payload, "k3")
        assert isinstance(edited, Sent)
        assert await chat.find(space, "k2", datetime.now(UTC) - timedelta(minutes=5)) == said.native
        picture = await seen(joke, room, lambda event: event["event_id"] == shown.native)
        edit = await seen(joke, room, lambda event: event["event_id"] == edited.native)
        assert await joke.attachment(room, shown.native) == png
        assert await chat.fetch(MessageRef(space, said.native)) is not None
    finally:
        await chat.close()
    assert how_drawn(picture) == how_drawn(edit) == SOUND
    assert picture["content"]["body"] == "Week 2 van 8"
    assert "url" not in picture["content"]
    assert edit["content"]["m.new_content"]["body"] == longest.payload["body"]


def chat_of(homeserver: Homeserver, account: Account, folder: Path) -> MatrixChat:
    session = Session(homeserver.url, account.user_id, account.device_id, account.access_token)
    return MatrixChat(session, store_dir=folder, allow_invites_from=["*"])
