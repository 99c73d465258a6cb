"""What every chat promises about a room that closes, moves on, or was left for a while."""

from contract.drivers import World
from contract.test_contract_listening import settled, texts
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.group import Access
from doetank_bot.domain.reference import MessageRef
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    Denied,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    RoomChanged,
    Sent,
    Style,
)


async def test_what_the_bot_may_do_is_told_as_it_is_now(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await settled(world, ana)
    await ana.bring(space, bo)
    assert await world.chat.access(space) == Access()
    await ana.mute_bot(space)
    changed = await world.hear(RoomChanged, space=space)
    assert changed.by == ana.user
    assert await world.chat.access(space) == Access(may_post=False, may_delete=False)
    await ana.leave(space)
    assert await world.chat.access(space) == Access(may_post=False, may_delete=False, has_moderator=False)


async def test_where_the_bot_may_not_delete_its_own_messages_it_is_told_and_refused(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    (rendered,) = world.chat.render(paragraph("hoi"), Style())
    said = await world.chat.send(space, rendered.payload, "k1")
    assert isinstance(said, Sent)
    await ana.forbid_deleting(space)
    await world.hear(RoomChanged, space=space)
    assert await world.chat.access(space) == Access(may_delete=False)
    assert isinstance(await world.chat.delete(MessageRef(space, said.native), "k2"), Denied)


async def test_of_a_room_that_the_bot_is_not_in_nothing_is_told(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    await ana.kick_bot(space)
    assert await world.chat.access(space) is None


async def test_a_room_that_moves_on_names_its_successor_and_that_names_it(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    new = await ana.upgrade(space)
    await world.hear(RoomChanged, space=space)
    access = await world.chat.access(space)
    assert access == Access(may_post=False, may_delete=False, successor=new)
    await world.enter(new, ana)
    assert (await world.hear(BotJoined, space=new)).predecessor == space


async def test_edits_and_deletions_are_heard_that_were_made_while_the_bot_was_out_of_the_room(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    edited, deleted = await ana.say(space, "een"), await ana.say(space, "twee")
    await world.hear(MessageReceived, deleted)
    await ana.kick_bot(space)
    await world.hear(BotLeft, space=space)
    await ana.edit(edited, "anders")
    await ana.delete(deleted)
    await ana.say(space, "zonder bot")
    await world.enter(space, ana)
    last = await ana.say(space, "na")
    await world.hear(MessageReceived, last)
    changes = [item.target for item in world.heard if isinstance(item, MessageEdited | MessageDeleted)]
    assert changes == [edited, deleted]
    assert texts(world, space) == ["een", "twee", "na"]
    kinds = [type(item) for item in world.heard if isinstance(item, MessageEdited | BotJoined)]
    assert kinds[-2:] == [MessageEdited, BotJoined]
