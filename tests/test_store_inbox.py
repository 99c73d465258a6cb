import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import TypeAdapter
from stored import ANA, BEN, LANE, NOW, OTHER_ROOM, ROOM, Scene, given, message, said, scene_in

from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    Incoming,
    Invited,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Talked,
    Undecryptable,
)
from doetank_bot.store.column import decoded, encoded
from doetank_bot.store.transaction import Stale

EVERY_KIND: tuple[Incoming, ...] = (
    MessageReceived(
        message("$1"),
        ANA,
        "één",
        NOW,
        thread=message("$0"),
        reply_to=message("$00"),
        mentions_me=True,
        found=("phone",),
        is_cut=True,
    ),
    MessageEdited(message("$2"), message("$1"), ANA, "twee"),
    MessageDeleted(message("$3"), message("$1")),
    MemberChanged(message("$4"), BEN, None, is_in=False),
    Invited(message("$5", LANE), ANA, is_direct=True, is_allowed=True),
    BotJoined(message("$6", OTHER_ROOM), ((ANA, "Ana"), (BEN, None)), "Bomen", inviter=ANA),
    BotLeft(message("$7")),
    Talked(message("$8"), ANA),
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def test_every_kind_of_event_comes_back_as_it_was_in_order(scene: Scene) -> None:
    async with scene.uow.write() as work:
        taken = await work.take(EVERY_KIND, "s1", NOW)

    async with scene.uow.read() as views:
        waiting = await views.waiting_inbox()
        assert tuple(row.incoming for row in waiting) == EVERY_KIND
        assert waiting == taken
        assert [row.id for row in waiting] == sorted(row.id for row in waiting)
        assert await views.cursor() == "s1"


async def test_an_event_that_comes_again_is_taken_once_even_after_it_was_handled(scene: Scene) -> None:
    async with scene.uow.write() as work:
        [row] = await work.take([said("$1"), said("$1", "iets anders")], "s1", NOW)
        assert row.incoming == said("$1")
        await work.handled(row.id)
    async with scene.uow.write() as work:
        again = await work.take([said("$1"), said("$2")], "s2", NOW)

    assert [row.incoming.ref for row in again] == [message("$2")]


async def test_the_same_id_in_another_space_is_another_event(scene: Scene) -> None:
    async with scene.uow.write() as work:
        assert len(await work.take([said("$1"), said("$1", space=OTHER_ROOM)], None, NOW)) == 2


async def test_a_batch_without_news_moves_the_cursor_and_one_without_cursor_keeps_it(scene: Scene) -> None:
    async with scene.uow.write() as work:
        assert await work.take([], "s1", NOW) == ()
        await work.take([], "s2", NOW)
        await work.take([said("$1")], None, NOW)

    async with scene.uow.read() as views:
        assert await views.cursor() == "s2"


async def test_a_handled_row_keeps_no_words(scene: Scene) -> None:
    async with scene.uow.write() as work:
        [row] = await work.take([said("$1", "onuitwisbaar")], None, NOW)
    async with scene.uow.write() as work:
        await work.handled(row.id)

    async with scene.uow.read() as views:
        assert await views.waiting_inbox() == ()
    await scene.store.close()
    assert b"onuitwisbaar" not in scene.path.read_bytes()


async def test_a_row_cannot_be_handled_twice(scene: Scene) -> None:
    async with scene.uow.write() as work:
        [row] = await work.take([said("$1")], None, NOW)
        await work.handled(row.id)
    with pytest.raises(Stale):
        async with scene.uow.write() as work:
            await work.handled(row.id)


async def test_a_failed_try_is_counted_and_poison_is_set_aside(scene: Scene) -> None:
    async with scene.uow.write() as work:
        first, _ = await work.take([said("$1"), said("$2")], None, NOW)
        await work.put_off(first.id, is_poison=False)
    async with scene.uow.read() as views:
        assert [row.attempts for row in await views.waiting_inbox()] == [1, 0]
    async with scene.uow.write() as work:
        await work.put_off(first.id, is_poison=True)
    async with scene.uow.read() as views:
        assert [row.incoming.ref for row in await views.waiting_inbox()] == [message("$2")]


async def test_words_that_were_set_aside_go_when_their_author_deletes_them(scene: Scene) -> None:
    edit = MessageEdited(message("$2"), message("$1"), ANA, "onuitwisbaar")
    async with scene.uow.write() as work:
        for row in await work.take([said("$1", "onuitwisbaar"), edit], None, NOW):
            await work.put_off(row.id, is_poison=True)
    async with scene.uow.read() as views:
        assert (await views.known([message("$1")], [])).sources == {message("$1")}
    async with scene.uow.write() as work:
        await work.take([MessageDeleted(message("$3"), message("$1"))], None, NOW)

    await scene.store.close()
    assert b"onuitwisbaar" not in scene.path.read_bytes()


async def test_a_message_whose_key_came_late_is_handled_and_its_ciphertext_goes(scene: Scene) -> None:
    sealed = Undecryptable(message("$1"), ANA, {"ciphertext": "AwgAEnAC"})
    async with scene.uow.write() as work:
        assert await work.take([sealed], "s1", NOW) == ()
    async with scene.uow.write() as work:
        [row] = await work.take([said("$1")], "s2", NOW)

    assert row.incoming == said("$1")
    async with scene.uow.read() as views:
        assert await views.waiting_inbox() == (row,)


async def test_known_tells_what_is_ours_kept_or_asked(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.record(given(scene.ana, 1), NOW)
        await group.record(given(scene.ana, 2), NOW)
        await group.forget(2, NOW)
        await work.take([said("$waits")], None, NOW)
        await work.set_private(LANE, BEN)

    asked = [message(native) for native in ("$said1", "$said2", "$waits", "$unknown")]
    async with scene.uow.read() as views:
        known = await views.known([*asked, message("$said1", OTHER_ROOM)], [ROOM, OTHER_ROOM, LANE])
    assert known.sources == {message("$said1"), message("$waits")}
    assert not known.ours
    assert not known.flows
    assert known.private == {LANE}
    assert known.languages == {ROOM: "nl", OTHER_ROOM: "en"}


async def test_talk_that_waits_makes_no_edit_of_it_wanted(scene: Scene) -> None:
    async with scene.uow.write() as work:
        [row] = await work.take([Talked(message("$1"), ANA)], None, NOW)
    async with scene.uow.read() as views:
        assert not (await views.known([message("$1")], [ROOM])).sources
    async with scene.uow.write() as work:
        await work.put_off(row.id, is_poison=True)
    async with scene.uow.read() as views:
        assert not (await views.known([message("$1")], [ROOM])).sources


async def test_four_thousand_events_are_one_transaction_in_which_others_get_their_turn(scene: Scene) -> None:
    batch = [said(f"${number}", "woorden " * 40) for number in range(4_000)]
    n_turns, is_over = 0, False

    async def watch() -> None:
        nonlocal n_turns
        while not is_over:
            await asyncio.sleep(0)
            n_turns += 1

    watching = asyncio.create_task(watch())
    async with scene.uow.write() as work:
        assert len(await work.take(batch, "s1", NOW)) == 4_000
        turns_of_taking = n_turns
    async with scene.uow.read() as views:
        assert len(await views.waiting_inbox()) == 4_000
        known = await views.known([event.ref for event in batch], [])
    is_over = True
    await watching

    assert len(known.sources) == 4_000
    # How long a turn takes is for the bench; that there is one for every few hundred events is sure.
    assert turns_of_taking >= 16


@for_all(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_kept_and_read_again(text: str) -> None:
    adapter = TypeAdapter(MessageReceived)
    back = decoded(adapter, encoded(adapter, said("$1", text)))

    assert back.ref == MessageRef(ROOM, "$1")
    assert back.text == text.encode("utf-8", "replace").decode()


async def test_a_lone_surrogate_does_not_stop_the_intake(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.take([said("$1", "half \ud800"), said("$2")], "s1", NOW)

    async with scene.uow.read() as views:
        texts = [row.incoming.text for row in await views.waiting_inbox() if isinstance(row.incoming, MessageReceived)]
    assert texts == ["half ?", "hoi"]
