"""Keys on a real Synapse: they are there for whoever writes first, come late, are replayed or forged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import People
from homeserver import Account, Homeserver, Person

from doetank_bot.chat.matrix import MatrixChat, Session, load_session, save_session
from doetank_bot.chat.matrix.crypto.crypt import Crypt
from doetank_bot.chat.matrix.crypto.machine import ONE_TIME
from doetank_bot.chat.matrix.crypto.seeds import load_seeds
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.init.keys import make_keys
from doetank_bot.ports import Batch, MessageReceived, Sent, Style, Undecryptable

pytestmark = [pytest.mark.homeserver, pytest.mark.timeout(180)]


@asynccontextmanager
async def chat_of(homeserver: Homeserver, account: Account, folder: Path) -> AsyncIterator[MatrixChat]:
    chat = MatrixChat(session_of(homeserver, account), store_dir=folder, allow_invites_from=["*"])
    try:
        yield chat
    finally:
        await chat.close()


def session_of(homeserver: Homeserver, account: Account) -> Session:
    return Session(homeserver.url, account.user_id, account.device_id, account.access_token)


async def next_batch(chat: MatrixChat, cursor: str | None) -> Batch:
    async with asyncio.timeout(40):
        return await anext(chat.batches(cursor))


async def claimed(person: Person, account: Account) -> dict[str, Any]:
    wanted = {"one_time_keys": {account.user_id: {account.device_id: ONE_TIME}}}
    answer = await person.call("POST", "/keys/claim", wanted)
    [key] = answer["one_time_keys"][account.user_id][account.device_id].values()
    return dict(key)


async def test_one_time_keys_come_back_after_exhaustion_and_a_fallback_key_is_always_there(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, account = await person("ana"), homeserver.register("bot-keys")
    async with chat_of(homeserver, account, tmp_path) as chat:
        batch = await next_batch(chat, None)
    taken = [await claimed(ana, account) for _ in range(52)]
    assert [key.get("fallback", False) for key in taken] == [False] * 50 + [True] * 2
    assert taken[50]["key"] == taken[51]["key"]
    async with chat_of(homeserver, account, tmp_path) as chat:
        await next_batch(chat, batch.cursor)
    again = [await claimed(ana, account) for _ in range(51)]
    assert [key.get("fallback", False) for key in again] == [False] * 50 + [True]
    assert again[50]["key"] != taken[50]["key"], "a fallback key that was used is replaced"
    assert not {key["key"] for key in taken} & {key["key"] for key in again}


class Sender:
    """Someone with a client of our own making, who can write before handing out the key."""

    def __init__(self, person: Person, crypt: Crypt) -> None:
        self.person = person
        self.crypt = crypt
        self.letters: list[Any] = []

    async def says(self, room: str, text: str) -> dict[str, Any]:
        """Return an encrypted event's content, with its key still here."""
        here = self.crypt._here
        users = await here.rooms.readers(room)
        await here.upkeep.refresh(users)
        devices = here.machine.devices(users)
        here.machine.begin_room_key(room, {})
        await here.upkeep.meet(here.machine.strangers(devices))
        self.letters = list(here.machine.letters(room, users))
        here.machine.handed_out(room, devices)
        return here.machine.sealed(room, "m.room.message", {"msgtype": "m.text", "body": text})

    async def hands_over(self) -> None:
        for letter in self.letters:
            await self.crypt._here.upkeep.send(letter)


@asynccontextmanager
async def sender(homeserver: Homeserver, person: Person, folder: Path) -> AsyncIterator[Sender]:
    async with chat_of(homeserver, person.account, folder) as chat:
        await chat.begin()
        yield Sender(person, chat._crypt)


async def encrypted_room(chat: MatrixChat, host: Person) -> SpaceRef:
    room = await host.create_room(invite=[chat.me.native], is_encrypted=True)
    space = SpaceRef(chat.me.account, room)
    assert isinstance(await chat.join(space), Sent)
    return space


async def test_a_message_whose_key_comes_later_waits_is_read_and_a_replay_or_a_forgery_is_not(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, bas, account = await person("ana"), await person("bas"), homeserver.register("bot-late")
    async with chat_of(homeserver, account, tmp_path / "bot") as chat, sender(homeserver, ana, tmp_path / "ana") as she:
        space = await encrypted_room(chat, ana)
        await ana.invite(space.native, bas.user_id)
        await bas.join(space.native)
        start = (await next_batch(chat, None)).cursor
        content = await she.says(space.native, "De balie was dicht")
        said = MessageRef(space, await ana.send_event(space.native, "m.room.encrypted", content))
        batch = await next_batch(chat, start)
        [sealed] = batch.incoming
        assert isinstance(sealed, Undecryptable)
        assert chat.readable(sealed) == sealed
        await she.hands_over()
        batch = await next_batch(chat, batch.cursor)
        assert batch.keys_came
        read = chat.readable(sealed)
        assert isinstance(read, MessageReceived)
        assert (read.ref, read.sender.native, read.text) == (said, ana.user_id, "De balie was dicht")
        # State is never encrypted: who says so makes it up.
        state = she.crypt._here.machine.sealed(space.native, "m.room.member", {"membership": "leave"})
        await ana.send_event(space.native, "m.room.encrypted", state)
        # The same again is a replay; the same in someone else's name is a forgery; neither becomes a message.
        await ana.send_event(space.native, "m.room.encrypted", content)
        await bas.send_event(space.native, "m.room.encrypted", content)
        batch = await next_batch(chat, batch.cursor)
        assert [type(one) for one in batch.incoming] == [Undecryptable]
        assert isinstance(batch.incoming[0], Undecryptable)
        assert batch.incoming[0].sender == UserRef(account.user_id, bas.user_id)
        assert chat.readable(sealed) == read, "the first is still the message"


async def test_killed_before_the_cursor_was_kept_nothing_is_lost_and_the_answer_may_come_again(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    ana, account = await person("ana"), homeserver.register("bot-again")
    async with chat_of(homeserver, ana.account, tmp_path / "ana") as hers:
        async with chat_of(homeserver, account, tmp_path / "bot") as chat:
            space = await encrypted_room(chat, ana)
            start = (await next_batch(chat, None)).cursor
        (rendered,) = hers.render(paragraph("Dinsdag ga ik kijken"), Style())
        assert isinstance(await hers.send(space, rendered.payload, "k1"), Sent)
        following = start
        for _ in range(2):
            async with chat_of(homeserver, account, tmp_path / "bot") as chat:
                batch = await next_batch(chat, start)
                assert texts(batch) == ["Dinsdag ga ik kijken"]
                following = batch.cursor
        # The homeserver does not give a key twice once its answer was used, so it must be on the disk by then.
        assert isinstance(await hers.send(space, rendered.payload, "k2"), Sent)
        async with chat_of(homeserver, account, tmp_path / "bot") as chat:
            assert texts(await next_batch(chat, following)) == ["Dinsdag ga ik kijken"]


def texts(batch: Batch) -> list[str]:
    return [one.text for one in batch.incoming if isinstance(one, MessageReceived)]


async def test_who_left_cannot_read_what_is_said_after(homeserver: Homeserver, person: People, tmp_path: Path) -> None:
    ana, bas, account = await person("ana"), await person("bas"), homeserver.register("bot-left")
    async with (
        chat_of(homeserver, account, tmp_path / "bot") as chat,
        chat_of(homeserver, bas.account, tmp_path / "bas") as his,
    ):
        await his.begin()
        space = await encrypted_room(chat, ana)
        await ana.invite(space.native, bas.user_id)
        await bas.join(space.native)
        cursor = (await next_batch(chat, None)).cursor
        (rendered,) = chat.render(paragraph("Voor ons"), Style())
        assert isinstance(await chat.send(space, rendered.payload, "k1"), Sent)
        here = chat._crypt._here
        assert (bas.user_id, bas.account.device_id) in (here.machine.readers(space.native) or set())
        await ana.kick(space.native, bas.user_id)
        await next_batch(chat, cursor)
        assert isinstance(await chat.send(space, rendered.payload, "k2"), Sent)
        assert bas.user_id not in {user for user, _ in here.machine.readers(space.native) or set()}


def files_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mode & 0o777) for path in folder.iterdir()}


async def test_init_makes_keys_once_and_lets_go_of_a_device_whose_keys_are_lost(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    account, told = homeserver.register("bot-init"), list[str]()
    session = session_of(homeserver, account)
    save_session(tmp_path, session)
    assert await make_keys(session, tmp_path, None, told.append)
    before = files_in(tmp_path)
    assert await make_keys(session, tmp_path, None, told.append)
    assert files_in(tmp_path) == before
    assert {mode for _, mode in before.values()} == {0o600}
    for name in before:
        if name.startswith("keys-"):
            (tmp_path / name).unlink()
    assert not await make_keys(session, tmp_path, None, told.append)
    assert load_session(tmp_path) is None
    assert ["vouches" in line for line in told] == [True, True, False]
    assert load_seeds(tmp_path) is not None


async def test_another_identity_is_replaced_only_with_the_password(homeserver: Homeserver, tmp_path: Path) -> None:
    account, told = homeserver.register("bot-identity"), list[str]()
    session = session_of(homeserver, account)
    assert await make_keys(session, tmp_path, None, told.append)
    (tmp_path / "cross-signing.json").unlink()
    assert await make_keys(session, tmp_path, None, told.append)
    assert await make_keys(session, tmp_path, "wrong", told.append)
    assert await make_keys(session, tmp_path, account.password, told.append)
    phrases = ("vouches", "wants the account", "does not take the password", "vouches")
    assert [phrase in line for phrase, line in zip(phrases, told, strict=True)] == [True] * 4
