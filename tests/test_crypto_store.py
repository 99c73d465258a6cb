"""The file with the keys: private, whole, and told apart from a disk that has trouble."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from nio.event_builders import ToDeviceMessage

from doetank_bot.chat.matrix import KeysLost, MatrixChat, Session
from doetank_bot.chat.matrix.crypto.machine import Machine
from doetank_bot.chat.matrix.crypto.store import KeyStore, kept_identity, keys_file
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import KeysStuck, MessageEdited, Undecryptable

SESSION = Session("http://127.0.0.1:9", "@bot:test", "DEV", "geheim")


def made(folder: Path) -> Path:
    """Return a file with the keys of a device."""
    path = keys_file(folder, "DEV")
    store = KeyStore(path)
    Machine("@bot:test", "DEV", store)
    store.commit()
    store.close()
    return path


def test_the_same_device_comes_back_and_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    path = made(tmp_path / "store")
    store = KeyStore(path)
    again = Machine("@bot:test", "DEV", store)
    assert again.identity["ed25519:DEV"] == kept_identity(path)
    store.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_was_not_committed_is_not_there(tmp_path: Path) -> None:
    path = made(tmp_path)
    store = KeyStore(path)
    store.set_rules("!a", {"algorithm": "m.megolm.v1.aes-sha2"})
    assert store.is_changed
    store.close()
    assert KeyStore(path).rules("!a") is None


async def test_what_is_read_may_be_committed_while_what_is_sent_is(tmp_path: Path) -> None:
    store = KeyStore(made(tmp_path))
    for number in range(300):
        store.set_fact("text", f"{number}" * 5_000)
        # As the sync and a post do that come together: the second finds nothing to do, which is no trouble of the disk.
        await asyncio.gather(asyncio.to_thread(store.commit), asyncio.to_thread(store.commit))
    assert not store.is_changed
    store.close()


def test_a_key_that_the_full_disk_does_not_take_is_no_message_that_makes_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    store = KeyStore(made(tmp_path))
    machine = Machine("@bot:test", "DEV", store)
    monkeypatch.setattr("nio.crypto.Olm.handle_to_device_event", full)
    letter = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "abc", "ciphertext": {}}
    with pytest.raises(KeysStuck, match="disk is full"), store.kept():
        machine.receive({"type": "m.room.encrypted", "sender": "@ana:test", "content": letter})
    store.close()


def test_a_greeting_that_could_not_be_sent_is_there_again(tmp_path: Path) -> None:
    store = KeyStore(made(tmp_path))
    machine = Machine("@bot:test", "DEV", store)
    waiting = machine._olm.outgoing_to_device_messages
    waiting += [ToDeviceMessage("m.room.encrypted", "@ana:test", device, {}) for device in ("ONE", "TWO")]
    sent: list[tuple[str, str]] = []
    for letter in machine.greetings():
        if sent:
            break
        sent += letter.devices
    assert [*sent, *(device for letter in machine.greetings() for device in letter.devices)] == [
        ("@ana:test", "ONE"),
        ("@ana:test", "TWO"),
    ]
    assert list(machine.greetings()) == []
    store.close()


async def test_a_sealed_answer_is_told_by_its_authors_edit_in_the_thread_where_it_was_given(tmp_path: Path) -> None:
    chat = MatrixChat(SESSION, store_dir=tmp_path, allow_invites_from=())
    space, ana, bas = SpaceRef("@bot:test", "!a"), UserRef("@bot:test", "@ana:test"), UserRef("@bot:test", "@bas:test")
    relation = {"rel_type": "m.thread", "event_id": "$prompt", "is_falling_back": True}
    cipher = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "abc", "m.relates_to": relation}
    event = {
        "type": "m.room.encrypted",
        "event_id": "$said",
        "sender": "@ana:test",
        "origin_server_ts": 1,
        "content": cipher,
    }
    sealed, edit = Undecryptable(MessageRef(space, "$said"), ana, event), MessageRef(space, "$edit")
    told = chat.retold(sealed, MessageEdited(edit, sealed.ref, ana, "een open deur"))
    assert told is not None
    assert (told.ref, told.sender, told.text, told.thread) == (
        sealed.ref,
        ana,
        "een open deur",
        MessageRef(space, "$prompt"),
    )
    assert chat.retold(sealed, MessageEdited(edit, sealed.ref, bas, "iets anders")) is None
    await chat.close()


@pytest.mark.parametrize("trouble", ["no database", "no keys"])
async def test_a_file_that_holds_no_keys_any_more_means_that_they_are_lost(tmp_path: Path, trouble: str) -> None:
    path = made(tmp_path)
    if trouble == "no database":
        path.write_bytes(b"x" * 4096)
    else:
        with sqlite3.connect(path) as db:
            db.execute("UPDATE facts SET value = 'x' WHERE name = 'account'")
        db.close()
    chat = MatrixChat(SESSION, store_dir=tmp_path, allow_invites_from=())
    with pytest.raises(KeysLost, match="cannot be read"):
        await chat.begin()
    await chat.close()


async def test_a_file_that_another_program_holds_is_no_lost_file(tmp_path: Path) -> None:
    path = made(tmp_path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    chat = MatrixChat(SESSION, store_dir=tmp_path, allow_invites_from=())
    with pytest.raises(OSError, match="locked"):
        await chat.begin()
    await chat.close()
    other.close()


def test_keys_of_another_device_are_not_seen(tmp_path: Path) -> None:
    made(tmp_path)
    assert kept_identity(keys_file(tmp_path, "OTHER/..")) is None
    assert keys_file(tmp_path, "OTHER/..").parent == tmp_path
