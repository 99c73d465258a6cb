from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from stored import ANA, BEN, LANE, OTHER_ROOM, ROOM, Asked, Scene, message, scene_in

from doetank_bot.domain.reference import Place, Private, Room, SpaceRef, Thread, UserRef
from doetank_bot.ports import SpaceInfo
from doetank_bot.store.column import UnreadableRow


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def test_a_space_is_known_for_its_group_or_its_person(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.set_private(LANE, BEN)

    async with scene.uow.read() as views:
        assert [group.space for group in await views.groups()] == [ROOM, OTHER_ROOM]
        assert await views.space(ROOM) == SpaceInfo(ROOM, scene.group, None)
        assert await views.space(LANE) == SpaceInfo(LANE, None, BEN)
        assert await views.space(SpaceRef(ROOM.account, "!unknown")) is None
        assert await views.group_in(ROOM) == scene.group
        assert await views.group_in(LANE) is None
        assert await views.group_in(SpaceRef("another login", ROOM.native)) is None


async def test_a_persons_groups_are_those_they_are_active_in_and_the_bot_too(scene: Scene) -> None:
    async with scene.uow.read() as views:
        assert await views.groups_of(ANA) == (scene.group, scene.other)
        assert await views.groups_of(BEN) == (scene.other,)
        assert await views.groups_of(UserRef("another login", ANA.native)) == ()
    async with scene.uow.write() as work:
        await work.group(scene.other).set_member(ANA, "Ana", is_in=False)
        assert await work.groups_of(ANA) == (scene.group,)
        await work.leave_space(ROOM)
        assert await work.groups_of(ANA) == ()


async def test_a_private_chat_that_was_left_is_not_used_again(scene: Scene) -> None:
    newer = SpaceRef(LANE.account, "!newer")
    async with scene.uow.write() as work:
        await work.set_private(LANE, BEN)
        await work.set_private(newer, BEN)
        assert await work.private_space(BEN) == newer
        await work.leave_space(newer)
        assert await work.private_space(BEN) == LANE
        await work.leave_space(LANE)
        assert await work.private_space(BEN) is None


async def test_a_place_keeps_its_key_and_every_place_has_its_own(scene: Scene) -> None:
    places: list[Place] = [
        Room(ROOM),
        Room(OTHER_ROOM),
        Thread(message("$1")),
        Thread(message("$2")),
        Thread(message("$1", OTHER_ROOM)),
        Private(ANA),
        Private(BEN),
    ]
    async with scene.uow.write() as work:
        keys = [await work.conversation(place) for place in places]
    async with scene.uow.write() as work:
        assert [await work.conversation(place) for place in places] == keys
    assert len(set(keys)) == len(places)


async def test_a_private_chat_and_its_room_are_one_place(scene: Scene) -> None:
    async with scene.uow.write() as work:
        private = await work.conversation(Private(BEN))
        await work.set_private(LANE, BEN)
        assert await work.conversation(Room(LANE)) == private
        await work.set_private(SpaceRef(LANE.account, "!ana"), ANA)
        anas = await work.conversation(Room(SpaceRef(LANE.account, "!ana")))
        assert await work.conversation(Private(ANA)) == anas


async def test_a_flow_waits_for_one_member_in_one_place(scene: Scene) -> None:
    place = Thread(message("$1"))
    async with scene.uow.write() as work:
        conversation = await work.conversation(place)
        await work.group(scene.group).open_flow(conversation, scene.ana.id, Asked(number=1))

    async with scene.uow.read() as views:
        assert await views.flow(place, ANA) == Asked(number=1)
        assert await views.flow(place, BEN) is None
        assert await views.flow(Thread(message("$2")), ANA) is None
        assert await views.flow(Room(ROOM), ANA) is None
        assert (await views.known([message("$1"), message("$2")], [])).flows == {(message("$1"), ANA)}


async def test_a_flow_is_replaced_by_its_next_state_and_closed(scene: Scene) -> None:
    place = Thread(message("$1"))
    async with scene.uow.write() as work:
        conversation = await work.conversation(place)
        group = work.group(scene.group)
        await group.open_flow(conversation, scene.ana.id, Asked(number=1))
        await group.open_flow(conversation, scene.ana.id, Asked(number=2))
        assert await work.flow(place, ANA) == Asked(number=2)
        await work.group(scene.other).close_flow(conversation, scene.ana.id)
        assert await work.flow(place, ANA) == Asked(number=2)
        await group.close_flow(conversation, scene.ana.id)
        assert await work.flow(place, ANA) is None
        assert (await work.known([message("$1")], [])).flows == frozenset()


async def test_in_private_the_question_that_came_first_waits_first(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.set_private(LANE, ANA)
        conversation = await work.conversation(Private(ANA))
        await work.group(scene.group).open_flow(conversation, scene.ana.id, Asked(number=1))
        await work.group(scene.other).open_flow(conversation, scene.ana_elsewhere.id, Asked(number=2))
        assert await work.flow(Room(LANE), ANA) == Asked(number=1)
        await work.group(scene.group).open_flow(conversation, scene.ana.id, Asked(number=3))
        assert await work.flow(Room(LANE), ANA) == Asked(number=3)
        await work.group(scene.group).close_flow(conversation, scene.ana.id)
        assert await work.flow(Room(LANE), ANA) == Asked(number=2)


async def test_a_flow_is_for_a_member_of_the_group_that_asks(scene: Scene) -> None:
    async with scene.uow.write() as work:
        conversation = await work.conversation(Room(ROOM))
    with pytest.raises(IntegrityError):
        async with scene.uow.write() as work:
            await work.group(scene.group).open_flow(conversation, scene.ana_elsewhere.id, Asked(number=1))


async def test_a_flow_that_this_version_cannot_read_is_an_error_without_its_words(scene: Scene) -> None:
    place = Room(ROOM)
    async with scene.store.write() as work:
        conversation = await work.conversation(place)
        await work.group(scene.group).open_flow(conversation, scene.ana.id, Asked(number=1))
        await work._run(text("""UPDATE flows SET state = '{"kind": "asked", "number": "geheim"}'"""))

    async with scene.uow.read() as views:
        with pytest.raises(UnreadableRow) as caught:
            await views.flow(place, ANA)
    assert "number" in str(caught.value)
    assert "geheim" not in str(caught.value)
    async with scene.store.write() as work:
        await work._run(text("UPDATE flows SET kind = 'unknown'"))
        with pytest.raises(LookupError, match="unknown"):
            await work.flow(place, ANA)
