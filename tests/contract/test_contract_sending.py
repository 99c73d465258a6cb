"""What every chat promises about what the bot does, seen by another user."""

import json
import uuid
from datetime import timedelta

import pytest
from house import TEXTS
from pictured import picture

from contract.drivers import OnMatrix, Someone, World, now
from doetank_bot.chat.matrix import MatrixChat
from doetank_bot.domain.document import Document, Heading, Paragraph, Quote, Text, paragraph
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.picture.paint import draw
from doetank_bot.ports import BotJoined, Denied, Invited, MemberChanged, MessageReceived, Picture, Sent, Style
from doetank_bot.text.picture import labels

ABSURD = [
    "half een teken \ud800 en verder",
    "@room dit is belangrijk",
    "<b>vet</b> & <script>alert(1)</script> <a href='https://x.test'>x</a>",
    "**vet** [x](https://x.test) `code` # kop",
    "\u202eomgekeerd",
    "שלום עולם and مرحبا",
    "e" + "\u0301" * 50,
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "{{question}} %(x)s {0}",
    "\x00\x07 bel",
    "https://matrix.to/#/@iemand:doetank.test",
]


def key() -> str:
    return f"o.{uuid.uuid4().hex}"


def drawn() -> Picture:
    drawing = draw(picture(), labels(picture(), TEXTS.catalogue, "nl"))
    return Picture(drawing.png, drawing.width, drawing.height, "ronde.png", "Week 5 van 8. Proeven die lopen: #23.")


async def room_with(world: World, ana: Someone) -> SpaceRef:
    space = await ana.create_room("Doetank")
    await world.enter(space, ana)
    return space


async def post(world: World, space: SpaceRef, document: Document, style: Style | None = None) -> MessageRef:
    (rendered,) = world.chat.render(document, style or Style())
    result = await world.chat.send(space, rendered.payload, key())
    assert isinstance(result, Sent)
    return MessageRef(space, result.native)


async def test_a_message_sent_three_times_with_one_key_is_there_once(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    (rendered,) = world.chat.render(paragraph("Wat ga je doen?"), Style())
    once = key()
    results = [await world.chat.send(space, rendered.payload, once) for _ in range(3)]
    assert len({result.native for result in results if isinstance(result, Sent)}) == 1
    assert await ana.said(space, world.chat.me) == ["Wat ga je doen?"]


async def test_what_the_bot_posts_comes_back_in_the_words_that_were_foretold(world: World) -> None:
    ana = await world.person("ana")
    await world.listen()
    space = await room_with(world, ana)
    root = await post(world, space, paragraph("Een draad"))
    styles = (Style(), Style(root=root), Style(reply_to=root), Style(root=root, reply_to=root, is_notice=False))
    for text, style in zip([*ABSURD, "> <@ana:doetank.test> hoi"], styles * 3, strict=False):
        document = paragraph(text)
        (rendered,) = world.chat.render(document, style)
        sent = await world.chat.send(space, rendered.payload, key())
        assert isinstance(sent, Sent)
        come = await world.hear(MessageReceived, MessageRef(space, sent.native))
        foretold = world.chat.echo(space, rendered.payload)
        for field in ("text", "is_text", "thread", "reply_to", "sender"):
            assert getattr(come, field) == getattr(foretold, field), (field, text)


async def test_another_user_sees_a_picture_once_with_its_alternative_as_text(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    assert world.chat.capabilities().has_pictures
    shown, once = drawn(), key()
    payload = json.loads(json.dumps(world.chat.picture(shown, Style())))
    results = [await world.chat.send(space, payload, once) for _ in range(2)]
    (native,) = {result.native for result in results if isinstance(result, Sent)}
    message = MessageRef(space, native)
    assert await ana.said(space, world.chat.me) == [shown.alternative]
    assert await ana.looks_at(message) == shown.png
    seen = await ana.sees(message)
    assert seen is not None
    assert (seen.mentions, seen.thread, seen.reply_to) == ([], None, None)
    assert await world.chat.fetch(message) is None


async def test_a_picture_stands_in_its_thread_and_can_be_deleted(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    digest = await post(world, space, paragraph("Weekbericht 1"))
    sent = await world.chat.send(space, world.chat.picture(drawn(), Style(root=digest)), key())
    assert isinstance(sent, Sent)
    message = MessageRef(space, sent.native)
    seen = await ana.sees(message)
    assert seen is not None
    assert seen.thread == digest.native
    assert isinstance(await world.chat.delete(message, key()), Sent)
    assert await ana.sees(message) is None


async def test_others_see_thread_reply_mention_and_notice(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await room_with(world, ana)
    asked = await ana.say(space, "!help")
    answer = await post(world, space, paragraph("Dit kun je doen."), Style(reply_to=asked))
    prompt = await post(world, space, paragraph("Ga kijken."), Style(is_notice=False, mentions=(bo.user,)))
    follow_up = await post(world, space, paragraph("Bewaard."), Style(root=prompt))
    threaded = await post(world, space, paragraph("Bewaard."), Style(root=prompt, reply_to=asked))

    seen = await ana.sees(answer)
    assert seen is not None
    assert (seen.is_notice, seen.reply_to, seen.thread, seen.mentions) == (True, asked.native, None, [])
    seen = await ana.sees(prompt)
    assert seen is not None
    assert (seen.is_notice, seen.reply_to, seen.thread, seen.mentions) == (False, None, None, [bo.user.native])
    seen = await ana.sees(follow_up)
    assert seen is not None
    assert (seen.reply_to, seen.thread) == (None, prompt.native)
    seen = await ana.sees(threaded)
    assert seen is not None
    assert (seen.reply_to, seen.thread) == (asked.native, prompt.native)


async def test_an_edit_is_seen_in_place(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    digest = await post(world, space, paragraph("Weekbericht 1"))
    (changed,) = world.chat.render(paragraph("Weekbericht 1, aangepast"), Style())
    once = key()
    assert isinstance(await world.chat.edit(digest, changed.payload, once), Sent)
    assert await world.chat.edit(digest, changed.payload, once) == await world.chat.edit(digest, changed.payload, once)
    seen = await ana.sees(digest)
    assert seen is not None
    assert (seen.text, seen.is_edited, seen.mentions) == ("Weekbericht 1, aangepast", True, [])


async def test_a_deleted_message_is_gone_for_others_and_deleting_again_is_fine(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    message = await post(world, space, paragraph("Weg ermee"))
    assert isinstance(await world.chat.delete(message, key()), Sent)
    assert isinstance(await world.chat.delete(message, key()), Sent)
    assert await ana.sees(message) is None
    assert await world.chat.fetch(message) is None


async def test_a_sign_stands_on_the_message_once_also_with_another_key(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    answer = await ana.say(space, "Ik bel de buurt.")
    for _ in range(2):
        assert isinstance(await world.chat.react(answer, "✅", key()), Sent)
    seen = await ana.sees(answer)
    assert seen is not None
    assert seen.reactions == ["✅"]


async def test_joining_and_leaving_twice_is_doing_it_once(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    assert isinstance(await world.chat.join(space), Sent)
    for _ in range(2):
        assert isinstance(await world.chat.leave(space), Sent)
    assert isinstance(await world.chat.join(space), Denied)


async def test_where_the_bot_is_not_it_may_not_write(world: World) -> None:
    ana = await world.person("ana")
    space = await ana.create_room("Zonder bot")
    (rendered,) = world.chat.render(paragraph("Hallo"), Style())
    assert isinstance(await world.chat.send(space, rendered.payload, key()), Denied)
    assert isinstance(await world.chat.join(space), Denied)


async def test_a_private_chat_opens_once_for_a_key_and_is_known_as_private(world: World) -> None:
    await world.listen()
    ana = await world.person("ana")
    one, other = key(), key()
    first = await world.chat.private(ana.user, one)
    assert isinstance(first, Sent)
    assert await world.chat.private(ana.user, one) == first
    assert await world.chat.private(ana.user, other) != first
    space = SpaceRef(ana.user.account, first.native)
    assert (await world.hear(BotJoined, space=space)).is_private
    assert isinstance(
        await world.chat.send(space, world.chat.render(paragraph("Hoi"), Style())[0].payload, key()), Sent
    )


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_power_is_what_the_homeserver_says_now(world: World, version: str) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await ana.create_room("Doetank", version=version)
    await world.enter(space, ana)
    assert await world.chat.may_moderate(ana.user, space)
    assert not await world.chat.may_moderate(bo.user, space)
    await ana.bring(space, bo)
    assert not await world.chat.may_moderate(bo.user, space)
    await ana.set_power(space, bo, 50)
    assert await world.chat.may_moderate(bo.user, space)
    await ana.set_power(space, bo, 49)
    assert not await world.chat.may_moderate(bo.user, space)
    await ana.set_power(space, bo, 50)
    await bo.leave(space)
    assert not await world.chat.may_moderate(bo.user, space)
    await ana.kick_bot(space)
    assert not await world.chat.may_moderate(ana.user, space)
    nowhere = SpaceRef(space.account, "!nergens:doetank.test")
    assert not await world.chat.may_moderate(ana.user, nowhere)


@pytest.mark.parametrize("text", ABSURD)
async def test_absurd_words_come_out_literal_and_ping_nobody(world: World, text: str) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    quoted = Quote(number=1, text=text, author=text, source=MessageRef(space, "$bron"))
    document = Document(blocks=(Heading(line=(Text(text=text),)), Paragraph(lines=((quoted,),))))
    message = await post(world, space, document)
    seen = await ana.sees(message)
    assert seen is not None
    assert seen.mentions == []
    for words in ("@room", "<b>vet</b>", "[x](https://x.test)", "שלום עולם", "👩‍👩‍👧‍👦", "{{question}}", "bel"):
        assert (words in seen.text) == (words in text)


async def test_what_went_out_is_found_by_its_key(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    before = now() - timedelta(minutes=1)
    (rendered,) = world.chat.render(paragraph("Wat ga je doen?"), Style())
    once = key()
    sent = await world.chat.send(space, rendered.payload, once)
    for _ in range(3):
        await post(world, space, paragraph("Iets anders"))
    assert isinstance(sent, Sent)
    assert await world.chat.find(space, once, before) == sent.native
    assert await world.chat.find(space, key(), before) is None
    assert await world.chat.find(space, once, now() + timedelta(minutes=1)) is None


async def test_fetch_gives_the_newest_edit_by_the_author_and_no_other(world: World) -> None:
    ana, bo = await world.person("ana"), await world.person("bo")
    space = await room_with(world, ana)
    await ana.bring(space, bo)
    answer = await ana.say(space, "een")
    await ana.edit(answer, "twee")
    await ana.edit(answer, "drie")
    await bo.edit(answer, "vervalst")
    kept = await world.chat.fetch(answer)
    assert kept is not None
    assert (kept.author, kept.text) == (ana.user, "drie")
    await ana.delete(answer)
    assert await world.chat.fetch(answer) is None
    assert await world.chat.fetch(await ana.send_picture(space)) is None
    assert await world.chat.fetch(MessageRef(space, "$bestaat-niet")) is None


async def test_the_person_in_a_private_chat_is_told_when_they_come_in(world: World) -> None:
    await world.listen()
    ana = await world.person("ana")
    space = await ana.open_private()
    assert isinstance(await world.chat.join(space), Sent)
    joined = await world.hear(BotJoined, space=space)
    assert joined.is_private
    assert joined.inviter == ana.user
    assert joined.members == ((ana.user, "ana"),)
    assert not [item for item in world.heard if isinstance(item, MemberChanged)]


async def test_an_unknown_user_is_no_moderator_and_asks_no_more_than_that(world: World) -> None:
    ana = await world.person("ana")
    space = await room_with(world, ana)
    stranger = UserRef(world.chat.me.account, "@niemand:nergens.test")
    assert not await world.chat.may_moderate(stranger, space)


async def test_nobody_is_pinged_by_words_on_a_real_homeserver(matrix: World) -> None:
    ana = await matrix.person("ana")
    space = await room_with(matrix, ana)
    assert isinstance(ana, OnMatrix)
    for text in (*ABSURD, f"hallo {ana.user.native} en @room"):
        await post(matrix, space, paragraph(text), Style(is_notice=False))
    assert await ana.highlights(space) == 0
    await post(matrix, space, paragraph("jij daar"), Style(is_notice=False, mentions=(ana.user,)))
    assert await ana.highlights(space) == 1


async def test_a_stranger_may_not_invite(matrix: World) -> None:
    assert isinstance(matrix.chat, MatrixChat)
    matrix.chat._sync._allowed = ("@*:elders.test",)
    ana = await matrix.person("ana")
    space = await ana.create_room("Doetank")
    await ana.invite_bot(space)
    assert not (await matrix.hear(Invited, space=space)).is_allowed


async def test_someone_who_left_their_private_chat_is_not_asked_again_by_the_same_key(matrix: World) -> None:
    ana = await matrix.person("ana")
    once = key()
    opened = await matrix.chat.private(ana.user, once)
    assert isinstance(opened, Sent)
    await ana.leave(SpaceRef(ana.user.account, opened.native))
    assert await matrix.chat.private(ana.user, once) == opened
    assert isinstance(ana, OnMatrix)
    assert await ana.membership(SpaceRef(ana.user.account, opened.native), ana.user) == "leave"


async def test_a_private_chat_shows_no_alias_as_its_name(matrix: World) -> None:
    ana = await matrix.person("ana")
    opened = await matrix.chat.private(ana.user, key())
    assert isinstance(opened, Sent)
    assert isinstance(ana, OnMatrix)
    space = SpaceRef(ana.user.account, opened.native)
    await ana.accept(space)
    assert await ana.state(space, "m.room.canonical_alias") == {}
    assert await ana.may_write(space)


async def test_600_messages_in_a_gap_are_all_read_in_bounded_pages(matrix: World) -> None:
    ana = await matrix.person("ana")
    space = await room_with(matrix, ana)
    await matrix.listen()
    for number in range(600):
        await ana.say(space, str(number))
    last = await ana.say(space, "600")
    await matrix.hear(MessageReceived, last)
    heard = [item.text for item in matrix.heard if isinstance(item, MessageReceived)]
    assert heard == [str(number) for number in range(601)]
