from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from stored import ANA, BEN, LANE, NOW, OTHER_ROOM, ROOM, Scene, given, message, quoting, scene_in

from doetank_bot.domain.document import quotes
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.ports import Act, DuePost, NewPost, PostState


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        async with scene.uow.write() as work:
            await work.group(scene.group).record(given(scene.ana, 1), NOW)
            await work.group(scene.group).record(given(scene.ana, 2), NOW)
        yield scene


async def _post(scene: Scene, new: NewPost) -> DuePost:
    async with scene.uow.write() as work:
        return await work.post(new, NOW)


async def _sent(scene: Scene, post: DuePost, native: str) -> None:
    async with scene.uow.write() as work:
        await work.settle(post.id, PostState.SENT, native, NOW)


async def _waiting(scene: Scene) -> tuple[DuePost, ...]:
    async with scene.uow.read() as views:
        return await views.waiting_posts()


async def test_waiting_posts_are_what_was_posted_in_order(scene: Scene) -> None:
    posts = [
        await _post(scene, quoting(scene.group, 1)),
        await _post(scene, NewPost(Act.REACT, None, ROOM, message=message("$said1"), sign="✅")),
        await _post(scene, NewPost(Act.JOIN, None, OTHER_ROOM)),
        await _post(scene, NewPost(Act.SEND, None, None, user=BEN, payload={"body": "hoi"})),
    ]

    assert await _waiting(scene) == tuple(posts)
    assert len({post.key for post in posts}) == 4
    assert all(post.key.startswith("o.") for post in posts)


async def test_a_sent_post_is_found_by_its_message_and_keeps_no_payload(scene: Scene) -> None:
    about = About(Purpose.PROMPT, prompt="V1")
    post = await _post(scene, replace(quoting(scene.group, 1), payload={"body": "onuitwisbaar"}, about=about))
    await _sent(scene, post, "$sent")

    async with scene.uow.read() as views:
        found = await views.post_at(message("$sent"))
        assert found is not None
        assert (found.id, found.about) == (post.id, about)
        assert await views.post_at(message("$sent", OTHER_ROOM)) is None
        assert await views.message_of(post.id) == message("$sent")
        assert (await views.known([message("$sent"), message("$else")], [])).ours == {message("$sent")}
    assert await _waiting(scene) == ()
    await scene.store.close()
    assert b"onuitwisbaar" not in scene.path.read_bytes()


async def test_a_post_that_is_not_sent_is_no_message_yet(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))

    async with scene.uow.read() as views:
        assert await views.message_of(post.id) is None


async def test_our_echo_settles_the_post_and_what_comes_later_changes_nothing(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))
    async with scene.uow.write() as work:
        await work.echo(post.key, message("$sent"), NOW)
        await work.echo(post.key, message("$other"), NOW)
        await work.settle(post.id, PostState.DENIED, "", NOW, "late")
        await work.cancel(post.id)

    async with scene.uow.read() as views:
        [found] = await views.group(scene.group).posts_quoting(1)
    assert (found.state, found.message) == (PostState.SENT, message("$sent"))


async def test_an_echo_does_not_unsettle_a_post(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))
    async with scene.uow.write() as work:
        await work.settle(post.id, PostState.REJECTED, "", NOW, "too large")
        await work.echo(post.key, message("$sent"), NOW)

    async with scene.uow.read() as views:
        assert await views.group(scene.group).posts_quoting(1) == ()
        assert await views.message_of(post.id) == message("$sent")


async def test_an_echo_of_a_key_we_do_not_know_is_nothing(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.echo("o.unknown", message("$sent"), NOW)
    async with scene.uow.read() as views:
        assert await views.post_at(message("$sent")) is None
        assert await views.waiting_posts() == ()


async def test_tries_are_counted(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))
    async with scene.uow.write() as work:
        await work.tried(post.id, now=NOW, next_try_at=NOW + timedelta(seconds=2))
        await work.tried(post.id, now=NOW, next_try_at=None)

    assert [waiting.attempts for waiting in await _waiting(scene)] == [2]


async def test_posts_for_a_private_chat_wait_until_it_is_open_and_then_go_there_in_order(scene: Scene) -> None:
    first = await _post(scene, NewPost(Act.SEND, None, None, user=BEN, payload={"body": "een"}))
    assert (first.space, first.user) == (None, BEN)
    async with scene.uow.write() as work:
        assert await work.private_space(BEN) is None
        await work.set_private(LANE, BEN)
        second = await work.post(NewPost(Act.SEND, None, None, user=BEN, payload={"body": "twee"}), NOW)
        assert await work.private_space(BEN) == LANE
        assert await work.private_space(ANA) is None

    assert [(post.id, post.space) for post in await _waiting(scene)] == [(first.id, LANE), (second.id, LANE)]


async def test_leaving_a_space_denies_what_was_to_be_said_there_only(scene: Scene) -> None:
    await _post(scene, quoting(scene.group, 1))
    await _post(scene, NewPost(Act.REACT, None, ROOM, message=message("$said1"), sign="✅"))
    leave = await _post(scene, NewPost(Act.LEAVE, None, ROOM))
    elsewhere = await _post(scene, NewPost(Act.SEND, None, OTHER_ROOM, payload={"body": "hoi"}))
    async with scene.uow.write() as work:
        await work.leave_space(ROOM)

    assert [post.id for post in await _waiting(scene)] == [leave.id, elsewhere.id]


async def test_the_groups_digest_waits_for_a_room_that_was_left_and_a_private_copy_does_not(scene: Scene) -> None:
    about = About(Purpose.DIGEST, digest=1)
    digest = await _post(scene, NewPost(Act.SEND, None, ROOM, payload={"body": "hoi"}, about=about))
    copy = await _post(scene, NewPost(Act.SEND, None, LANE, user=ANA, payload={"body": "hoi"}, about=about))
    assert [post.is_digest for post in (digest, copy, *await _waiting(scene))] == [True, False, True, False]
    async with scene.uow.write() as work:
        for space in (ROOM, LANE):
            await work.leave_space(space)
    assert [post.id for post in await _waiting(scene)] == [digest.id]


async def test_posts_that_quote_a_number_are_found_with_their_edits(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1, 2))
    edit = await _post(scene, replace(quoting(scene.group, 1, 2), act=Act.EDIT, target=post.id))
    await _post(scene, quoting(scene.group, 2))
    cancelled = await _post(scene, quoting(scene.group, 1))
    async with scene.uow.write() as work:
        await work.cancel(cancelled.id)

    async with scene.uow.read() as views:
        [found] = await views.group(scene.group).posts_quoting(1)
    assert (found.id, found.key, found.edits) == (post.id, post.key, (edit.id,))
    assert (found.state, found.message, found.group) == (PostState.WAITING, None, scene.group)
    assert [quote.number for quote in quotes(found.document)] == [1, 2]


async def test_a_kept_tree_holds_no_words(scene: Scene) -> None:
    await _post(scene, quoting(scene.group, 1))

    async with scene.uow.read() as views:
        [found] = await views.group(scene.group).posts_quoting(1)
    assert [(quote.text, quote.author) for quote in quotes(found.document)] == [("", "")]


async def test_a_post_that_is_to_be_deleted_quotes_nothing_any_more(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))
    await _post(scene, NewPost(Act.DELETE, None, ROOM, target=post.id))

    async with scene.uow.read() as views:
        assert await views.group(scene.group).posts_quoting(1) == ()


async def test_an_edit_that_brings_in_someones_words_makes_its_post_quote_them(scene: Scene) -> None:
    post = await _post(scene, quoting(scene.group, 1))
    await _post(scene, replace(quoting(scene.group, 1, 2), act=Act.EDIT, target=post.id))

    async with scene.uow.read() as views:
        [found] = await views.group(scene.group).posts_quoting(2)
    assert found.id == post.id
    assert [quote.number for quote in quotes(found.document)] == [1, 2]


async def test_a_post_without_a_place_is_refused(scene: Scene) -> None:
    with pytest.raises(ValueError, match="space or to a person"):
        await _post(scene, NewPost(Act.SEND, None, None))


async def test_a_post_that_quotes_says_of_which_group_and_in_which_tree(scene: Scene) -> None:
    for broken in (replace(quoting(scene.group, 1), group=None), replace(quoting(scene.group, 1), document=None)):
        with pytest.raises(ValueError, match="quotes"):
            await _post(scene, broken)
