"""What every chat promises about what the bot hears."""

import uuid

from contract.drivers import Someone, World
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.ports import (
    BotJoined,
    BotLeft,
    Invited,
    MemberChanged,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Sent,
    Style,
)


async def settled(world: World, ana: Someone) -> SpaceRef:
    """A room where the bot is in, and has heard so."""
    await world.listen()
    space = await ana.create_room("Doetank")
    await world.enter(space, ana)
    await world.hear(BotJoined, space=space)
    return space


def texts(world: World, space: SpaceRef) -> list[str]:
    return [item.text for item in world.heard if isinstance(item, MessageReceived) and item.ref.space == space]


async def test_an_invitation_is_heard_with_who_asks_and_whether_they_may(world: World) -> None:
    await world.listen()
    ana = await world.person("ana")
    space = await ana.create_room("Doetank")
    await ana.invite_bot(space)
    invited = await world.hear(Invited, space=space)
    assert (invited.inviter, invited.is_direct, invited.is_allowed) == (ana.user, False, True)
    private = await ana.open_private()
    assert (await world.hear(Invited, space=private)).is_direct


async def test_a_second_invitation_is_another_one(world: World) -> None:
    await world.listen()
    ana = await world.person("ana")
    space = await ana.create_room("Doetank")
    await ana.invite_bot(space)
    first = await world.hear(Invited, space=space)
    await world.chat.leave(space)
    await ana.invite_bot(space)
    while len({item.ref for item in world.heard if isinstance(item, Invited)}) < 2:
        await world.listen()
    assert first.ref in {item.ref for item in world.heard}


async def test_nothing_from_before_its_own_join_is_heard(world: World) -> None:
    await world.listen()
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await ana.create_room("Doetank")
    await ana.bring(space, bo)
    await ana.say(space, "!cycle start")
    await world.enter(space, ana)
    await ana.say(space, "hallo bot")
    await world.hear(MessageReceived, space=space)
    joined = await world.hear(BotJoined, space=space)
    assert texts(world, space) == ["hallo bot"]
    assert world.heard.index(joined) < len(world.heard) - 1
    assert (joined.name, joined.is_private, joined.inviter) == ("Doetank", False, ana.user)
    assert dict(joined.members) == {ana.user: "ana", bo.user: "bo"}


async def test_a_bot_that_starts_from_nothing_learns_where_it_is_and_hears_no_old_words(world: World) -> None:
    ana = await world.person("ana")
    space = await ana.create_room("Doetank")
    await world.enter(space, ana)
    await ana.say(space, "!cycle start")
    asked = await ana.create_room("Tweede")
    await ana.invite_bot(asked)
    await world.listen()
    joined = await world.hear(BotJoined, space=space)
    assert joined.ref.native.startswith("state:")
    assert (joined.name, dict(joined.members)) == ("Doetank", {ana.user: "ana"})
    assert (await world.hear(Invited, space=asked)).inviter == ana.user
    late = await ana.say(space, "nieuw")
    await world.hear(MessageReceived, late)
    assert texts(world, space) == ["nieuw"]


async def test_120_messages_and_a_newcomer_while_away_are_all_heard_once_in_order(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await settled(world, ana)
    world.restart(world.cursor)
    for number in range(60):
        await ana.say(space, str(number))
    await ana.bring(space, bo)
    for number in range(60, 120):
        await ana.say(space, str(number))
    last = await ana.say(space, "120")
    await world.hear(MessageReceived, last)
    assert texts(world, space) == [str(number) for number in range(121)]
    changes = [item for item in world.heard if isinstance(item, MemberChanged)]
    assert [(item.user, item.is_in) for item in changes] == [(bo.user, True)]
    assert len({item.ref for item in world.heard}) == len(world.heard)


async def test_a_batch_asked_for_again_is_the_same(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    world.restart(world.cursor)
    cursor = world.cursor
    await ana.say(space, "een")
    two = await ana.say(space, "twee")
    await world.hear(MessageReceived, two)
    before = list(world.heard)
    world.restart(cursor)
    await world.hear(MessageReceived, two)
    assert world.heard == before


async def test_threads_replies_and_mentions_are_heard_as_they_were_meant(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    root = await ana.say(space, "begin")
    in_thread = await ana.say(space, "antwoord", thread=root)
    reply_in_thread = await ana.say(space, "op antwoord", thread=root, reply_to=in_thread)
    reply = await ana.say(space, "reactie", reply_to=root)
    mention = await ana.say(space, "hee", mentions=world.chat.me)
    heard = await world.hear(MessageReceived, in_thread)
    assert (heard.thread, heard.reply_to, heard.is_bot, heard.mentions_me) == (root, None, False, False)
    heard = await world.hear(MessageReceived, reply_in_thread)
    assert (heard.thread, heard.reply_to) == (root, in_thread)
    heard = await world.hear(MessageReceived, reply)
    assert (heard.thread, heard.reply_to) == (None, root)
    assert (await world.hear(MessageReceived, mention)).mentions_me


async def test_a_picture_is_heard_without_a_text(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    heard = await world.hear(MessageReceived, await ana.send_picture(space))
    assert (heard.is_text, heard.text) == (False, "")


async def test_an_edit_says_who_made_it_forged_or_not(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await settled(world, ana)
    await ana.bring(space, bo)
    message = await ana.say(space, "een")
    own = await world.hear(MessageEdited, await ana.edit(message, "twee"))
    forged = await world.hear(MessageEdited, await bo.edit(message, "vervalst"))
    assert (own.target, own.editor, own.text) == (message, ana.user, "twee")
    assert (forged.target, forged.editor, forged.text) == (message, bo.user, "vervalst")


async def test_a_deletion_is_heard_by_the_author_or_a_moderator(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await settled(world, ana)
    await ana.bring(space, bo)
    own, moderated = await bo.say(space, "een"), await bo.say(space, "twee")
    assert (await world.hear(MessageDeleted, await bo.delete(own))).target == own
    assert (await world.hear(MessageDeleted, await ana.delete(moderated))).target == moderated


async def test_our_own_messages_come_back_with_their_key(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    (rendered,) = world.chat.render(paragraph("Wat ga je doen?"), Style())
    keys = [uuid.uuid4().hex for _ in range(3)]
    sent = await world.chat.send(space, rendered.payload, keys[0])
    assert isinstance(sent, Sent)
    message = MessageRef(space, sent.native)
    await world.chat.edit(message, rendered.payload, keys[1])
    heard = await world.hear(MessageReceived, message)
    assert (heard.key, heard.is_bot, heard.sender) == (keys[0], True, world.chat.me)
    edited = await world.hear(MessageEdited, space=space)
    assert (edited.key, edited.editor) == (keys[1], world.chat.me)
    await world.chat.delete(message, keys[2])
    assert (await world.hear(MessageDeleted, space=space)).key == keys[2]


async def test_who_comes_goes_and_is_called_otherwise_is_heard(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await settled(world, ana)
    await ana.bring(space, bo)
    await bo.rename("Bo de Vries")
    while "Bo de Vries" not in [item.name for item in world.heard if isinstance(item, MemberChanged)]:
        await world.listen()
    await bo.leave(space)
    await world.hear(MessageReceived, await ana.say(space, "klaar"))
    changes = [item for item in world.heard if isinstance(item, MemberChanged)]
    assert [(item.user, item.name, item.is_in) for item in changes] == [
        (bo.user, "bo", True),
        (bo.user, "Bo de Vries", True),
        (bo.user, None, False),
    ]


async def test_what_was_said_before_the_bot_was_put_out_while_away_is_heard(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    world.restart(world.cursor)
    await ana.say(space, "nog net")
    await ana.kick_bot(space)
    await ana.say(space, "zonder bot")
    await world.hear(BotLeft, space=space)
    assert texts(world, space) == ["nog net"]


async def test_what_was_said_between_being_put_out_and_coming_back_is_not_heard(world: World) -> None:
    ana = await world.person("ana")
    space = await settled(world, ana)
    world.restart(world.cursor)
    await ana.say(space, "voor")
    await ana.kick_bot(space)
    await ana.say(space, "zonder bot")
    await world.enter(space, ana)
    last = await ana.say(space, "na")
    await world.hear(MessageReceived, last)
    assert texts(world, space) == ["voor", "na"]
    kinds = [type(item) for item in world.heard if isinstance(item, BotJoined | BotLeft)]
    assert kinds == [BotLeft, BotJoined]
